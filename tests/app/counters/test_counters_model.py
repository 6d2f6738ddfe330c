"""Counters against a count by hand through random writing, moving, merging, folding and a turning month."""

import random
from collections import Counter as Tally
from datetime import date, timedelta
from typing import Any

import pytest

import factories
from app import registry
from app.counters import folding, totals
from app.counters.model import CADRES, Counter, CounterDelta
from app.people.model import Cadre
from app.records.model import Record
from app.reports import counter_check
from app.reports.figures import Asked, figures
from permissions import transaction
from permissions.audit import AuditEntry
from permissions.grants import Filing, Seat
from rows import run
from tenants import clock, provision, tree
from tenants.db import db
from tenants.errors import Refusal
from tenants.models import Unit
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test writes everywhere")
STEPS = 90


class Walk:
    """Random acts on a province; after each the counters must say what the records say."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.drawn, self.day = world, random.Random(seed), date(2026, 6, 10)
        self.done: Tally[str] = Tally()

    def step(self) -> None:
        act = self.drawn.choice([self.write, self.write, self.write, self.enter, self.remove, self.redate, self.move,
                                 self.merge, self.fold, self.turn, self.forget, self.open_file])
        with self.world.app.app_context():
            try:
                with transaction.act("tests"):
                    act()
                    transaction.audit.record("tests:step", "unit", None, tree.root())
                self.done[act.__name__] += 1
            except Refusal:
                self.done["refused"] += 1

    def _unit(self) -> Unit:
        units = list(db.session.execute(WHOLE.select(Unit).where(Unit.status == "open").order_by(Unit.code)).scalars())
        return self.drawn.choice(units)

    def _record(self) -> Record:
        found = db.session.execute(WHOLE.select(Record).where(Record.deleted_at.is_(None)).order_by(Record.id))
        return self.drawn.choice(list(found.scalars()) or [self.write()])

    def write(self) -> Record:
        unit = self._unit()
        return factories.record(module=self.drawn.choice(list(registry.modules())), unit=unit,
                                cadre=factories.cadre(unit=unit), draft=self.drawn.random() < 0.4,
                                ended_on=self.day - timedelta(days=self.drawn.randrange(0, 70)))

    def enter(self) -> None:
        record = self._record()
        if record.entered_at is None:
            record.state, record.entered_at, record.entered_on = "entered", clock.now(), clock.today()

    def remove(self) -> None:
        self._record().deleted_at = clock.now()

    def redate(self) -> None:
        """As a new calendar does: many at once, past the unit of work."""
        ended_on = self._record().ended_on
        db.session.execute(WHOLE.update(Record).where(Record.ended_on == ended_on)
                           .values(due_on=ended_on + timedelta(days=self.drawn.randrange(1, 40))))

    def open_file(self) -> None:
        factories.cadre(unit=self._unit())

    def move(self) -> None:
        unit = self._unit()
        above = list(db.session.execute(WHOLE.select(Unit).where(
            Unit.kind == unit.parent_kind, Unit.status == "open").order_by(Unit.code)).scalars())
        if unit.parent_id is not None:
            provision.move_unit(unit, self.drawn.choice(above))

    def merge(self) -> None:
        unit, successor = self._unit(), self._unit()
        if unit.id != successor.id and self.drawn.random() < 0.5:
            provision.close_unit(unit, successor, keep=(AuditEntry, Seat, Filing))

    def fold(self) -> None:
        folding.fold()

    def forget(self) -> None:
        folding.forget_days()

    def turn(self) -> None:
        self.day += timedelta(days=self.drawn.choice((1, 9, 31)))
        clock.configure(f"{self.day}T10:00:00+08:00")


def check(walk: Walk) -> None:
    """Every sum is right, a random report equals a count by hand, and so do two totals."""
    with walk.world.app.app_context():
        assert list(counter_check.differences()) == []
        unit = walk._unit()
        inside = tree.below(unit)
        first = walk.day - timedelta(days=walk.drawn.randrange(0, 120))
        asked = Asked(unit, list(registry.modules()), first, first + timedelta(
            days=walk.drawn.randrange(0, 150)), walk.day)
        found = figures(asked, inside).figures
        assert {key: sums for key, sums in found.items() if any(sums)} == by_hand(asked, inside)
        rows = db.session.execute(inside.select(Record, Record.id).where(Record.deleted_at.is_(None))).all()
        assert totals.records_total(inside, list(registry.modules())) == len(rows)
        assert totals.cadres_total(inside) == len(db.session.execute(inside.select(Cadre, Cadre.id)).all())
        db.session.rollback()


def by_hand(asked: Asked, inside: Scope) -> dict[tuple[str, str], list[int]]:
    """What the report must say, record by record."""
    paths = dict(db.session.execute(WHOLE.select(Unit, Unit.id, Unit.path)).all())
    sums: dict[tuple[str, str], list[int]] = {}
    for record in db.session.execute(inside.select(Record).where(Record.deleted_at.is_(None))).scalars():
        if asked.first <= record.due_on <= asked.last:
            place = paths[record.unit_id].removeprefix(asked.unit.path).partition("/")[0]
            outcome = record.timeliness(asked.today).value
            line = sums.setdefault((place, record.module), [0, 0, 0, 0])
            for index, name in enumerate(("total", "on_time", "late", "overdue")):
                line[index] += name in ("total", outcome)
    return sums


@pytest.mark.parametrize("seed", [1, 2])
def test_counters_equal_a_count_by_hand_at_every_step(world: World, seed: int) -> None:
    walk = Walk(world, seed)
    for _each in range(STEPS):
        walk.step()
        check(walk)
    assert {"write", "enter", "remove", "redate", "move", "fold", "turn", "forget", "open_file"} <= set(walk.done)
    rebuild_and_fold(world)


def rebuild_and_fold(world: World) -> None:
    """Built anew, and folded to the end, they still say the same."""
    with world.app.app_context():
        assert counter_check.rebuild() > 0
        assert list(counter_check.differences()) == [] and counter_check.size()[1] == 0
        folding.fold_all()
        assert list(counter_check.differences()) == []


def forget_the_old_superior(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a move is not heard of."""
    run(world.app, "DROP TRIGGER units_count_move" + (" ON units" if on_postgresql(world) else ""))


