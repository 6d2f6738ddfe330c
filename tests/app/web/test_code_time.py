"""A wrong code is refused a fixed time after it came, by whatever work its number made (C8). Nothing sleeps here."""

from types import SimpleNamespace
from typing import Any

import pytest
from phone_browser import tab
from test_code_door import UNKNOWN, cadre

from app.administration import codes
from world import World


def waits(world: World, monkeypatch: pytest.MonkeyPatch, work: float) -> list[float]:
    """How long the refusal of a wrong code is put off, for a known and an unknown number, after so much work."""
    found: list[float] = []
    for phone in (cadre(world), UNKNOWN):
        browser: Any = tab(world, None)
        browser.get("/m/login")
        assert browser.post("/m/login", {"phone": phone}).status_code == 303
        browser.get("/m/login/code")
        times = iter((100.0, 100.0 + work))
        monkeypatch.setattr(codes, "time", SimpleNamespace(monotonic=lambda: next(times), sleep=found.append))  # noqa: B023
        assert browser.post("/m/login/code", {"code": "000000"}).status_code == 422
    return found


@pytest.mark.parametrize("work", [0.002, 0.006, 0.049, 0.063])
def test_a_refusal_ends_at_a_round_moment(world: World, monkeypatch: pytest.MonkeyPatch, work: float) -> None:
    found = waits(world, monkeypatch, work)
    assert len(found) == 2, "known and unknown are put off alike"
    for each in found:
        assert 0 <= each < codes.EVEN
        assert round((work + each) / codes.EVEN, 6) in (1, 2)
