"""Long work in the worker: a row says what, for whom, how far; the queue only wakes. Runs with the asker's rights.

A job is done in steps, each committed by itself with its progress and a fresh lease. A worker that dies leaves the
lease to run out and the job is taken up again: whatever a job does, doing it twice must be the same as doing it once.
"""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask import Flask
from huey import Huey
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app import job_rows, room, storage
from app.job_rows import Job
from app.storage import Shelf
from permissions import audit, guard, transaction
from permissions.accounts import Account
from permissions.identity import principal_of
from permissions.roles import Channel
from tenants import clock
from tenants.db import db
from tenants.errors import Forbidden, Refusal
from tenants.models import Unit
from tenants.scope import Scope

LEASE = timedelta(minutes=3)
MOST_ATTEMPTS = 5
LONGEST_REST = 1.0  # seconds; parts are small, and where everything is slow a job must still get on
HASTE = 1 / 16  # how much of the rest a job takes whose result everybody looks at
SMALL = 5  # so many times smaller are the parts of a job that rests in between
SHUT_OUT = "提交人的账号或权限已变动，任务没有执行。"
SLOW = "要处理的内容太多，没能按时完成。请缩小范围后重新提交。"
TOO_SLOW = "57014"  # a statement cancelled by the time limit; trying again would take as long
FAILED = "处理时出了问题，已记录在案；请稍后重新提交，仍不行请联系系统管理员。"
_OWN = Scope.everything("the worker runs the jobs of every unit")
log = logging.getLogger("yinling.jobs")
stopping = threading.Event()
_manners = threading.local()
_gauge = room.Gauge()


class Interrupted(Exception):
    """The worker is told to stop: the job goes back and the next worker takes it up."""


class LeaseLost(Exception):
    """Somebody else has taken the job up meanwhile; this attempt steps back."""


