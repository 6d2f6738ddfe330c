"""What the export pages say: conditions, how far, what came of it."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from app.exports import kept
from app.exports.conditions import conditions as said_of
from app.exports.wanted import Wanted, title_of
from app.job_rows import Job
from app.schemas.queries import CadreQuery
from app.web.desk_records import RecordListQuery
from app.web.import_words import STATES
from tenants import clock

EXPIRED = {"text": "已过期", "tone": "plain"}


def conditions(wanted: Wanted, found: Mapping[str, Any]) -> list[str]:
    """What the list is narrowed by; the first page of records means work that has ended."""
    if wanted.module is None:
        return said_of(wanted, CadreQuery.kept(), found)
    ended = [] if found.get("timeliness") or found.get("show") else ["已结束的工作"]
    return said_of(wanted, RecordListQuery.kept(), found) + ended


def title(job: Job) -> str:
    """What a job's page is headed by."""
    return f"导出{title_of(job.params['list'])}{'' if job.state in ('waiting', 'running') else '：结果'}"


def how_far(job: Job, ahead: int) -> str:
    """The sentence below the bar."""
    if ahead:
        return f"本单位前面还有 {ahead} 个任务，轮到后自动开始；一个单位同时只办一个，不影响其他单位。"
    return f"约 {job.params['rows']:,} 行，已完成 {round(job.progress * 100)}%。"


def items(job: Job) -> list[dict[str, Any]]:
    """The facts of an export, for the macro `details`."""
    result, until = job.result or {}, kept.expires_at(job)
    return [
        {"label": "条件", "value": "；".join(job.params["said"]) or "全部", "wide": True},
        {"label": "用途", "value": job.params["purpose"], "wide": True},
        {"label": "提交时间", "value": _at(job.created_at)},
        {"label": "行数", "value": f"{result.get('rows', job.params['rows']):,}"},
        {"label": "敏感信息", "value": f"{result['clear_rows']:,} 行为原文" if result.get("clear_rows") else "遮蔽"},
        {"label": "保留到", "value": _at(until) if until is not None else "生成后 24 小时"},
    ]


def notice(job: Job, gone: str | None) -> dict[str, str]:
    """The sentence at the head of the result, and its tone."""
    if gone is not None:
        return {"tone": "warn" if job.state == "done" else "bad", "text": gone}
    rows = f"{(job.result or {})['rows']:,}"
    return {"tone": "good", "text": f"已生成，共 {rows} 行。文件只有您本人可以下载，24 小时后自动删除。"}


def line(job: Job) -> dict[str, Any]:
    """One of my latest exports, for the macro `table`."""
    state = EXPIRED if kept.is_expired(job) else STATES[job.state]
    return {"href": url_for("desk_exports.show", job_id=job.id),
            "cells": {"what": {"text": job.params["purpose"], "sub": "；".join(job.params["said"]) or None},
                      "at": _at(job.created_at), "state": {"badge": state},
                      "rows": f"{(job.result or {}).get('rows', job.params['rows']):,}"}}


def _at(moment: Any) -> str:
    return clock.local(moment).strftime("%Y-%m-%d %H:%M")
