"""The only commit. Three endings: an act commits whole, a refusal leaves only its log entry, a read leaves nothing.

An act is a 2xx or 3xx answer to an unsafe method: data, entries and outbox rows commit together. A refusal or an
error (>= 400) is rolled back, then the waiting entries alone commit, because a refusal must be recorded and its
half-done work must not. A read is rolled back; an audited read whose entry cannot be written is not answered.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app, has_request_context
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from permissions import audit
from tenants.db import begin_read, begin_write, db, end_read
from tenants.errors import Conflict, Stale
from tenants.row_security import PATIENCE


class WroteOnRead(RuntimeError):
    """A GET left changed rows in the session: a defect of ours."""


class Unlogged(RuntimeError):
    """Audited rows changed without a log entry: a defect of ours."""


def _patience() -> int:
    """How long one statement may take (PostgreSQL): somebody waits for a page, nobody for a job or a command."""
    settings = current_app.config["SETTINGS"]
    return int(1000 * (settings.page_seconds if has_request_context() else settings.job_seconds))


def begin(*, writes: bool, lasting: bool = True) -> None:
    """Start a request's transaction."""
    audit.forget(db.session())
    db.session.info[PATIENCE] = _patience()
    if writes:
        begin_write(lasting=lasting)
    else:
        begin_read()


def revive() -> None:
    """After a failed flush nothing more can be read before the rollback, and a refusal's entry reads who asked."""
    if not db.session().is_active:
        undo()


def finish_act() -> None:
    """Commit an act; what the database refuses at the last moment becomes a Conflict."""
    session = db.session()
    session.flush()
    if audit.unlogged(session):
        session.rollback()
        raise Unlogged("audited rows changed without an entry")
    try:
        session.commit()
    except StaleDataError as error:
        session.rollback()
        raise Stale from error
    except IntegrityError as error:
        session.rollback()
        raise Conflict from error
    audit.forget(session)
    for then in _after_commit():
        then()


def after_commit(then: Callable[[], None]) -> None:
    """Do something once the act is committed (wake the worker); it must not fail the request."""
    callbacks: list[Callable[[], None]] = db.session.info.setdefault("after commit", [])
    callbacks.append(then)


def _after_commit() -> list[Callable[[], None]]:
    taken: list[Callable[[], None]] = db.session.info.pop("after commit", [])
    return taken


def finish_read() -> None:
    """End a read: nothing may have been written; waiting entries are."""
    session = db.session()
    if session.new or session.deleted or any(session.is_modified(each) for each in session.dirty):
        session.rollback()
        raise WroteOnRead("a read changed rows")
    end_read()
    _write_waiting()


def abandon() -> None:
    """Roll everything back and keep only the refusals."""
    db.session.rollback()
    _after_commit()
    audit.forget(db.session())
    _write_waiting()


def _write_waiting() -> None:
    entries = audit.waiting()
    if not entries:
        return
    begin_write()
    db.session.add_all(entries)
    db.session.commit()
    entries.clear()


@contextmanager
def act(label: str = "system", *, lasting: bool = True) -> Iterator[Any]:
    """An act outside a request (a command, a job): begins as a writer, commits at the end, rolls back on error.

    `lasting=False` is for what is done again or made anew when a falling server loses it.
    """
    if audit.acting().principal is None:
        audit.act_as(None, label)
    begin(writes=True, lasting=lasting)
    try:
        yield db.session
        finish_act()
    except BaseException:
        abandon()
        raise


def commit_step() -> None:
    """Commit a finished part of a long job and begin the next; each part is whole in itself."""
    finish_act()
    begin(writes=True)


def undo() -> None:
    """Roll an act back in the middle of a request, to show its form again with what was wrong."""
    db.session.rollback()
    _after_commit()
    audit.forget(db.session())
