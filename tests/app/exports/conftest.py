"""The worker of these tests comes by when they say so."""

import shutil
from collections.abc import Iterator

import pytest

from app import jobs
from app.exports import work as working
from world import World


@pytest.fixture(autouse=True)
def calls(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Calls are noted, not followed: the test says when a worker comes by."""
    noted: list[str] = []
    monkeypatch.setitem(world.app.extensions, "wake", noted.append)
    monkeypatch.setattr(working, "CHUNK", 3)
    shutil.rmtree(world.app.config["SETTINGS"].instance / "exports", ignore_errors=True)
    jobs.stopping.clear()
    yield noted
    jobs.stopping.clear()
