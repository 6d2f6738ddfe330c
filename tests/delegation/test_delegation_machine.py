"""Delegation, proved: the product beside the written rules over random provinces and random acts (must show 1, K3)."""

import os
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from ground import Ground, cheap_passwords
from sequences import sequences

FULL = os.environ.get("YINLING_TEST_FULL") == "1"
PARTS, EACH = (40, 250) if FULL else (1, 40)


@pytest.fixture
def ground(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """An empty database to grow provinces in."""
    cheap_passwords(monkeypatch)
    made = Ground(app)
    yield made
    made.close()


@pytest.mark.parametrize("part", range(PARTS))
def test_every_sequence_ends_as_it_is_written(ground, engine_name, capsys, part):
    began = time.process_time()

    def say(breach: str) -> None:
        """Before it is shrunk: whoever cuts the run short has seen it."""
        with capsys.disabled():
            print(f"\n{engine_name}, part {part}: {breach}", flush=True)  # noqa: T201

    tally = sequences(ground, EACH, length=12, each=25, seed=20_261_121 + 100_000 * part, say=say)
    with capsys.disabled():
        print(f"\n{engine_name}, part {part}: {tally.sequences:,} sequences, {tally.acts:,} acts "  # noqa: T201
              f"({tally.done:,} done, the others refused), {tally.lists:,} lists compared with the rules, 0 breaches; "
              f"{(time.process_time() - began) / tally.sequences:.3f} s of its own CPU each")
    assert tally.sequences == EACH
    assert tally.done > tally.acts / 4
