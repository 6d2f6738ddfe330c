"""The scheduler: looks once a minute, by day only, at what has come. It may run twice, stop anywhere, or miss a month.

Nothing is remembered between two looks but rows. Each round is one transaction, of one scheduler at a time: another
leaves what it finds in hand. Digests come when no step is left to take, so that each holds everything of its morning.
"""

from dataclasses import dataclass

from sqlalchemy import func, select

from app.deadlines.hours import office_hour, office_open
from app.obligations import arming, digests, stepping
from app.records.calendar import timing, work_calendar
from permissions import transaction
from tenants import clock
from tenants.db import db

ROUND = 0x6F626C69676174  # the advisory lock's number


@dataclass
class Looked:
    """What one look did; all zero when nothing had come."""

    opened: int = 0
    closed: int = 0
    stepped: int = 0
    digested: int = 0


def in_office_hours() -> bool:
    """Whether anybody may be told anything now: office hours of a working day in Shanghai."""
    if not office_hour(clock.now()):
        return False
    transaction.begin(writes=False)
    try:
        return office_open(work_calendar(), clock.now())
    finally:
        transaction.finish_read()


def look() -> Looked:
    """Open, close and date what has changed, take the steps that have come, make the digests; by night nothing."""
    looked = Looked()
    if in_office_hours():
        while _round(looked):
            pass
    return looked


def _round(looked: Looked) -> bool:
    """One batch of each in one transaction; whether there may be more."""
    with transaction.act("scheduler"):
        if not _alone():
            return False
        now = timing()
        looked.closed += arming.close_done()
        opened = arming.open_near(now, clock.today())
        stepped = stepping.take_steps(now)
        digested = 0 if opened or stepped else digests.make_digests()
    looked.opened += opened
    looked.stepped += stepped
    looked.digested += digested
    return bool(opened or stepped or digested)


def _alone() -> bool:
    """Whether no other scheduler is in the middle of a round; one that died is not. SQLite's writers queue."""
    if db.engine.dialect.name != "postgresql":
        return True
    return bool(db.session.execute(select(func.pg_try_advisory_xact_lock(ROUND))).scalar_one())
