"""The table of jobs: put down in the act's own transaction, seen by their askers only, found again by the worker."""

from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import JSON, CheckConstraint, Float, Integer, String, func
from sqlalchemy.orm import Mapped, mapped_column

from permissions import guard, transaction
from tenants import clock
from tenants.db import Base, db
from tenants.errors import NotFound
from tenants.fields import Id, Instant, new_id
from tenants.models import Unit
from tenants.scope import Scope, UnitOwned, owned

_OWN = Scope.everything("a job is seen by the account that asked for it, and run by the worker")


class Job(UnitOwned, Base):
    """A piece of long work. `kind` is the action it does. Its result holds nothing in clear that a list would mask;
    parts of the result whose names begin with `_` stay inside."""

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[str] = mapped_column(Id, index=True)
    channel: Mapped[str] = mapped_column(String(8))
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    progress: Mapped[float] = mapped_column(Float, default=0.0)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = owned(CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="state"))


def _new(kind: str, unit: Unit, params: dict[str, Any], job_id: str | None) -> Job:
    principal = guard.me()
    return Job(id=job_id or new_id(), kind=kind, unit_id=unit.id, unit_number=unit.number, params=params,
               account_id=principal.account.id, channel=principal.channel.value, created_at=clock.now())


def ask(kind: str, unit: Unit, params: dict[str, Any], *, job_id: str | None = None) -> Job:
    """Put a job down in the act's transaction and wake the worker once it is committed."""
    job = _new(kind, unit, params, job_id)
    db.session.add(job)
    db.session.flush()
    wake, made = current_app.extensions["wake"], job.id
    transaction.after_commit(lambda: wake(made))
    return job


def done(kind: str, unit: Unit, params: dict[str, Any], result: dict[str, Any], *, job_id: str) -> Job:
    """Put down, in the act's transaction, work that the request has already done."""
    job = _new(kind, unit, params, job_id)
    job.state, job.progress, job.result, job.attempts, job.finished_at = "done", 1.0, result, 1, clock.now()
    db.session.add(job)
    db.session.flush()
    return job


def mine(job_id: str, kind: str | None = None, *, lock: bool = False) -> Job:
    """A job I asked for, or NotFound."""
    statement = _OWN.select(Job).where(Job.id == guard.checked_id(job_id), Job.account_id == guard.me().account.id)
    if kind is not None:
        statement = statement.where(Job.kind == kind)
    found: Job | None = db.session.execute(statement.with_for_update() if lock else statement).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def recent(kind: str, limit: int) -> list[Job]:
    """My latest jobs of a kind, newest first."""
    return list(db.session.execute(
        _OWN.select(Job).where(Job.kind == kind, Job.account_id == guard.me().account.id)
        .order_by(Job.created_at.desc(), Job.id).limit(limit)
    ).scalars())


def unfinished(kind: str) -> int:
    """How many of my jobs of a kind wait or run."""
    counted: int = db.session.execute(
        _OWN.select(Job, func.count()).where(Job.kind == kind, Job.account_id == guard.me().account.id,
                                             Job.state.in_(("waiting", "running")))
    ).scalar_one()
    return counted


def out(job: Job) -> dict[str, Any]:
    """The JSON of a job."""
    result = {name: value for name, value in job.result.items() if name[0] != "_"} if job.result is not None else None
    return {"id": job.id, "kind": job.kind, "state": job.state, "progress": round(job.progress, 3), "result": result,
            "created_at": clock.iso(job.created_at)}


def waiting_ids() -> list[str]:
    """Jobs that nobody runs: not called yet, or left behind by a worker that died."""
    now = clock.now()
    return list(db.session.execute(
        _OWN.select(Job, Job.id).where(
            (Job.state == "waiting") | ((Job.state == "running") & (Job.lease_until < now))
        ).order_by(Job.created_at).limit(20)
    ).scalars())


def counts() -> list[tuple[str, str, int]]:
    """(kind, state, how many) over every job there is."""
    rows = db.session.execute(
        _OWN.select(Job, Job.kind, Job.state, func.count()).group_by(Job.kind, Job.state).order_by(Job.kind, Job.state)
    )
    return [(kind, state, number) for kind, state, number in rows]


def older_than(kind: str, before: datetime) -> list[Job]:
    """Jobs of a kind asked for before an instant and no longer running, for clearing away by this worker alone."""
    return list(db.session.execute(
        _OWN.select(Job).where(Job.kind == kind, Job.created_at < before, Job.state.in_(("done", "failed")))
        .with_for_update(skip_locked=True)
    ).scalars())


def of_kind(kind: str) -> list[Job]:
    """Every job of a kind there is."""
    return list(db.session.execute(_OWN.select(Job).where(Job.kind == kind)).scalars())