@dataclass
class Run:
    """One attempt at a job.

    What a runner puts into `so_far` is kept in the result of a job that fails later; what it puts into `afterwards`
    is called once the end is committed (clearing files away).
    """

    job_id: str
    kind: str
    attempt: int
    params: dict[str, Any]
    unit_id: str
    so_far: dict[str, Any] = field(default_factory=dict)
    afterwards: list[Callable[[], None]] = field(default_factory=list)
    since: tuple[float, float] = field(default_factory=lambda: (time.monotonic(), time.thread_time()))

    @contextmanager
    def step(self, progress: float | None = None, *, lasting: bool = True) -> Iterator[None]:
        """A part that is written and committed by itself, with the asker's rights as they are at this moment (A14).

        One that only tells how far it is need not last: the end, which does, makes sure of what came before.
        """
        self._make_room()
        if stopping.is_set():
            raise Interrupted
        with transaction.act("worker", lasting=lasting):
            job = self._renew(progress)
            _act_as_asker(job)
            yield

    def part(self, whole: int) -> int:
        """How many rows the next part has, of as many as it has where nobody else wants the machine."""
        return max(whole // SMALL, 1) if _resting(self.kind) else whole

    def as_asker(self) -> None:
        """Take on the asker's rights as the session of the moment sees them."""
        _act_as_asker(db.session.execute(_OWN.select(Job).where(Job.id == self.job_id)).scalar_one())

    def let_go(self) -> None:
        """Hold no lock while working without the database; what is read afterwards is read afresh."""
        transaction.begin(writes=False)

    def tidy(self) -> None:
        """Give back the memory of what is no longer needed, at a job's middle."""
        room.tidy()

    def _make_room(self) -> None:
        """Rest for a multiple of what the last part took while people are at work: the database, which knows no
        priorities, serves them meanwhile."""
        took, ours = (now - then for now, then in zip((time.monotonic(), time.thread_time()), self.since, strict=True))
        _gauge.worked(took - ours)
        rest = _resting(self.kind)
        if rest:
            stopping.wait(min(rest * took, LONGEST_REST))
        self.since = time.monotonic(), time.thread_time()

    def _renew(self, progress: float | None) -> Job:
        values: dict[str, Any] = {"lease_until": clock.now() + LEASE}
        if progress is not None:
            values["progress"] = min(max(progress, 0.0), 1.0)
        renewed = db.session.execute(_held(self).values(**values).returning(Job.id)).scalar_one_or_none()
        if renewed is None:
            raise LeaseLost
        return db.session.execute(_OWN.select(Job).where(Job.id == self.job_id)).scalar_one()


class Inline(Run):
    """Work short enough for the request itself: one act, which the guard commits with the request."""

    begun = False

    @contextmanager
    def step(self, progress: float | None = None, *, lasting: bool = True) -> Iterator[None]:
        """Begin to write, the first time; a part that fails takes everything with it."""
        if not self.begun:
            transaction.begin(writes=True)
            self.begun = True
        try:
            yield
        except BaseException:
            transaction.undo()
            self.begun = False
            raise

    def let_go(self) -> None:
        if not self.begun:
            transaction.undo()

    def tidy(self) -> None:
        """A request holds little, and others wait for its answer."""


Runner = Callable[[Run], dict[str, Any]]
_runners: dict[str, Runner] = {}
_hasty: set[str] = set()


def runner(kind: str, *, hasty: bool = False) -> Callable[[Runner], Runner]:
    """Say how a kind of job is done: it takes the run and gives the result. A hasty one rests less between parts."""

    def keep(run_it: Runner) -> Runner:
        _runners[kind] = run_it
        if hasty:
            _hasty.add(kind)
        return run_it

    return keep


def shelf() -> Shelf:
    """Where the files of jobs lie, encrypted (`app.files`); every worker reaches it."""
    return storage.shelf("imports")


def _behave(rest: float) -> None:
    """A thread of the worker stands back, and knows how long to rest."""
    room.stand_back()
    _manners.rest = rest


def _resting(kind: str) -> float:
    """How many times what a part took a job rests now: not at all where the machine is its own."""
    rest = getattr(_manners, "rest", 0.0) * (HASTE if kind in _hasty else 1.0)
    return rest if rest and _gauge.others() >= room.WANTED else 0.0


def register(app: Flask, huey: Huey) -> None:
    """Give the queue its one task, and the application its way to call it."""

    def run_job(job_id: str) -> None:
        with app.app_context():
            run(job_id)
        room.tidy()

    task = huey.task(name="run_job")(run_job)
    huey.on_startup()(lambda: _behave(app.config["SETTINGS"].job_rest))

    def wake(job_id: str) -> None:
        try:
            task(job_id)
        except Exception:
            # The row is committed: the worker's ticker finds it, and the request has done its part.
            log.exception("the call for job %s was lost", job_id)

    app.extensions["wake"] = wake


def _held(attempt: Run) -> Any:
    """The job while this attempt still holds it: attempts are numbered, so a later one shuts the earlier out."""
    return (_OWN.update(Job).where(Job.id == attempt.job_id, Job.attempts == attempt.attempt, Job.state == "running")
            .execution_options(synchronize_session=False))


def _claim(job_id: str) -> Run | None:
    """Take a job up, unless its tenant has one running: nobody's jobs keep everybody else's waiting (J7, I15)."""
    now = clock.now()
    tenant = job_rows.tenant_of(job_id)
    if tenant is None:
        return None
    if db.engine.dialect.name == "postgresql":  # SQLite's writers already queue
        db.session.execute(select(func.pg_advisory_xact_lock(int(sha256(tenant.encode()).hexdigest()[:15], 16))))
    row = db.session.execute(
        _OWN.update(Job)
        .where(Job.id == job_id, job_rows.idle(tenant),
               (Job.state == "waiting") | ((Job.state == "running") & (Job.lease_until < now)))
        .values(state="running", lease_until=now + LEASE, attempts=Job.attempts + 1)
        .returning(Job.kind, Job.attempts, Job.params, Job.unit_id).execution_options(synchronize_session=False)
    ).one_or_none()
    return Run(job_id, row[0], row[1], dict(row[2]), row[3]) if row is not None else None


def run(job_id: str) -> None:
    """Do a job with the rights its asker has now (A14); a refusal or failure is its result, never a lost job."""
    with transaction.act("worker"):
        attempt = _claim(job_id)
    if attempt is None:
        return
    refused: str | None = None
    try:
        if attempt.attempt > MOST_ATTEMPTS:
            raise Refusal(FAILED, code="gave_up")
        with attempt.step():
            pass
        result, state = _runners[attempt.kind](attempt), "done"
    except LeaseLost:
        log.warning("job %s was taken up by another worker", job_id)
        return
    except (Interrupted, OperationalError) as error:
        if getattr(getattr(error, "orig", None), "sqlstate", None) != TOO_SLOW:
            log.warning("job %s goes back: %s", job_id, type(error).__name__)
            _put_back(attempt, counts=not isinstance(error, Interrupted))
            return
        result, state = {"code": "too_slow", "message": SLOW}, "failed"
    except Refusal as refusal:
        result, state = {"code": refusal.code, "message": refusal.message, "fields": refusal.fields}, "failed"
        refused = refusal.code if refusal.status in (403, 404) else None
    except Exception as error:
        # Without the error's text: it may quote rows.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("job %s failed: %s\n%s", job_id, type(error).__name__, where)
        result, state = {"code": "error", "message": FAILED}, "failed"
    if _finish(attempt, state, attempt.so_far | result, refused):
        for then in attempt.afterwards:
            then()


def _act_as_asker(job: Job) -> None:
    """Take on the asker's rights as they are now."""
    account = db.session.execute(_OWN.select(Account).where(Account.id == job.account_id)).scalar_one()
    principal = principal_of(account, Channel(job.channel), clock.today()).at_post(job.params.get("_post"))
    audit.act_as(principal)
    if not guard.open_on(principal, principal.channel) or not account.may_log_in:
        raise Forbidden(SHUT_OUT)
    guard.stand_in(principal)


def _put_back(attempt: Run, *, counts: bool) -> None:
    """Let the next worker have it; being told to stop is no failed attempt."""
    with transaction.act("worker"):
        db.session.execute(_held(attempt).values(state="waiting", lease_until=None,
                                                 attempts=attempt.attempt if counts else attempt.attempt - 1))


def _finish(attempt: Run, state: str, result: dict[str, Any], refused: str | None) -> bool:
    with transaction.act("worker"):
        ended = db.session.execute(
            _held(attempt).values(state=state, result=result, progress=1.0, finished_at=clock.now(), lease_until=None)
            .returning(Job.id)
        ).scalar_one_or_none()
        if refused is not None and ended is not None:
            unit = db.session.execute(_OWN.select(Unit).where(Unit.id == attempt.unit_id)).scalar_one()
            db.session.add(audit.entry(attempt.kind, "job", attempt.job_id, unit, result=audit.REFUSED, reason=refused))
    return ended is not None
