"""Tests of the application log in a thousand times; they do it with a cheap hash, and one test holds the dear one."""

import pytest
from argon2 import PasswordHasher

from permissions import passwords

CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@pytest.fixture(autouse=True)
def _cheap_hashing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "dear_hashing" not in request.fixturenames:
        passwords._decoy.cache_clear()
        monkeypatch.setattr(passwords, "_hasher", lambda: CHEAP)


@pytest.fixture
def dear_hashing() -> None:
    """The hash as it is in service."""
    passwords._decoy.cache_clear()
