"""The table of jobs: put down in the act's own transaction, seen by their askers only, found again by the worker."""

from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import JSON, CheckConstraint, Float, Integer, String, and_, func, or_, select
from sqlalchemy.orm import Mapped, aliased, mapped_column
from sqlalchemy.sql.elements import ColumnElement

from app.paging import Page, decode, page_of
from permissions import guard, transaction
from permissions.accounts import Account
from tenants import clock, tree
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
    if principal.post is not None:
        params = params | {"_post": principal.post.id}  # the work is done for the post it was asked in
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


def listing(scope: Scope, account_id: str, *, cursor: str | None, limit: int) -> Page[tuple[Job, str]]:
    """Jobs an account asked for, and those asked for in the scope, newest first, each with the asker's name."""
    own = Job.account_id == account_id
    later: list[ColumnElement[bool]] = []
    if after := decode(cursor, (datetime, str)):
        later = [or_(Job.created_at < after[0], and_(Job.created_at == after[0], Job.id < after[1]))]
    # Each under the scope that is its own, so that the rows' lock judges the second: what is mine, what lies there.
    asked = [_OWN.select(Job).where(own, *later), *([scope.select(Job).where(~own, *later)] if scope else [])]
    found = sorted((job for each in asked for job in db.session.execute(
        each.order_by(Job.created_at.desc(), Job.id.desc()).limit(limit + 1)).scalars()),
        key=lambda job: (job.created_at, job.id), reverse=True)[:limit + 1]
    total = db.session.execute(_OWN.select(Job, func.count()).where(own)).scalar_one() + (
        db.session.execute(scope.select(Job, func.count()).where(~own)).scalar_one() if scope else 0)
    names = {row.id: row.name for row in db.session.execute(_OWN.mark(
        select(Account.id, Account.name).where(Account.id.in_({job.account_id for job in found}))))}
    return page_of([(job, names[job.account_id]) for job in found], limit,
                   lambda row: (row[0].created_at, row[0].id), total)


def unit_of(job: Job) -> Unit:
    """The unit a job was asked for in."""
    return tree.unit_by_id(job.unit_id, _OWN)


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
            "created_at": clock.iso(job.created_at), "ahead": ahead(job) if job.state == "waiting" else 0}


def tenant_of(job_id: str) -> str | None:
    """The unit of the account that asked: whose turn it is among the tenants."""
    statement = select(Account.unit_id).join(Job, Job.account_id == Account.id).where(Job.id == job_id)
    return db.session.execute(_OWN.mark(statement)).scalar_one_or_none()


def _running(tenant: Any) -> Any:
    """Jobs of a tenant that somebody works at."""
    other = aliased(Job)
    return select(other.id).join(Account, Account.id == other.account_id).where(
        Account.unit_id == tenant, other.state == "running", other.lease_until >= clock.now())


def idle(tenant: str) -> Any:
    """The condition that a tenant has no job running: each has one worker at most."""
    return ~_running(tenant).exists()


def ahead(job: Job) -> int:
    """How many jobs of the same tenant come before one that waits."""
    tenant = tenant_of(job.id)
    earlier: int = db.session.execute(_OWN.mark(
        select(func.count()).select_from(Job).join(Account, Account.id == Job.account_id)
        .where(Account.unit_id == tenant, Job.state.in_(("waiting", "running")), Job.id != job.id,
               (Job.created_at < job.created_at) | (Job.state == "running"))
    )).scalar_one()
    return earlier


def waiting_ids() -> list[str]:
    """Jobs that nobody runs, not called yet or left behind by a worker that died: each idle tenant's oldest."""
    now = clock.now()
    order = func.row_number().over(partition_by=Account.unit_id, order_by=(Job.created_at, Job.id))
    ranked = (
        select(Job.id, Job.created_at, Account.unit_id.label("tenant"), order.label("turn"))
        .join(Account, Account.id == Job.account_id)
        .where((Job.state == "waiting") | ((Job.state == "running") & (Job.lease_until < now)))
        .subquery()
    )
    return list(db.session.execute(_OWN.mark(
        select(ranked.c.id).where(ranked.c.turn == 1, ~_running(ranked.c.tenant).exists())
        .order_by(ranked.c.created_at).limit(20)
    )).scalars())


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
