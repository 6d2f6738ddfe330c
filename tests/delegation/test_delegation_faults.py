"""Each planted fault is seen by the machine within a few sequences; what was seen, and after how many, is printed."""

import os
from collections.abc import Iterator

import pytest
from flask import Flask
from ground import Ground, cheap_passwords, grow
from planted import FAULTS as ACTS
from planted import Fault
from planted_handing import FAULTS as HANDING
from sequences import hunt

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


def test_there_are_faults_enough() -> None:
    assert len({fault.name for fault in FAULTS}) >= 63
