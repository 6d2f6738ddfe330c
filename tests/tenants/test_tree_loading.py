"""A whole tree loaded at once is the tree that was planned, with a few statements however many units."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from permissions import transaction
from tenants import bulk, provision
from tenants.db import db
from tenants.errors import Invalid
from tenants.models import Unit
from tenants.scope import Scope

WHOLE = Scope.everything("a test looks at the whole tree")


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def tree_of(units: int) -> list[provision.Planned]:
    """A province, a city and so many counties."""
    plan = [provision.Planned("p", None, "province_bureau", "省", "P"),
            provision.Planned("c", "p", "city_bureau", "市", "C")]
    return plan + [provision.Planned(f"k{n}", "c", "county_bureau", f"县\t{n}'\"{{}}", f"K{n}") for n in range(units)]


def test_a_loaded_tree_is_what_was_planned(app):
    with app.app_context(), transaction.act("tests"):
        made = provision.load_tree(tree_of(30), valid_from=date(2026, 1, 1))
    with app.app_context():
        units = {unit.code: unit for unit in db.session.execute(WHOLE.select(Unit)).scalars()}
        for planned in tree_of(30):
            unit, place = units[planned.code], made[planned.key]
            parent = made[planned.parent_key] if planned.parent_key else None
            assert (unit.name, unit.kind, unit.parent_id) == (planned.name, planned.kind, parent.id if parent else None)
            assert (unit.path, unit.depth) == (f"{parent.path if parent else '/'}{unit.id}/", unit.path.count("/") - 1)
            assert (place.id, place.number, place.path, place.status) == (unit.id, unit.number, unit.path, unit.status)
            assert (unit.valid_from, unit.valid_to, unit.version) == (date(2026, 1, 1), None, 1)


def test_loading_takes_as_many_statements_for_many_units(app):
    counts = []
    for units in (3, 300):
        with app.app_context():
            transaction.begin(writes=True)
            with statements() as seen:
                provision.load_tree(tree_of(units), valid_from=date(2026, 1, 1))
            counts.append(len(seen))
            db.session.rollback()
    assert counts[0] == counts[1] <= 6, counts


def _with_a_code_twice() -> list[provision.Planned]:
    return [*tree_of(2), provision.Planned("again", "c", "county_bureau", "又一县", "K0")]


def test_a_code_twice_is_refused_and_nothing_is_loaded(app):
    with app.app_context(), pytest.raises(IntegrityError, match="code"), transaction.act("tests"):
        provision.load_tree(_with_a_code_twice(), valid_from=date(2026, 1, 1))
    with app.app_context():
        assert db.session.execute(WHOLE.select(Unit)).all() == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_unit_passed_over_would_be_seen(app, monkeypatch):
    """Planted: rows the database refuses are left out, as the roster's import may leave them out."""
    monkeypatch.setattr(provision, "insert_on_sqlite", lambda model, columns: bulk._one_by_one(
        db.session.connection(), model, columns, passing_over=True))
    with app.app_context(), transaction.act("tests"):
        made = provision.load_tree(_with_a_code_twice(), valid_from=date(2026, 1, 1))
        assert len(db.session.execute(WHOLE.select(Unit)).all()) == len(made) - 1


def test_what_cannot_be_loaded_whole_is_refused(app, engine_name):
    with app.app_context(), pytest.raises(Invalid), transaction.act("tests"):
        provision.load_tree([*tree_of(1), provision.Planned("x", "p", "township", "乡", "X")],
                            valid_from=date(2026, 1, 1))
    if engine_name == "postgresql":
        with app.app_context(), pytest.raises(ValueError, match="line break"), transaction.act("tests"):
            provision.load_tree([provision.Planned("p", None, "province_bureau", "省\n委", "P")],
                                valid_from=date(2026, 1, 1))
