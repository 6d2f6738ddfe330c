"""What the worker does with an export: one snapshot, chunk after chunk, each with the asker's rights of that moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app import jobs
from app.exports import kept
from app.exports.snapshot import Snapshot, snapshot
from app.exports.sources import Source, sensitive_of, source_of
from app.exports.wanted import Wanted, from_params
from app.jobs import Run
from app.sheets.stream import write_stream
from permissions import audit, guard
from permissions.actions import Action
from permissions.phone import mask_phone
from tenants import clock, tree
from tenants.db import db
from tenants.errors import Forbidden
from tenants.models import Unit
from tenants.scope import Scope

CHUNK = 500
NARROWED = "您的权限或管理范围在导出之后变小了，这份文件不能再取用，请重新导出。"
CHANGED = "导出期间您的权限或管理范围变小了，没有生成文件，请重新导出。"
_OWN = Scope.everything("a job's own unit, for its entry in the log")


@dataclass(frozen=True)
class Opened:
    """An export as it was opened in its snapshot."""

    wanted: Wanted
    source: Source
    inside: Scope
    clear: Scope
    total: int
    meta: list[tuple[str, str]]
    watermark: str
    version: int


def reaches(now: Scope, then: Scope) -> bool:
    """Whether a scope still holds all that another held: no unit has left it (numbers are never given again)."""
    return then.narrowed(now).ranges == then.ranges if now.because is None else True


def work(run: Run) -> dict[str, Any]:
    """Write the file; the result says how many rows and until when, and inside it where the parts are."""
    run.let_go()
    parts = kept.Parts(run.job_id)
    try:
        with snapshot() as moment:
            with moment.reading():
                run.as_asker()
                opened = _open(run)
            rows = write_stream(parts, opened.wanted.title, opened.meta, opened.source.columns,
                                _rows(run, moment, opened), opened.watermark)
        parts.close()
        clear_rows = opened.source.clear_rows
        with run.step(0.99):
            _check(opened)
            _log(run, opened.wanted, rows, clear_rows)
    except BaseException:
        parts.discard()
        raise
    return {"rows": rows, "clear_rows": clear_rows, "size": parts.size,
            "expires_at": clock.iso(clock.now() + kept.KEPT), "file": f"/api/v1/jobs/{run.job_id}/file",
            "_parts": parts.names, "_scope": opened.inside.ranges, "_clear": opened.clear.ranges if clear_rows else (),
            "_tree": opened.version}


for _kind in kept.KINDS:
    jobs.runner(_kind)(work)


def _open(run: Run) -> Opened:
    wanted = from_params(run.params)
    source = source_of(wanted, clock.today())
    principal, stamp = guard.me(), clock.local(clock.now()).strftime("%Y-%m-%d %H:%M:%S")
    sensitive = "、".join(sensitive_of(wanted.module))
    inside = wanted.inside()
    clear = wanted.clear_scope().narrowed(inside)
    masks = "无敏感项" if not sensitive else f"{sensitive}：{'本单位有权查看的为原文' if clear else '遮蔽'}"
    meta = [("条件", "；".join(run.params.get("said", ())) or "全部"), ("用途", wanted.purpose), ("敏感信息", masks),
            ("导出人", principal.account.name), ("数据截至", stamp), ("编号", run.job_id)]
    watermark = f"{principal.account.name} {mask_phone(principal.account.phone)} {stamp} {run.job_id}"
    return Opened(wanted, source, inside, clear, source.total(), meta, watermark, tree.version())


def _rows(run: Run, moment: Snapshot, opened: Opened) -> Iterator[dict[str, Any]]:
    done = 0
    while True:
        with moment.reading():
            chunk = opened.source.chunk(run.part(CHUNK))
        if not chunk:
            return
        yield from chunk
        done += len(chunk)
        with run.step(0.95 * done / max(opened.total, done), lasting=False):
            _check(opened)


def _check(opened: Opened) -> None:
    """The rights of this moment still hold what the snapshot was opened with. Raises Forbidden."""
    if not (reaches(opened.wanted.scope(), opened.inside) and reaches(opened.wanted.clear_scope(), opened.clear)):
        raise Forbidden(CHANGED)


def _log(run: Run, wanted: Wanted, rows: int, clear_rows: int) -> None:
    unit = db.session.execute(_OWN.select(Unit).where(Unit.id == run.unit_id)).scalar_one()
    audit.record(wanted.action, wanted.module.key if wanted.module else "cadre", run.job_id, unit,
                 after={"purpose": wanted.purpose, "exported": rows, "clear_rows": clear_rows,
                        "conditions": "；".join(run.params.get("said", ()))})


def fetched(action: Action) -> str:
    """The log's name for fetching a file that an export made."""
    return f"{action.value}_file"
