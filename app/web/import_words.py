"""What the import pages say: titles, figures, and what to do next."""

from typing import Any

from flask import url_for

from app.job_rows import Job
from tenants import clock
from tenants.models import Unit

STATES = {"waiting": {"text": "排队中", "tone": "calm"}, "running": {"text": "正在处理", "tone": "calm"},
          "done": {"text": "已完成", "tone": "good"}, "failed": {"text": "没有完成", "tone": "bad"}}


def title(job: Job) -> str:
    """What kind of run it is."""
    if job.state in ("waiting", "running"):
        return "正在试导入" if job.params["dry_run"] else "正在导入"
    return "试导入结果" if job.params["dry_run"] else "导入结果"


def sub(job: Job, unit: Unit) -> str:
    """Which file, for whom, when."""
    return f"{job.params['filename']} · {unit.name} · {_at(job)}"


def _at(job: Job) -> str:
    return clock.local(job.created_at).strftime("%Y-%m-%d %H:%M")


def line(job: Job) -> dict[str, Any]:
    """One of my latest imports, for the macro `table`."""
    result = job.result or {}
    came = f"{result['ok']:,} / {result['total']:,}" if "total" in result else ""
    state = {"text": "试导入", "tone": "plain"} if job.params["dry_run"] and job.state == "done" else STATES[job.state]
    return {"href": url_for("desk_import.show", job_id=job.id),
            "cells": {"file": job.params["filename"], "at": _at(job), "state": {"badge": state}, "ok": came}}


def notice(job: Job) -> dict[str, str]:
    """The sentence at the head of the result, and its tone."""
    result = job.result or {}
    ok, failed, total = (f"{result.get(name, 0):,}" for name in ("ok", "failed", "total"))
    back = "错误行已放进您自己的表格，最后一列写明原因，改好后再导入那一份即可。"
    if result.get("dry_run"):
        if not result["failed"]:
            return {"tone": "good", "text": f"{total} 行都没有问题，还没有保存，请在下面确认导入。"}
        if not result["ok"]:
            return {"tone": "bad", "text": f"{failed} 行都有错，没有可以导入的行。{back}"}
        return {"tone": "warn", "text": f"{ok} 行可以导入，{failed} 行有错；还没有保存任何内容，请在下面选择怎么导入。"}
    if not result.get("failed"):
        return {"tone": "good", "text": f"{total} 行全部导入。"}
    if result.get("on_error") == "abort":
        return {"tone": "bad", "text": f"有 {failed} 行有错，按您的选择，一行也没有导入。{back}"}
    return {"tone": "warn" if result["ok"] else "bad", "text": f"{ok} 行已导入，{failed} 行有错没有导入。{back}"}


def stats(result: dict[str, Any]) -> list[dict[str, Any]]:
    """The four figures."""
    trial = result.get("dry_run")
    return [
        {"label": "总行数", "value": f"{result['total']:,}"},
        {"label": "可以导入" if trial else "已导入", "value": f"{result['ok']:,}", "tone": "good",
         "icon": "check-circle"},
        {"label": "有错的行", "value": f"{result['failed']:,}", "tone": "bad" if result["failed"] else "plain",
         "icon": "alert"},
        {"label": "将开通账号" if trial else "开通账号", "value": f"{result['accounts_opened']:,}", "tone": "calm",
         "icon": "key", "hint": "初始密码由短信发给本人" if trial else "短信已排队，几秒内发出"},
    ]


def may_confirm(job: Job) -> bool:
    """Whether there is something left to import from this trial."""
    return bool(job.params["dry_run"] and job.params["file"] and not job.params.get("confirmed")
                and (job.result or {}).get("ok"))


def failure(job: Job) -> dict[str, str]:
    """Why it ended, and what is in nevertheless."""
    result = job.result or {}
    text = str(result.get("message", "处理时出了问题，请重新上传。"))
    if result.get("ok"):
        text += f" 在此之前已导入 {result['ok']:,} 行；重新上传同一份名册，已导入的行不会重复。"
    return {"tone": "bad", "text": text}
