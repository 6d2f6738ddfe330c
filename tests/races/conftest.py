"""The processes that race, for every test of this folder."""

from collections.abc import Iterator

import pytest
from servers import Servers

from engines import Store
from world import World


@pytest.fixture(scope="session")
def processes() -> Iterator[Servers]:
    """Four processes, started when the first race asks for them."""
    made = Servers()
    yield made
    made.close()


@pytest.fixture
def servers(processes: Servers, store: Store, world: World) -> Iterator[Servers]:
    """The processes on the named province; they let go before the database is replaced."""
    processes.open(store)
    yield processes
    processes.rest()
