"""Long work in the worker: a row says what, for whom, how far; the queue only wakes. Runs with the asker's rights."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app
from huey import Huey
from sqlalchemy import JSON, CheckConstraint, Float, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from permissions import audit, guard, transaction
from permissions.accounts import Account
from permissions.identity import principal_of
from permissions.roles import Channel
from tenants import clock
from tenants.db import Base, db
from tenants.errors import NotFound, Refusal
from tenants.fields import Id, Instant, new_id
from tenants.models import Unit
from tenants.scope import Scope, UnitOwned, owned

LEASE = timedelta(minutes=10)
_OWN = Scope.everything("a job is seen by the account that asked for it, and run by the worker")
Runner = Callable[["Job"], dict[str, Any]]
_runners: dict[str, Runner] = {}


class Job(UnitOwned, Base):
    """A piece of long work. Only its asker sees it; its result holds nothing in clear that a list would mask."""

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


def runner(kind: str) -> Callable[[Runner], Runner]:
    """Say how a kind of job is done."""

    def keep(run: Runner) -> Runner:
        _runners[kind] = run
        return run

    return keep


def ask(kind: str, unit: Unit, params: dict[str, Any]) -> Job:
    """Put a job down in the act's transaction and wake the worker once it is committed."""
    principal = guard.me()
    job = Job(kind=kind, unit_id=unit.id, unit_number=unit.number, account_id=principal.account.id,
              channel=principal.channel.value, params=params, created_at=clock.now())
    db.session.add(job)
    db.session.flush()
    app, job_id = current_app._get_current_object(), job.id  # type: ignore[attr-defined]
    transaction.after_commit(lambda: app.extensions["wake"](job_id))
    return job


def mine(job_id: str) -> Job:
    """A job I asked for, or NotFound."""
    found = db.session.execute(
        _OWN.select(Job).where(Job.id == guard.checked_id(job_id), Job.account_id == guard.me().account.id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def out(job: Job) -> dict[str, Any]:
    """The JSON of a job."""
    return {"id": job.id, "kind": job.kind, "state": job.state, "progress": round(job.progress, 3),
            "result": job.result, "created_at": clock.iso(job.created_at)}


def register(app: Flask, huey: Huey) -> None:
    """Give the queue its one task, and the application its way to call it."""

    def run_job(job_id: str) -> None:
        with app.app_context():
            run(job_id)

    task = huey.task(name="run_job")(run_job)
    app.extensions["wake"] = lambda job_id: task(job_id)


def _claim(job_id: str) -> Job | None:
    now = clock.now()
    claimed = db.session.execute(
        _OWN.update(Job)
        .where(Job.id == job_id, (Job.state == "waiting") | ((Job.state == "running") & (Job.lease_until < now)))
        .values(state="running", lease_until=now + LEASE, attempts=Job.attempts + 1)
        .returning(Job.id).execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return db.session.get(Job, claimed, execution_options={"scope": _OWN}) if claimed else None


def run(job_id: str) -> None:
    """Do a job with the rights its asker has now (A14); a refusal or failure is its result, never a lost job."""
    with transaction.act("worker"):
        job = _claim(job_id)
        kind = job.kind if job is not None else None
    if kind is None:
        return
    try:
        with transaction.act("worker"):
            job = db.session.get(Job, job_id, execution_options={"scope": _OWN})
            assert job is not None
            act_as_asker(job)
            result, state = _runners[kind](job), "done"
    except Refusal as refusal:
        result, state = {"code": refusal.code, "message": refusal.message, "fields": refusal.fields}, "failed"
    except Exception:
        current_app.logger.exception("job %s failed", job_id)
        result, state = {"code": "error", "message": "处理时出了问题，请稍后重新提交。"}, "failed"
    _finish(job_id, state, result)


def act_as_asker(job: Job) -> None:
    """Take on the asker's rights as they are now."""
    account = db.session.execute(_OWN.select(Account).where(Account.id == job.account_id)).scalar_one()
    principal = principal_of(account, Channel(job.channel), clock.today())
    if not guard.open_on(principal, principal.channel) or not account.may_log_in:
        raise Refusal("提交人的账号已不能使用，任务没有执行。", code="forbidden")
    guard.stand_in(principal)
    audit.act_as(principal)


def _finish(job_id: str, state: str, result: dict[str, Any]) -> None:
    with transaction.act("worker"):
        db.session.execute(
            _OWN.update(Job).where(Job.id == job_id)
            .values(state=state, result=result, progress=1.0, finished_at=clock.now(), lease_until=None)
        )


def waiting_ids() -> list[str]:
    """Jobs that nobody runs: called once, or left behind by a worker that died."""
    now = clock.now()
    return list(db.session.execute(
        _OWN.select(Job, Job.id).where(
            (Job.state == "waiting") | ((Job.state == "running") & (Job.lease_until < now))
        ).order_by(Job.created_at).limit(20)
    ).scalars())
