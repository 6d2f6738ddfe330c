"""Decisions: opened, listed, counted, searched, exported and explained agree, and with the rules (must show 2)."""

import os
import time
from collections.abc import Iterator
from random import Random

import pytest
from doing import Doing
from five_answers import Disagreement, Questions
from flask import Flask
from ground import Ground, cheap_passwords, grow
from sequences import Tally, run, steps_of

from permissions import needs
from tenants.scope import Scope

FULL = os.environ.get("YINLING_TEST_FULL") == "1"
PARTS, EACH = (20, 5_000) if FULL else (1, 5_000)


@pytest.fixture
def ground(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """An empty database to grow provinces in."""
    cheap_passwords(monkeypatch)
    made = Ground(app)
    yield made
    made.close()


def ask_about(ground: Ground, seed: int, *, most: int) -> Questions:
    """A province some acts later, and everybody in it asked about everything; at most so many triples."""
    doing = Doing.begin(ground, grow(ground, seed))
    run(ground, doing.made, steps_of(seed, 8), Tally(), begun=doing)
    asked, drawn = Questions(doing), Random(seed)
    everybody = sorted(doing.made.rules.sessions)
    for who in drawn.sample(everybody, len(everybody)):
        if asked.triples < most:
            asked.ask_all(who, exports=drawn.random() < 0.3)
    return asked


@pytest.mark.parametrize("part", range(PARTS))
def test_five_answers_are_one(ground, engine_name, capsys, part):
    began, triples, exports, provinces = time.process_time(), 0, 0, 0
    while triples < EACH:
        asked = ask_about(ground, 31_000 * (part + 1) + provinces, most=EACH - triples)
        triples, exports, provinces = triples + asked.triples, exports + asked.exports, provinces + 1
    with capsys.disabled():
        print(f"\n{engine_name}, part {part}: {triples:,} triples in {provinces} provinces, {exports} exports read, "  # noqa: T201
              f"0 disagreements; {time.process_time() - began:.0f} s of its own CPU")
    assert triples >= EACH


def _ask_everybody(asked: Questions) -> None:
    for who in sorted(asked.doing.made.rules.sessions):
        asked.ask_all(who, exports=False)


def lists_are_wider(patch: pytest.MonkeyPatch) -> None:
    """Planted: lists do not look at columns."""
    patch.setattr(needs, "_answers", lambda *_told: True)


def one_by_one_is_wider(patch: pytest.MonkeyPatch) -> None:
    """Planted: what is opened by itself is found anywhere and not asked about."""
    patch.setattr(needs, "require", lambda *_told: None)
    patch.setattr("permissions.guard.sight", lambda *_told, **_more: Scope.everything("a planted fault"))


@pytest.mark.parametrize("plant", [lists_are_wider, one_by_one_is_wider])
def test_a_planted_fault_parts_the_answers(ground, monkeypatch, plant):
    base = grow(ground, 5)
    asked = Questions(Doing.begin(ground, base))
    plant(monkeypatch)
    with pytest.raises(Disagreement):
        _ask_everybody(asked)