def forget_updates(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the trigger on changed records is gone."""
    run(world.app, "DROP TRIGGER records_count_update" + (" ON records" if on_postgresql(world) else ""))


def forget_deletes_of_deltas(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: what is folded stays waiting, and is counted twice."""
    real = Scope.delete
    monkeypatch.setattr(Scope, "delete", lambda self, model: real(self, model).where(
        model.id < 0 if model is CounterDelta else True))


def fold_the_unit_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: nobody above hears of it."""
    monkeypatch.setattr(folding, "ancestor_ids", lambda path: [path.strip("/").split("/")[-1]])


def fold_and_lose(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the changes go, and nothing is added."""
    monkeypatch.setattr(folding, "_add", lambda _model, _sums: None)


def on_postgresql(world: World) -> bool:
    """Which engine this is."""
    with world.app.app_context():
        return bool(db.engine.dialect.name == "postgresql")


@pytest.mark.parametrize("fault", [forget_the_old_superior, forget_updates, forget_deletes_of_deltas,
                                   fold_the_unit_alone, fold_and_lose])
def test_a_planted_fault_is_seen(world: World, monkeypatch: pytest.MonkeyPatch, fault: Any) -> None:
    fault(world, monkeypatch)
    walk = Walk(world, 3)
    seen: list[str] = []
    for _each in range(STEPS):
        walk.step()
        with world.app.app_context():
            seen = list(counter_check.differences())
        if seen:
            break
    assert seen


def test_verify_names_a_sum_that_is_wrong(world: World) -> None:
    walk = Walk(world, 4)
    for _each in range(20):
        walk.step()
    runner = world.app.test_cli_runner()
    assert "changes folded" in runner.invoke(args=["counters", "fold"]).output
    told = runner.invoke(args=["counters", "verify"])
    assert told.exit_code == 0 and told.output.startswith("OK: ")
    run(world.app, "UPDATE counters SET total = total + 1 WHERE module = 'cadres'")
    told = runner.invoke(args=["counters", "verify"])
    assert told.exit_code == 1 and "cadres 1970-01: counters say" in told.output
    assert runner.invoke(args=["counters", "rebuild"]).exit_code == 0
    assert runner.invoke(args=["counters", "verify"]).exit_code == 0


def test_a_move_rewrites_no_record(world: World) -> None:
    """0 records and 0 counters of the moved subtree; one change per sum and superior."""
    walk = Walk(world, 5)
    with world.app.app_context(), transaction.act("tests"):
        unit = tree.unit_by_id(world.units["射阳"], WHOLE)
        for _each in range(30):
            factories.record(unit=unit, cadre=factories.cadre(unit=unit), ended_on=walk.day)
        transaction.audit.record("tests:fill", "unit", None, unit)
    with world.app.app_context():
        folding.fold_all()
        before = db.session.execute(WHOLE.select(Record, Record.id, Record.unit_number, Record.version)).all()
        sums = db.session.execute(WHOLE.select(Counter, Counter.unit_id).where(
            Counter.unit_id == world.units["射阳"])).all()
        db.session.rollback()
        with transaction.act("tests"):
            provision.move_unit(tree.unit_by_id(world.units["射阳"], WHOLE),
                                tree.unit_by_id(world.units["南通"], WHOLE))
            transaction.audit.record("tests:move", "unit", None, tree.root())
        assert db.session.execute(
            WHOLE.select(Record, Record.id, Record.unit_number, Record.version)).all() == before
        assert counter_check.size()[1] == 2 * len(sums) > 0
        assert CADRES in {row[0] for row in db.session.execute(WHOLE.select(CounterDelta, CounterDelta.module))}
        db.session.rollback()
        assert list(counter_check.differences()) == []
