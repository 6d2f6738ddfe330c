"""Reading from the streaming replica: long reports only, by an explicit call, when it is fresh enough for the asker.

Who asks and what he may is always decided on the primary. A replica that lags more than the bound, lacks an act of
the asker's own, does not answer or breaks off is passed over: the same work is done on the primary, and nobody sees
an error. Replayed positions are compared, and times of the primary's clock only.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, current_app
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from permissions import guard
from permissions.audit import AuditEntry
from tenants import clock
from tenants.db import db
from tenants.scope import Scope

_OWN_ACTS = Scope.everything("the asker's own latest acts, which an answer to him must show")
# Hosts' clocks may differ by so much; an act older than this and the bound together has long been replayed.
SKEW = timedelta(seconds=60)
PASSED_OVER = 10.0
T = TypeVar("T")
log = logging.getLogger("yinling.replica")


@dataclass
class Replica:
    """The replica of this application: its engine, its bound, and until when it is passed over after a failure."""

    engine: Engine
    bound: timedelta
    rests_until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def rests(self) -> bool:
        return time.monotonic() < self.rests_until

    def rest(self) -> None:
        """Do not make each asker wait for a host that is gone."""
        with self._lock:
            self.rests_until = time.monotonic() + PASSED_OVER


@dataclass(frozen=True)
class Moment:
    """The primary at the time of asking: its position, its clock, and the asker's own latest acts."""

    position: int
    at: datetime
    acts: frozenset[str]


def init_app(app: Flask, url: str, bound: float) -> None:
    """Give the application its replica, if there is one (`YINLING_REPLICA_URL`, `YINLING_REPLICA_LAG`)."""
    if url:
        # One snapshot for a whole report: a replica may not be serializable, and need not be.
        engine = create_engine(url, pool_pre_ping=True, pool_size=4, pool_timeout=2, hide_parameters=True,
                               isolation_level="REPEATABLE READ")
        app.extensions["replica"] = Replica(engine, timedelta(seconds=bound))


def from_replica(work: Callable[[], T]) -> tuple[T, datetime | None]:
    """Do reading work on the replica; what it gives, and as of when. None for the time: done on the primary.

    The work reads through `db.session` and writes nothing. It may be begun twice, so it must have no effect besides.
    """
    replica: Replica | None = current_app.extensions.get("replica")
    if replica is None or replica.rests:
        return work(), None
    moment = _ask_primary(replica.bound)
    try:
        with _instead_of_the_primary(replica.engine) as session:
            as_of = _as_of(session, moment, replica.bound)
            if as_of is not None:
                return work(), as_of
    except (DBAPIError, SQLAlchemyError) as error:
        # Gone, or the replay of a change was in the way: the work is done where it always can be.
        log.warning("the replica is passed over: %s", type(error).__name__)
        if not isinstance(error, DBAPIError) or error.connection_invalidated or not _answers(error):
            replica.rest()
    return work(), None


def _answers(error: DBAPIError) -> bool:
    """Whether the server itself refused (and so is alive), rather than the way to it."""
    return getattr(error.orig, "sqlstate", None) is not None


@contextmanager
def _instead_of_the_primary(engine: Engine) -> Iterator[Session]:
    """Within, `db.session` is a session of the replica's; what it loaded stays readable afterwards."""
    registry: Any = db.session.registry  # made for Flask-SQLAlchemy's own kind of session
    primary, other = registry(), Session(bind=engine, autoflush=False, expire_on_commit=False)
    registry.set(other)
    try:
        yield other
    finally:
        registry.set(primary)
        other.expunge_all()
        other.close()


def _ask_primary(bound: timedelta) -> Moment:
    position, at = db.session.execute(select(func.pg_current_wal_lsn(), func.clock_timestamp())).one()
    acts = db.session.execute(_OWN_ACTS.select(AuditEntry, AuditEntry.id).where(
        AuditEntry.at > clock.now() - bound - SKEW, AuditEntry.actor == guard.me().account.id)).scalars()
    return Moment(_as_number(position), at, frozenset(acts))


def _as_of(session: Session, moment: Moment, bound: timedelta) -> datetime | None:
    """As of when the replica can answer; None when it is too old for this asker.

    Caught up with the primary's position, it is as new as the question. Else its last replayed commit tells, and an
    old one does not say that it is fresh: a replica that is cut off looks idle too.
    """
    standing_by, position, replayed = session.execute(select(
        func.pg_is_in_recovery(), func.pg_last_wal_replay_lsn(), func.pg_last_xact_replay_timestamp())).one()
    if not standing_by:
        return None
    if position is not None and _as_number(position) >= moment.position:
        as_of: datetime | None = moment.at
    else:
        as_of = replayed if replayed is not None and moment.at - replayed <= bound else None
    return as_of if as_of is not None and _has_acts(session, moment.acts) else None


def _has_acts(session: Session, acts: frozenset[str]) -> bool:
    """An act and its entry are one transaction: where the entry is, the act is."""
    if not acts:
        return True
    there: int = session.execute(
        _OWN_ACTS.select(AuditEntry, func.count()).where(AuditEntry.id.in_(acts))).scalar_one()
    return there == len(acts)


def _as_number(position: Any) -> int:
    """PostgreSQL writes a position as two hexadecimal numbers."""
    high, low = str(position).split("/")
    return (int(high, 16) << 32) + int(low, 16)
