"""The import of a roster: tried or done, short ones at once and long ones in the worker, with the asker's rights.

Checked first and outside any lock, written in short acts: `skip` commits good rows in batches, `abort` brings in all
rows in one act or none. Rows have ids of their own (`own_id`), so that a job taken up again never does a row twice.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from app import job_rows, jobs
from app.job_rows import Job
from app.jobs import Inline, Run
from app.people import roster, roster_reading, roster_rows, roster_upload, roster_write
from app.people.roster_reading import Checked
from app.people.roster_rows import Entry
from app.people.roster_upload import KIND
from app.sheets.reader import Sheet
from app.values import name_words
from permissions import audit, guard, transaction
from permissions.actions import Action
from tenants.db import db
from tenants.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.fields import new_id
from tenants.models import Unit, UnitStatus
from tenants.scope import Scope

INLINE_ROWS = 200
BATCH = 250
MOST_ERRORS = 10_000
MOST_WAITING = 5
_OPEN = Action.ACCOUNT_OPEN
CHANGED = "导入期间权限或单位有变动，其余的行没有导入。"


class Beaten(Exception):
    """All or nothing, and somebody else brought one of the rows in meanwhile."""


@dataclass
class Tally:
    """What an import has come to so far."""

    ok: int = 0
    accounts: int = 0
    lost: list[Entry] = field(default_factory=list)


def start(unit: Unit, data: bytes, filename: str | None, *, dry_run: bool, on_error: str, keep: bool = False) -> Job:
    """Import a roster into a unit, or try to: a job that is done already, or one that the worker will do.

    `keep` keeps the file after a trial, so that `confirm` needs no second upload. Raises Forbidden, Invalid, BadFile.
    """
    guard.require(Action.CADRE_IMPORT, unit)
    if unit.status != UnitStatus.open:
        raise Invalid(fields={"unit_id": ["该单位已撤销，不能导入。"]})
    transaction.undo()  # nothing is locked while the file is read
    sheet = roster_upload.open_sheet(data)
    params = {"dry_run": dry_run, "on_error": on_error, "keep": keep, "rows": len(sheet.rows), "file": None,
              "filename": roster_upload.shown_name(filename)}
    return _submit(unit, data, sheet, params)


def confirm(job_id: str, on_error: str) -> Job:
    """Import what was tried before, from the file kept then; once only."""
    tried = job_rows.mine(job_id, KIND)
    guard.require(Action.CADRE_IMPORT, unit_of(tried))
    if tried.state != "done" or not tried.params["dry_run"] or not tried.params["file"]:
        raise Conflict("请先重新上传并试导入。", code="nothing_tried")
    if tried.params.get("confirmed"):
        return job_rows.mine(tried.params["confirmed"], KIND)
    unit, name = unit_of(tried), tried.params["file"]
    params = tried.params | {"dry_run": False, "on_error": on_error, "keep": False}
    transaction.undo()
    data = roster_upload.load_upload(name, guard.me().account.id)
    return _submit(unit, data, roster_upload.open_sheet(data, checked=True), params, tried=job_id)


def _submit(unit: Unit, data: bytes, sheet: Sheet, params: dict[str, Any], tried: str | None = None) -> Job:
    run = Inline(new_id(), KIND, 1, params, unit.id)
    if len(sheet.rows) <= INLINE_ROWS:
        result = carry_out(run, data, sheet)
        if params["keep"]:
            params["file"] = roster_upload.keep_upload(data, guard.me().account.id)
        with run.step():
            _mark_confirmed(tried, run.job_id)
            if tried is not None:
                transaction.after_commit(lambda: roster_upload.remove(params["file"]))
            return job_rows.done(KIND, unit, params | ({"file": None} if tried else {}), result, job_id=run.job_id)
    params["file"] = params["file"] or roster_upload.keep_upload(data, guard.me().account.id)
    with run.step():
        if job_rows.unfinished(KIND) >= MOST_WAITING:
            raise Conflict("您有几个导入还在处理，请等它们完成后再提交。", code="too_many_jobs")
        _mark_confirmed(tried, run.job_id)
        return job_rows.ask(KIND, unit, params, job_id=run.job_id)


def _mark_confirmed(tried: str | None, job_id: str) -> None:
    if tried is None:
        return
    job = job_rows.mine(tried, KIND, lock=True)
    if job.params.get("confirmed"):
        raise Conflict("这份名册已经提交导入，请刷新页面查看结果。", code="already_confirmed")
    job.params = job.params | {"confirmed": job_id}


def unit_of(job: Job) -> Unit:
    """The unit an import was asked for."""
    return db.session.execute(
        Scope.everything("a job's own unit").select(Unit).where(Unit.id == job.unit_id)
    ).scalar_one()


def errors_of(job_id: str) -> tuple[bytes, str]:
    """The sender's own rows back, in clear as he sent them, and a file name: for him alone, and into the log.

    Raises NotFound when it is not his, has no bad rows or was cleared away, Forbidden when he may no longer import.
    """
    job = job_rows.mine(job_id, KIND)
    unit = unit_of(job)
    guard.require(Action.CADRE_IMPORT, unit)
    name = (job.result or {}).get("_error_name")
    made = roster_upload.load_errors(job.id, name) if name else None
    if made is None:
        raise NotFound
    audit.note(audit.entry("cadre:import_errors", "job", job.id, unit))
    return made, f"有错的行-{job.params['filename']}"


@jobs.runner(KIND)
def work(run: Run) -> dict[str, Any]:
    """What the worker does with a job of this kind."""
    name = run.params["file"]
    run.afterwards += name_words.forget, roster_rows.forget
    if not run.params["keep"]:
        run.afterwards.append(lambda: roster_upload.remove(name))
    data = roster_upload.load_upload(name, guard.me().account.id)
    return carry_out(run, data, roster_upload.open_sheet(data, checked=True))


def carry_out(run: Run, data: bytes, sheet: Sheet) -> dict[str, Any]:
    """Check every row, give the bad ones back, bring the good ones in unless it is a trial; the result (contract)."""
    run.let_go()
    found = roster_reading.check(run, sheet.rows)
    bad = found.bad
    error_name = _give_back(run, data, sheet, bad)
    tally = Tally()
    if run.params["dry_run"]:
        tally.ok, tally.accounts = found.good.count, found.would_open
    elif run.params["on_error"] == "skip":
        _bring_in_good(run, found, tally)
    elif not bad:
        _bring_in_all(run, found, tally)
    if tally.lost:
        bad = sorted(bad + tally.lost, key=lambda each: each.number)
        roster_upload.remove(error_name)
        error_name = _give_back(run, data, sheet, bad)
    result = _result(run, sheet, bad, tally, total=found.total) | {"_error_name": error_name}
    result["error_file"] = f"/api/v1/jobs/{run.job_id}/error-file" if error_name else None
    with run.step(0.98):
        _log(run, result)
    return result


def _give_back(run: Run, data: bytes, sheet: Sheet, bad: Sequence[Entry]) -> str | None:
    if not bad:
        return None
    return roster_upload.keep_errors(run.job_id, data, sheet, {each.number: each.complaints for each in bad})


def _prepare(run: Run, entries: Sequence[Entry]) -> Callable[[], list[roster_write.Prepared]]:
    """What makes the rows of entries, for any thread: whom it opens accounts for is known, nothing is looked up."""
    opening, author, job_id = guard.sight(_OPEN), guard.me().account.id, run.job_id
    run.let_go()
    opens = [roster_reading.opens_account(each, opening) for each in entries]
    return lambda: [roster_write.prepare(each, job_id, author, opens_account=its)
                    for each, its in zip(entries, opens, strict=True)]


def _bring_in_good(run: Run, found: Checked, tally: Tally) -> None:
    """Good rows in batches, each committed by itself; the next is made while the database writes."""
    tally.ok, tally.accounts = found.done, found.opened
    waiting, done = found.good, 0
    run.tidy()
    with ThreadPoolExecutor(1) as beside:
        def take() -> "Future[list[roster_write.Prepared]] | None":
            part = waiting.take(run.part(BATCH))
            return beside.submit(_prepare(run, part)) if part else None

        coming = take()
        while coming is not None:
            rows, coming = coming.result(), take()
            done += len(rows)
            with run.step(0.3 + 0.65 * done / waiting.count):
                _write(run, rows, tally)
            run.so_far.update(ok=tally.ok, accounts_opened=tally.accounts)


def _bring_in_all(run: Run, found: Checked, tally: Tally) -> None:
    """Every row in one act, or none."""
    tally.ok, tally.accounts = found.done, found.opened
    rows = sorted(_prepare(run, found.good.take(found.good.count))(), key=lambda each: each.id_number_key)
    begun = Tally(tally.ok, tally.accounts)
    try:
        with run.step(0.9):
            for first in range(0, len(rows), BATCH):
                _write(run, rows[first:first + BATCH], begun)
            if begun.lost:
                raise Beaten
    except Beaten:
        tally.lost = begun.lost
        return
    tally.ok, tally.accounts = begun.ok, begun.accounts


def _write(run: Run, batch: Sequence[roster_write.Prepared], tally: Tally) -> None:
    """One batch with its log entries, one per unit; where a unit was closed or left my scope, nothing goes in."""
    _unit, scope = roster_reading.here(run)
    wanted = {each.entry.unit_id for each in batch}
    units = db.session.execute(
        scope.select(Unit).where(Unit.id.in_(wanted), Unit.status == UnitStatus.open)
    ).scalars().all()
    if len(units) != len(wanted):
        raise Forbidden(CHANGED)
    opening = guard.sight(_OPEN)  # as it is now: the rows may have been made under more
    batch = [each if each.opening is None or opening.covers(each.entry.unit_number) else replace(each, opening=None)
             for each in batch]
    written = roster_write.write(batch, scope)
    for unit in units:
        numbers = [each.number for each in written.entries if each.unit_id == unit.id]
        if numbers:
            audit.record(Action.CADRE_IMPORT, "job", run.job_id, unit,
                         after={"cadres": len(numbers), "rows": [min(numbers), max(numbers)]})
    tally.ok += len(written.entries)
    tally.accounts += written.accounts
    tally.lost += written.lost


def _result(run: Run, sheet: Sheet, bad: Sequence[Entry], tally: Tally, *, total: int) -> dict[str, Any]:
    errors = (
        {"row": each.number, "column": roster.LABELS[complaint.key], "code": complaint.code,
         "message": complaint.message}
        for each in bad
        for complaint in sorted(each.complaints, key=lambda complaint: roster.ORDER[complaint.key])
    )
    left_out = max(0, sum(len(each.complaints) for each in bad) - MOST_ERRORS)
    return {"total": total, "ok": tally.ok, "failed": len(bad), "accounts_opened": tally.accounts,
            "errors": list(islice(errors, MOST_ERRORS)), "errors_left_out": left_out,
            "dry_run": run.params["dry_run"], "on_error": run.params["on_error"],
            "ignored_columns": [label[:50] for label in sheet.unknown_columns[:20]]}


def _log(run: Run, result: dict[str, Any]) -> None:
    unit, _scope = roster_reading.here(run)
    said = ("total", "ok", "failed", "accounts_opened", "dry_run", "on_error")
    audit.record(Action.CADRE_IMPORT, "job", run.job_id, unit, after={name: result[name] for name in said})
