"""Ranges, scopes and statements against a tree walked the slow way, through hundreds of moves, closes and openings."""

import os

import pytest
from flask import Flask
from sqlalchemy import select
from walk import WHOLE, Walk, twin_ids

from app.jobs import Job
from second_lock import policies_open
from tenants import provision, tree
from tenants.db import begin_write, db
from tenants.models import Unit
from tenants.numbering import Range
from tenants.scope import NOTHING, Scope

STEPS = 2_000 if os.environ.get("YINLING_TEST_FULL") else 220


@pytest.fixture(autouse=True)
def _twins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provision, "new_id", twin_ids())


def covered(walk: Walk, ranges: tuple[Range, ...]) -> set[str]:
    """The units whose numbers the ranges cover."""
    return {unit for unit, number in walk.model.number.items() if any(low <= number <= high for low, high in ranges)}


def check_ranges(walk: Walk, unit_id: str) -> None:
    """A unit's ranges are its subtree exactly, in as few runs as there can be."""
    ranges = tree.ranges_below(walk.unit(unit_id))
    assert covered(walk, ranges) == walk.model.below(unit_id), unit_id
    assert len(ranges) == walk.model.runs(unit_id)
    assert list(ranges) == sorted(ranges)


def check_tree(walk: Walk) -> None:
    """Parents, numbers, depths, paths and closings are the model's."""
    for unit in db.session.execute(WHOLE.select(Unit)).scalars():
        upward = walk.model.upward(unit.id)
        assert unit.path == f"/{'/'.join(reversed(upward))}/"
        assert (unit.depth, unit.parent_id) == (len(upward), walk.model.parent[unit.id])
        assert unit.number == walk.model.number[unit.id]
        assert (unit.status == "closed") == (unit.id in walk.model.closed)


def scopes_of(walk: Walk) -> list[tuple[Scope, set[str]]]:
    """Scopes of all the shapes there are, with the units the model says they hold."""
    one, two = (walk.unit(each) for each in walk.drawn.sample(walk.model.units, 2))
    below_one, below_two = walk.model.below(one.id), walk.model.below(two.id)
    whole = set(walk.model.units)
    return [
        (tree.below(one), below_one), (tree.here(one), {one.id}), (NOTHING, set()), (WHOLE, whole),
        (tree.below(one).joined(tree.below(two)), below_one | below_two),
        (tree.below(one).narrowed(tree.below(two)), below_one & below_two),
        (tree.below(one).narrowed(WHOLE), below_one), (WHOLE.narrowed(tree.here(two)), {two.id}),
        (tree.below(one).joined(WHOLE), whole), (WHOLE.joined(tree.here(one)), whole),
        (NOTHING.joined(tree.here(two)), {two.id}), (tree.below(two).narrowed(NOTHING), set()),
    ]


def check_statements(walk: Walk) -> int:
    """select, update, delete, clause and covers pick the model's rows; nothing of it is committed."""
    checked = 0
    for scope, units in scopes_of(walk):
        rows = {row for row, owner in walk.row_of.items() if owner in units}
        assert {unit for unit, number in walk.model.number.items() if scope.covers(number)} == units
        assert bool(scope) == bool(units)
        assert set(db.session.execute(scope.select(Unit, Unit.id)).scalars()) == units
        assert {job.id for job in db.session.execute(scope.select(Job)).scalars()} == rows
        joined = scope.mark(select(Job.id).join(Unit, Unit.id == Job.unit_id).where(scope.both(Job, Unit)))
        assert set(db.session.execute(joined).scalars()) == rows
        checked += _check_writes(scope, rows, walk)
    return checked + 5 * len(walk.model.units)


def _check_writes(scope: Scope, rows: set[str], walk: Walk) -> int:
    begin_write()
    done = {"synchronize_session": False}
    db.session.execute(scope.update(Job).values(kind="touched").execution_options(**done))
    assert set(db.session.execute(WHOLE.select(Job, Job.id).where(Job.kind == "touched")).scalars()) == rows
    db.session.execute(scope.delete(Job).execution_options(**done))
    assert set(db.session.execute(WHOLE.select(Job, Job.id)).scalars()) == set(walk.row_of) - rows
    db.session.rollback()
    return len(walk.row_of)


def take_a_walk(app: Flask, *, seed: int, steps: int) -> Walk:
    """Walk, and compare after every step; everything at every tenth."""
    walk = Walk(app, seed)
    for number in range(steps):
        touched = walk.step()
        with app.app_context():
            whole = number % 10 == 9
            some = walk.model.units if whole else [touched, *walk.drawn.choices(walk.model.units, k=4)]
            for unit_id in some:
                check_ranges(walk, unit_id)
            if whole:
                check_tree(walk)
                check_statements(walk)
            db.session.rollback()
    return walk


def test_ranges_scopes_and_statements_equal_the_model_on_every_step(app):
    walk = take_a_walk(app, seed=20_260_610, steps=STEPS)
    assert walk.done > STEPS // 2 and walk.refused > STEPS // 20
    assert len(walk.model.closed) > 5
    assert max(walk.model.runs(unit) for unit in walk.model.units) > 2
    assert len(set(walk.model.number.values())) == len(walk.model.number)


def forget_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: ranges are kept whatever becomes of the tree."""
    monkeypatch.setattr(tree, "version", lambda: 1)


def forget_the_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a subtree is taken for one run from its lowest number to its highest."""
    real = tree._measure
    monkeypatch.setattr(tree, "_measure", lambda path: ((real(path)[0][0], real(path)[-1][1]),))


def compare_without_the_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: `/1/1` is taken for a part of `/1/11/` (M6)."""
    monkeypatch.setattr(tree, "span", lambda path: (path[:-1], f"{path[:-1]}~"))


def join_by_and(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: two scopes joined are the first of them."""
    monkeypatch.setattr(Scope, "joined", lambda self, _other: self)


def narrow_to_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: narrowing takes the filter's scope for the caller's."""
    monkeypatch.setattr(Scope, "narrowed", lambda _self, other: other)


def none_means_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a scope of no ranges filters nothing (RuoYi, 2023-03)."""
    real = Scope.clause
    monkeypatch.setattr(Scope, "clause", lambda self, model: real(self, model) if self else real(WHOLE, model))
    policies_open(monkeypatch)


FAULTS = (forget_versions, forget_the_gaps, compare_without_the_slash, join_by_and, narrow_to_the_other,
          none_means_all)


@pytest.mark.parametrize("plant", FAULTS)
def test_a_planted_fault_is_caught_by_the_walk(app, monkeypatch, plant):
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        take_a_walk(app, seed=20_260_610, steps=120)
