"""Rows put in past the unit of work: whole, in order, gathered on one way, and not past those who watch."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from app.records.model import RecordPerson
from permissions import audit, transaction
from permissions.audit import AuditEntry
from tenants import inserting
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope

ALL = Scope.everything("a test looks at everybody")
NOW = datetime(2026, 6, 10, 9, tzinfo=UTC)


def entry(world, place: str, **more):
    unit = db.session.execute(ALL.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()
    return {"id": f"entry-{place}".ljust(22, "0"), "at": NOW, "actor_role": "system", "action": "test", "result": "ok",
            "object_type": "test", "unit_id": unit.id, "unit_number": unit.number, "unit_path": unit.path,
            "request_id": "r", **more}


def kept() -> list[str]:
    return list(db.session.execute(ALL.select(AuditEntry, AuditEntry.object_id).where(
        AuditEntry.action == "test").order_by(AuditEntry.object_id)).scalars())


def put_and_fail(row) -> None:
    with inserting.gathered():
        inserting.put(AuditEntry, row)
        raise LookupError


def test_rows_have_their_defaults_and_are_no_objects(world):
    with world.app.app_context():
        transaction.begin(writes=True)
        bare = entry(world, "a", object_id="1", after={"三": 3})
        del bare["id"]
        inserting.put(AuditEntry, bare, entry(world, "b", object_id="2"))
        assert kept() == ["1", "2"]
        assert not [each for each in db.session if isinstance(each, AuditEntry)]
        made = db.session.execute(ALL.select(AuditEntry).where(AuditEntry.object_id == "1")).scalar_one()
        assert (len(made.id), made.after, made.before, made.at) == (22, {"三": 3}, None, NOW)
        db.session.rollback()


def test_gathered_rows_go_together_at_the_end_and_not_at_all_after_an_error(world):
    with world.app.app_context():
        transaction.begin(writes=True)
        with inserting.gathered():
            inserting.put(AuditEntry, entry(world, "a", object_id="1"))
            with inserting.gathered():
                inserting.put(AuditEntry, entry(world, "b", object_id="2"))
            assert kept() == []
        assert kept() == ["1", "2"]
        with pytest.raises(LookupError):
            put_and_fail(entry(world, "c", object_id="3"))
        inserting.put(AuditEntry, entry(world, "d", object_id="4"))
        assert kept() == ["1", "2", "4"]
        db.session.rollback()


def test_what_the_database_refuses_is_told_and_nothing_stays(world):
    with world.app.app_context():
        for _each in range(2):  # prepared, and then in one pipeline
            transaction.begin(writes=True)
            with pytest.raises(IntegrityError):
                inserting.put(AuditEntry, entry(world, "a", object_id="1"),
                              entry(world, "b", object_id="2", result="odd"))
            db.session.rollback()
            assert kept() == []
            db.session.rollback()


def test_rows_of_what_is_audited_want_an_entry_too(world):
    """Planted: people of a record put in without one; `add` is watched by the acts' own tests."""
    with world.app.app_context():
        transaction.begin(writes=True)
        unwatched, watched = entry(world, "a"), RecordPerson
        inserting.put(AuditEntry, unwatched)
        assert not audit.unlogged(db.session())
        with pytest.raises(IntegrityError):  # no such record; it is noticed before it is sent
            inserting.put(watched, {"record_id": "r" * 22, "cadre_id": "c" * 22, "place": 0,
                                    "unit_id": unwatched["unit_id"], "unit_number": unwatched["unit_number"]})
        assert audit.unlogged(db.session()) is getattr(watched, "__audited__", False)
        db.session.rollback()
