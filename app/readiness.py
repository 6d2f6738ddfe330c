"""What must be in place for work: database reachable and migrated, keys right, calendar known, messages flowing."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from app.outbox import BY_DAY, Message
from app.records.calendar import missing_years
from tenants import clock, row_security
from tenants.db import db
from tenants.scope import Scope

_OUTBOX = Scope.everything("the age of the oldest waiting message, of whatever unit")
SLOW = timedelta(minutes=5)
MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


@dataclass(frozen=True)
class Check:
    """One verdict; a vital one that fails makes the instance not ready."""

    name: str
    fine: bool
    word: str = ""
    vital: bool = True


def checks() -> list[Check]:
    """Every check, in order; nothing after an unreachable database."""
    try:
        found = [_migrated()]
        if not found[0].fine:
            return found
        locked = _row_security()
        return [*found, *locked, *([_calendar(), _outbox()] if all(each.fine for each in locked) else [])]
    except ProgrammingError:
        return [Check("database", False, "not open to this role")]
    except SQLAlchemyError:
        return [Check("database", False, "unreachable")]


def _migrated() -> Check:
    current = MigrationContext.configure(db.session.connection()).get_current_revision()
    return Check("database", current == _newest(MIGRATIONS), "not migrated")


@cache
def _newest(folder: Path) -> str | None:
    """The last migration this process came with. Reading them all takes a third of a second of CPU, and whoever asks
    whether we are ready asks every few seconds.
    """
    config = Config()
    config.set_main_option("script_location", str(folder))
    return ScriptDirectory.from_config(config).get_current_head()


def _row_security() -> list[Check]:
    """PostgreSQL's second lock: whoever works must be bound by it, and it must be on every table."""
    if db.engine.dialect.name != "postgresql":
        return []
    try:
        word = "not in force" if row_security.defects(db.session()) else ""
    except SQLAlchemyError:
        db.session.rollback()
        word = "the role cannot be taken"
    return [Check("row security", not word, word)]


def _calendar() -> Check:
    """From 1 November a missing next year is a visible defect; a missing running year even more so."""
    missing = missing_years(clock.today())
    return Check("calendar", not missing, f"no notice for {missing}", vital=False)


def _outbox() -> Check:
    oldest = db.session.execute(
        _OUTBOX.select(Message, func.min(Message.created_at))
        .where(Message.state == "waiting", Message.template.not_in(BY_DAY))
    ).scalar_one()
    late = oldest is not None and clock.now() - oldest > SLOW
    return Check("outbox", not late, "messages wait", vital=False)
