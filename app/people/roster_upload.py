"""A roster on its way: checked and read, kept encrypted while needed, given back with its errors, cleared away."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import PurePath
from typing import Any

from app import files, job_rows, jobs
from app.people import roster
from app.people.roster_rows import Complaint
from app.sheets import safety
from app.sheets.annotate import annotate
from app.sheets.limits import UnsafeSheet
from app.sheets.reader import Sheet, UnreadableSheet, read
from app.values.bad import BadValue
from app.values.text import clean_line
from permissions import transaction
from permissions.actions import Action
from tenants import clock
from tenants.db import db
from tenants.errors import Invalid

KIND = Action.CADRE_IMPORT.value
MOST_ROWS = 50_000
KEPT = timedelta(days=7)
_ORPHANED = timedelta(days=1)
_STATUS = {"too_large": 413, "not_xlsx": 415}


class BadFile(Invalid):
    """A file that cannot be taken at all: 413 too large, 415 no .xlsx, else 422; says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, code=code, fields={"file": [message]})
        self.status = _STATUS.get(code, 422)


def open_sheet(data: bytes, *, checked: bool = False) -> Sheet:
    """The rows of a roster. Raises BadFile; `checked` says the safety check was passed before (D1)."""
    try:
        if not checked:
            safety.check(data)
        sheet = read(data, None, roster.COLUMNS, MOST_ROWS, checked=True)
    except (UnsafeSheet, UnreadableSheet) as refused:
        raise BadFile(refused.code, refused.message) from refused
    missing = [roster.LABELS[key] for key in roster.REQUIRED if roster.LABELS[key] in sheet.missing_columns]
    if missing:
        raise BadFile("missing_columns", f"缺少必填的列：{'、'.join(missing)}。请使用下载的模板填写。")
    if sheet.duplicate_columns:
        twice = "、".join(sheet.duplicate_columns[:5])[:100]
        raise BadFile("duplicate_columns", f"有重复的列：{twice}。每列只保留一个。")
    if not sheet.rows:
        raise BadFile("no_rows", "表格里没有数据。请从示例行的下一行开始填写。")
    return sheet


def shown_name(filename: str | None) -> str:
    """The file's name as it may be kept and shown: no path, no long digits that might be somebody's number."""
    try:
        name = clean_line(PurePath((filename or "").replace("\\", "/")).name[-100:], 100)
    except BadValue:
        name = ""
    return re.sub(r"\d{9,}[Xx]?", "…", name) or "名册.xlsx"


def keep_upload(data: bytes, account_id: str) -> str:
    """Store the sender's file; returns its name."""
    return files.save(data, jobs.shelf(), context=f"imports.upload.{account_id}")


def load_upload(name: str, account_id: str) -> bytes:
    """The sender's file. Raises BadFile when it has been cleared away."""
    try:
        return files.load(name, jobs.shelf(), f"imports.upload.{account_id}")
    except FileNotFoundError as gone:
        raise BadFile("file_gone", "上传的文件已经清理，请重新上传。") from gone


def remove(name: str | None) -> None:
    """Delete a kept file, if there is one."""
    if name:
        files.remove(name, jobs.shelf())


def keep_errors(job_id: str, data: bytes, sheet: Sheet, bad: Mapping[int, Sequence[Complaint]]) -> str | None:
    """Store the sender's own file with the bad rows only; None when it can be read but not rewritten."""
    said = {number: [(roster.LABELS.get(each.key), each.message) for each in found] for number, found in bad.items()}
    try:
        made = annotate(data, sheet.name, sheet.header_row, said, checked=True)
    except UnreadableSheet:
        return None
    return files.save(made, jobs.shelf(), context=f"imports.errors.{job_id}")


def load_errors(job_id: str, name: str) -> bytes | None:
    """The file with the bad rows; None when it has been cleared away."""
    try:
        return files.load(name, jobs.shelf(), f"imports.errors.{job_id}")
    except FileNotFoundError:
        return None


def named_by(job: job_rows.Job) -> set[str]:
    """The files a job still needs."""
    found: list[Any] = [job.params.get("file"), (job.result or {}).get("_error_name")]
    return {name for name in found if name}


def clear_away() -> int:
    """Delete imports older than a week with their files, and files nobody names; returns how many files went."""
    with transaction.act("worker"):
        gone: set[str] = set()
        for job in job_rows.older_than(KIND, clock.now() - KEPT):
            gone |= named_by(job)
            db.session.delete(job)
        db.session.flush()
        needed = {name for job in job_rows.of_kind(KIND) for name in named_by(job)}
    oldest, removed = (clock.now() - _ORPHANED).timestamp(), 0
    shelf = jobs.shelf()
    for name, written in list(shelf.names()):
        if name not in needed and (name in gone or written < oldest) and shelf.remove(name):
            removed += 1
    return removed
