"""The running month is read by day from the counters; days long over are forgotten; each planted fault is seen."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from counted import ALL, differences, fill, fold, unit_of
from flask import Flask
from statements import counting

import rows
from app import registry
from app.counters import folding
from app.counters.model import DayCounter
from app.reports import counter_check
from app.reports import figures as reading
from app.reports.figures import Asked, figures
from permissions import transaction
from tenants import clock, provision, tree
from tenants.db import db
from world import World

PERIODS = [("2025-07-01", "2026-06-10"), ("2026-06-01", "2026-06-30"), ("2026-05-20", "2026-06-12"),
           ("2026-06-10", "2026-06-10"), ("2026-05-01", "2026-07-31")]


def asked(world: World, name: str, first: str, last: str) -> Asked:
    """A report on a unit as of today."""
    return Asked(unit_of(world, name), list(registry.modules()), date.fromisoformat(first), date.fromisoformat(last),
                 clock.today())


def live(question: Asked, monkeypatch: pytest.MonkeyPatch) -> dict[Any, Any]:
    """The same counted from the records alone."""
    with monkeypatch.context() as patched:
        patched.setattr(reading, "cut", lambda first, last, **_known: reading.Cut(
            (date(1900, 1, 1), date(1900, 1, 1)), (), None, ((first, last),)))
        return some(figures(question, tree.below(question.unit)).figures)


def some(found: dict[Any, list[int]]) -> dict[Any, list[int]]:
    """Without empty lines."""
    return {key: sums for key, sums in found.items() if any(sums)}


@pytest.mark.parametrize("folded", [True, False])
def test_no_record_is_read_for_the_running_month(world: World, monkeypatch: pytest.MonkeyPatch, folded: bool) -> None:
    fill(world, 60)
    with world.app.app_context():
        counter_check.rebuild()
    fill(world, 20, 3)
    if folded:
        fold(world.app)
    with world.app.app_context():
        for first, last in PERIODS:
            for name in ("江苏", "射阳", "合德镇"):
                question = asked(world, name, first, last)
                inside = tree.below(question.unit)
                figures(question, inside)
                with counting(world) as sent:
                    found = some(figures(question, inside).figures)
                assert found == live(question, monkeypatch), (name, first, last)
                read = [each for each in sent if "counter_deltas" in each]
                assert len(read) == 1 and not any("FROM records" in each for each in sent)
        assert found


def test_a_stale_memory_of_which_days_are_known_is_corrected(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(world, 40)
    with world.app.app_context():
        counter_check.rebuild()
        question = asked(world, "江苏", "2026-03-20", "2026-06-20")
        right = live(question, monkeypatch)
        for remembered in (date.min, date(2026, 3, 1), date(2026, 6, 1), date(2027, 1, 1)):
            reading._since[db.engine] = remembered
            assert some(figures(question, tree.below(question.unit)).figures) == right
            assert reading._since[db.engine] == date(2026, 5, 1)


def test_days_long_over_are_forgotten_and_their_month_is_not(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With changes that still wait, and with a move before and after."""
    fill(world, 50)
    with world.app.app_context():
        counter_check.rebuild()
    for at, name, above in (("2026-07-02", "射阳", "南通"), ("2026-09-01", "合德镇", "东台")):
        fill(world, 20, 2)
        clock.configure(f"{at}T09:00:00+08:00")
        with world.app.app_context(), transaction.act("tests"):
            provision.move_unit(unit_of(world, name), unit_of(world, above))
            transaction.audit.record("tests:move", "unit", None, unit_of(world, "江苏"))
        assert differences(world.app) == []
        with world.app.app_context():
            assert folding.forget_days() and not folding.forget_days()
            oldest = db.session.execute(ALL.select(DayCounter, sa.func.min(DayCounter.day))).scalar_one()
            assert oldest is None or oldest >= folding.days_wanted(clock.today())
            question = asked(world, "江苏", "2026-02-01", "2026-12-31")
            assert some(figures(question, tree.below(question.unit)).figures) == live(question, monkeypatch)
        assert differences(world.app) == []
        fold(world.app)
        assert differences(world.app) == []


def test_the_days_are_kept_while_a_folder_may_add_to_them(world: World) -> None:
    """Forgetting waits for whoever folds, by the row that says since when days are known."""
    with world.app.app_context():
        if db.engine.dialect.name != "postgresql":
            return  # SQLite has one writer
        rows.run(world.app, f'ALTER DATABASE "{db.engine.url.database}" SET lock_timeout = \'200ms\'')
        db.engine.dispose()
        with db.engine.connect() as other:
            other.exec_driver_sql("SELECT FROM counter_state FOR SHARE")
            with pytest.raises(sa.exc.OperationalError):
                folding.forget_days()
            other.rollback()
        db.session.rollback()
        assert folding.forget_days()


def _no_days(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: folded by month alone."""
    real = folding._add
    monkeypatch.setattr(folding, "_add", lambda model, sums: None if model is DayCounter else real(model, sums))
    fold(app)


def _forgets_too_much(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: days go that are said to be known."""
    fold(app)
    rows.run(app, "DELETE FROM counter_days WHERE day = (SELECT max(day) FROM counter_days)")


def _claims_too_much(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: days are said to be known that are not."""
    clock.configure("2026-09-01T09:00:00+08:00")
    with app.app_context():
        folding.fold_all()
        folding.forget_days()
    rows.run(app, "UPDATE counter_state SET days_since = '2026-05-01'")


def _moves_months_alone(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: of what a moved unit has by day, nothing goes along."""
    fold(app)
    with app.app_context(), transaction.act("tests"):
        units = {each.name: each for each in db.session.execute(ALL.select(tree.Unit)).scalars()}
        provision.move_unit(units["射阳"], units["南通"])
        transaction.audit.record("tests:move", "unit", None, units["江苏省委老干部局"])
    rows.run(app, "DELETE FROM counter_deltas WHERE day >= (SELECT days_since FROM counter_state)")


@pytest.mark.parametrize("fault", [_no_days, _forgets_too_much, _claims_too_much, _moves_months_alone])
def test_a_planted_fault_is_seen_and_rebuilt_away(world: World, monkeypatch: pytest.MonkeyPatch,
                                                  fault: Callable[..., None]) -> None:
    fill(world, 30)
    assert differences(world.app) == []
    fault(world.app, monkeypatch)
    assert any(len(line.split()[2]) == len("2026-06-10:") for line in differences(world.app))
    monkeypatch.undo()
    with world.app.app_context():
        counter_check.rebuild()
    assert differences(world.app) == []
