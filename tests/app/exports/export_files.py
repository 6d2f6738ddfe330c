"""Exports as a caller meets them: asked for, worked at, fetched, read; and a small world of records to export."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app import jobs
from app.exports import snapshot
from permissions import transaction
from permissions.audit import AuditEntry
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

PURPOSE = {"purpose": "核对走访名单"}
ALL = Scope.everything("the tests know everybody")
MODULES = ("visits", "hardship_aid", "branch_activities", "volunteer_service")


def ask(world: World, who: str, path: str, body: dict[str, Any] | None = None) -> str:
    """Ask for an export; the job's id."""
    answer = world.api(who).post(path, body or PURPOSE)
    assert answer.status_code == 202, answer.text
    return str(answer.json["job"]["id"])


def work(world: World, job_id: str) -> None:
    """A worker comes by."""
    with world.app.app_context():
        jobs.run(job_id)


def job_of(world: World, who: str, job_id: str) -> dict[str, Any]:
    """The job as its asker sees it."""
    found: dict[str, Any] = world.api(who).get(f"/jobs/{job_id}").json
    return found


def file_of(world: World, who: str, job_id: str) -> bytes:
    """The file."""
    answer = world.api(who).get(f"/jobs/{job_id}/file")
    assert answer.status_code == 200, answer.text
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.headers["Content-Disposition"].isascii()
    return bytes(answer.data)


def table_of(content: bytes) -> tuple[list[str], list[tuple[Any, ...]]]:
    """(what stands above the table, its rows); the head is the line that begins with 单位."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    lines = list(book.worksheets[0].iter_rows(values_only=True))
    head = next(place for place, line in enumerate(lines) if line[0] == "单位")
    return [str(line[0]) for line in lines[:head]], [tuple(line) for line in lines[head:]]


def exported(world: World, who: str, path: str, body: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Rows of a finished export by column."""
    job_id = ask(world, who, path, body)
    work(world, job_id)
    found = job_of(world, who, job_id)
    assert found["state"] == "done", found
    head, *rows = table_of(file_of(world, who, job_id))[1]
    assert found["result"]["rows"] == len(rows)
    return [dict(zip(head, row, strict=True)) for row in rows]


def listed(world: World, who: str, path: str) -> list[dict[str, Any]]:
    """Every row of a list of the API."""
    rows, mark = [], ""
    while mark is not None:
        more = ("&" if "?" in path else "?") + f"limit=7{f'&cursor={mark}' if mark else ''}"
        answer = world.api(who).get(path + more).json
        rows += answer["items"]
        mark = answer["next"]
    return rows


def fill(world: World, days: int = 9) -> None:
    """Visits of four units on several days, some late, some owed, a few deleted."""
    for who, cadre, unit in (("clerk", "cadre", "射阳"), ("town clerk", "town cadre", "合德镇"),
                             ("other clerk", "other cadre", "东台")):
        for back in range(days):
            day = date(2026, 6, 9) - timedelta(days=back * 3)
            body = {"unit_id": world.units[unit], "cadre_ids": [world.cadres[cadre]], "type": "routine",
                    "ended_on": day.isoformat(), "place": f"{unit}家中{back}", "visitors": "=李主任",
                    "feedback": f"反馈{unit}", "draft": back % 3 == 0}
            made = world.api(who).post("/records/visits", body)
            assert made.status_code == 201, made.text
            if back == 4:
                assert world.api(who).delete(f"/records/visits/{made.json['id']}").status_code == 204


def stored(world: World) -> list[Path]:
    return sorted((world.app.config["SETTINGS"].instance / "exports").glob("*"))


def entries(world: World, action: str) -> list[AuditEntry]:
    with world.app.app_context():
        return list(db.session.execute(ALL.select(AuditEntry).where(AuditEntry.action == action)).scalars())


def at_chunk(monkeypatch: pytest.MonkeyPatch, number: int, act: Callable[[], None]) -> None:
    """Do something before the nth chunk is read."""
    real, turns = snapshot.Snapshot.reading, [0]

    def reading(self: snapshot.Snapshot) -> Any:
        turns[0] += 1
        if turns[0] == number + 1:
            act()
        return real(self)

    monkeypatch.setattr(snapshot.Snapshot, "reading", reading)


def change(world: World, act: Callable[[], Unit]) -> None:
    with world.app.app_context(), transaction.act("tests"):
        unit = act()
        transaction.audit.record("tests:change", "unit", None, unit)


def unit_of(world: World, name: str) -> Unit:
    return db.session.execute(ALL.select(Unit).where(Unit.id == world.units[name])).scalar_one()
