"""A job rests where more wants to run than there are cores, in the worker's threads only."""

import os
import threading
import time

import pytest

from app import jobs


@pytest.mark.parametrize(("patient", "load", "rests"), [(True, 99.0, 1), (True, 0.0, 0), (False, 99.0, 0)])
def test_a_job_makes_room(monkeypatch: pytest.MonkeyPatch, patient: bool, load: float, rests: int) -> None:
    waited: list[float] = []

    class Watched(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0.0)
            return False

    manners = threading.local()
    manners.patient = patient
    monkeypatch.setattr(jobs, "_manners", manners)
    monkeypatch.setattr(jobs, "stopping", Watched())
    monkeypatch.setattr(os, "getloadavg", lambda: (load, load, load))
    jobs._make_room(time.monotonic() - 10)
    assert waited == [jobs.LONGEST_REST] * rests
