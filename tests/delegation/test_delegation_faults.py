"""Each planted fault is seen by the machine within a few sequences; what was seen, and after how many, is printed."""

import os
from collections.abc import Iterator
from unittest.mock import Mock

import pytest
from flask import Flask
from ground import Ground, cheap_passwords, grow
from planted import FAULTS as ACTS
from planted import Fault
from planted_handing import FAULTS as HANDING
from sequences import Breach, hunt, sequences, shrunk

FULL = os.environ.get("YINLING_TEST_FULL") == "1"
MOST = 120
FAULTS = (*ACTS, *HANDING)


@pytest.fixture(params=("sqlite", "postgresql") if FULL else ("sqlite",))
def engine_name(request: pytest.FixtureRequest) -> str:
    """A fault is a fault on either engine; the long profile looks on both."""
    return str(request.param)


@pytest.fixture
def ground(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """An empty database to grow a province in."""
    cheap_passwords(monkeypatch)
    made = Ground(app)
    yield made
    made.close()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "_"))
def test_a_planted_fault_is_seen(ground: Ground, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
                                 fault: Fault) -> None:
    base = grow(ground, 5)
    with monkeypatch.context() as patch:
        fault.plant(patch)
        found = hunt(ground, base, fault.often, most=MOST)
    assert found is not None, f"nobody saw: {fault.name}"
    assert "answered 500" not in found[1] or fault.breaks, found[1]
    with capsys.disabled():
        print(f"\n{fault.name}: after {found[0]} sequences, {found[1]:.150}")  # noqa: T201  the table


def test_a_breach_is_told_at_once_and_then_shrunk(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    with monkeypatch.context() as patch:
        next(each for each in FAULTS if each.name == "sessions outlive what ends them").plant(patch)
        patch.setattr("sequences.shrunk", lambda _ground, _base, steps: said.append("shrunk") or steps[-1:])
        with pytest.raises(Breach) as caught:
            sequences(ground, 200, length=12, each=100, seed=5, say=said.append)
    assert len(said) == 2 and "sessions differ" in said[0] and "in province 5, sequence" in said[0]
    assert str(caught.value).startswith(said[0]) and "shortest way" in str(caught.value)


def test_shrinking_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []
    monkeypatch.setattr("sequences._fails", lambda *told: tried.append(told))
    steps = [(place, place) for place in range(100)]
    assert shrunk(Mock(), Mock(), steps) == steps and len(tried) == 40


def test_there_are_faults_enough() -> None:
    assert len({fault.name for fault in FAULTS}) >= 63
