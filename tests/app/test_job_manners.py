"""A job rests where more wants to run than there are cores, in the worker's threads only."""

import os
import threading
from types import SimpleNamespace

import pytest

from app import jobs
from app.timing.redate_job import KIND


@pytest.mark.parametrize(("rest", "load", "took", "kind", "rests"), [
    (2.0, 99.0, 10.0, "cadre_import", 3.0), (2.0, 99.0, 1.0, "cadre_import", 2.0), (2.0, 99.0, 4.0, KIND, 2.0),
    (2.0, 0.0, 10.0, KIND, None), (0.0, 99.0, 10.0, KIND, None)])
def test_a_job_makes_room(monkeypatch: pytest.MonkeyPatch, rest: float, load: float, took: float, kind: str,
                          rests: float | None) -> None:
    waited: list[float] = []

    class Watched(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0.0)
            return False

    manners = threading.local()
    manners.rest = rest
    monkeypatch.setattr(jobs, "_manners", manners)
    monkeypatch.setattr(jobs, "stopping", Watched())
    monkeypatch.setattr(os, "getloadavg", lambda: (load, load, load))
    monkeypatch.setattr(jobs, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    jobs._make_room(1000.0 - took, kind)
    assert waited == ([] if rests is None else [rests])
