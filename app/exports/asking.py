"""Asking for an export, calling it off, fetching its file: for the asker alone, with the rights of that moment."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from app import job_rows, registry
from app.administration import units
from app.exports import kept
from app.exports.sources import source_of
from app.exports.wanted import CADRES, Wanted, as_params
from app.exports.work import NARROWED, fetched, reaches
from app.job_rows import Job
from app.people import listing as people
from app.records import listing as records
from app.sheets.stream import MOST_ROWS
from permissions import audit, guard
from tenants import clock, tree
from tenants.db import db
from tenants.errors import Conflict, Forbidden, Invalid
from tenants.models import Unit
from tenants.scope import Scope

MOST_WAITING = 5
SHORTEST_PURPOSE = 4
_OWN = Scope.everything("a job's own unit, for its entry in the log")
EXPIRED = "这份文件已过期删除，请重新导出。"


@dataclass(frozen=True)
class File:
    """A finished export on its way to its asker."""

    name: str
    size: int
    parts: Iterator[bytes]

    @property
    def disposition(self) -> str:
        """The header that names it; headers are Latin-1 (RFC 6266)."""
        return f"attachment; filename=export.xlsx; filename*=UTF-8''{quote(self.name)}"


def count(wanted: Wanted, today: date) -> int:
    """How many rows there are to export now."""
    return source_of(wanted, today).total()


def ask(wanted: Wanted, said: Sequence[str] = ()) -> Job:
    """Have the worker make the file. `said` are the conditions in words. Raises Forbidden, Invalid, Conflict."""
    inside = wanted.inside()
    if wanted.clear and not wanted.clear_scope().narrowed(inside):
        raise Forbidden
    if len(wanted.purpose.strip()) < SHORTEST_PURPOSE:
        raise Invalid(fields={"purpose": [f"请写明导出的用途，不少于 {SHORTEST_PURPOSE} 个字。"]})
    rows = count(wanted, clock.today())
    if rows > MOST_ROWS:
        raise Invalid(f"共 {rows:,} 行，一次最多导出 {MOST_ROWS:,} 行，请按单位或日期分批导出。", code="too_many_rows")
    if sum(job_rows.unfinished(kind) for kind in kept.KINDS) >= MOST_WAITING:
        raise Conflict("您有几个导出还在处理，请等它们完成后再提交。", code="too_many_jobs")
    params = as_params(wanted) | {"rows": rows, "said": [_shown(each) for each in said]}
    return job_rows.ask(wanted.action.value, _place(wanted), params)


def _shown(condition: str) -> str:
    """A condition as it may be kept and shown: no long digits that might be somebody's number."""
    return re.sub(r"\d{9,}[Xx]?", "…", condition)[:100]


def _place(wanted: Wanted) -> Unit:
    """The unit the log tells of it at: the one asked for, else my own or the first I may."""
    if wanted.unit is not None:
        return wanted.unit
    scope = wanted.scope()
    return units.own() if scope.covers(guard.me().at.number) else tree.topmost(scope)[0]


def mine(job_id: str) -> Job:
    """An export I asked for. NotFound; Conflict when it is a job of another kind."""
    job = job_rows.mine(job_id)
    if job.kind not in kept.KINDS:
        raise Conflict("这个任务没有可以取用的文件。", code="no_file")
    return job


def call_off(job_id: str) -> Job:
    """End an export that waits or runs: its worker steps back at the next chunk and takes away what it wrote."""
    mine(job_id)
    job = job_rows.mine(job_id, lock=True)
    if job.state not in ("waiting", "running"):
        raise Conflict("这个任务已经结束。", code="finished")
    job.state, job.finished_at, job.lease_until = "failed", clock.now(), None
    job.result = {"code": "called_off", "message": "已取消，没有生成文件。"}
    db.session.flush()
    return job


def refusal(job: Job) -> str | None:
    """Why the file of a finished export cannot be fetched now; None when it can."""
    if kept.is_expired(job):
        return EXPIRED
    try:
        _check(job)
    except Forbidden as refused:
        return refused.message
    return None


def fetch(job_id: str) -> File:
    """The file, and its line in the log. Raises NotFound, Forbidden (narrowed), Conflict (not ready, expired)."""
    job = mine(job_id)
    _check(job)
    if job.state != "done":
        raise Conflict("文件还没有生成。", code="not_ready")
    if kept.is_expired(job):
        raise Conflict(EXPIRED, code="expired")
    result = job.result or {}
    try:
        parts = kept.read(job.id, result["_parts"])
    except FileNotFoundError as gone:
        raise Conflict(EXPIRED, code="expired") from gone
    wanted = _list_of(job)
    unit = db.session.execute(_OWN.select(Unit).where(Unit.id == job.unit_id)).scalar_one()
    audit.note(audit.entry(fetched(wanted.action), wanted.module.key if wanted.module else "cadre", job.id, unit,
                           after={"exported": result["rows"], "clear_rows": result["clear_rows"]}))
    stamp = clock.local(job.created_at).strftime("%Y%m%d-%H%M")
    return File(f"{wanted.title}-{stamp}.xlsx", result["size"], parts)


def _list_of(job: Job) -> Wanted:
    """The list alone, without what it was narrowed to."""
    if job.params["list"] == CADRES:
        return Wanted(None, people.Filters(), clear=True)
    return Wanted(registry.module(job.params["list"]), records.Filters(), clear=True)


def _check(job: Job) -> None:
    """What lies in the file is still mine to read, and what stands there in clear to see so. Raises Forbidden."""
    wanted, result = _list_of(job), job.result or {}
    scope = wanted.scope()
    if result.get("_tree") is None:
        return
    then, clear = (Scope.of((low, high) for low, high in result[name]) for name in ("_scope", "_clear"))
    if not (reaches(scope, then) and reaches(wanted.clear_scope(), clear)):
        raise Forbidden(NARROWED)
