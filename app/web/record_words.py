"""A record in words for the console: its badge, its line in a list, its fields, its people."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import url_for

from app.records.model import Record
from app.records.module import Module
from app.records.schema import CadreIds, Link, OneCadre, Rows
from app.schemas.fields import Code, Fen, Named
from app.web.ruling_words import odd_labels
from app.web.words import moment
from permissions.accounts import Account
from tenants.db import db
from tenants.models import Unit
from tenants.tree import here

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
NAMES_SHOWN = 3
People = Sequence[tuple[Link, str]]


def badge(record: Record, today: date) -> dict[str, Any]:
    """How it stands, with what it is when it is not entered."""
    note = None
    if record.entered_at is None:
        note = "计划" if record.ended_on > today else "草稿"
    return {"timeliness": record.timeliness(today).value, "note": note}


def _names(people: People) -> str:
    names = [name for _link, name in people]
    if len(names) <= NAMES_SHOWN:
        return "、".join(names)
    return f"{'、'.join(names[:NAMES_SHOWN])}等 {len(names)} 人"


def _for_people(module: Module) -> str | None:
    """The label of the people field where a record is for those people; None where many take part in something."""
    found = module.schema().people_field()
    return str(found[1].metadata["label"]) if found is not None and isinstance(found[1], CadreIds | OneCadre) else None


def _head(module: Module) -> str:
    return _for_people(module) or module.title


def _title(module: Module, record: Record, people: People) -> dict[str, Any]:
    """Whom it was for first, where it was for a person; what it was about first, where many took part."""
    if _for_people(module):
        return {"text": _names(people) or "（还没有选人）", "sub": record.summary}
    return {"text": record.summary, "sub": f"{len(people)} 人" if people else "还没有填写人员"}


def yuan(fen: int | None) -> str:
    """Money as it is written: `1,000.00`."""
    return f"{fen // 100:,}.{fen % 100:02d}" if fen is not None else ""


def rows_of(module: Module, rows: Sequence[Record], people: Mapping[str, People], units: Mapping[str, str] | None,
            today: date) -> dict[str, Any]:
    """Columns and rows for the macro `table`; with `units` (names by id) a column for the unit."""
    money = next((name for name, field in module.schema().own().items() if isinstance(field, Fen)), None)
    columns: list[dict[str, Any]] = [{"key": "title", "label": _head(module), "wide": True}]
    if units is not None:
        columns.append({"key": "unit", "label": "单位"})
    columns += [{"key": "ended", "label": "结束日期", "nowrap": True},
                {"key": "due", "label": "截止日", "nowrap": True},
                {"key": "entered", "label": "录入日期", "nowrap": True}]
    if money:
        columns.append({"key": "money", "label": "金额（元）", "numeric": True})
    columns.append({"key": "state", "label": "及时性", "nowrap": True})
    return {"columns": columns, "rows": [
        {"href": url_for("desk_records.show", module_key=module.key, record_id=row.id),
         "cells": {"title": _title(module, row, people[row.id]), "unit": (units or {}).get(row.unit_id),
                   "ended": row.ended_on.isoformat(),
                   "due": {"text": row.due_on.isoformat(), "sub": _about_due(row)},
                   "entered": row.entered_on.isoformat() if row.entered_on else None,
                   "money": yuan(getattr(row, money)) if money else None,
                   "state": {"badge": badge(row, today), "sub": "、".join(odd_labels(row.odd)) or None}}}
        for row in rows
    ]}


def _about_due(record: Record) -> str | None:
    """What there is to say about a due day in two words."""
    if record.corrected_due_on is not None:
        return "改期待确认"
    if record.extended_to is not None:
        return "已延期"
    return "暂定" if record.due_provisional else None


def _value(field: Named, name: str, shown: Mapping[str, Any]) -> Any:
    if isinstance(field, Code):
        return shown[f"{name}_label"]
    if isinstance(field, Fen) and isinstance(shown[name], int):
        return yuan(shown[name])
    return shown[name]


def details(module: Module, record: Record, shown: Mapping[str, Any], unit: Unit) -> list[dict[str, Any]]:
    """The module's own fields with their labels, then the common ones; a masked field stays `***`."""
    schema = module.schema()
    people = schema.people_field()
    items: list[dict[str, Any]] = [
        {"label": field.metadata["label"], "value": _value(field, name, shown),
         "wide": field.metadata["widget"] == "textarea"}
        for name, field in schema.own().items() if people is None or name != people[0]
    ]
    author = _author(record, unit)
    return [
        *items,
        {"label": "单位", "value": unit.name},
        {"label": "工作结束日期", "value": shown["ended_on"]},
        {"label": "录入时间", "value": moment(record.entered_at) or "还没有录入"},
        *([{"label": "录入人", "value": author}] if author else []),
    ]


def _author(record: Record, unit: Unit) -> str | None:
    """Who entered it, if he belongs to the unit; nobody from above is named."""
    if record.entered_by is None:
        return None
    return db.session.execute(
        here(unit).select(Account, Account.name).where(Account.id == record.entered_by)
    ).scalar_one_or_none()


def people_rows(module: Module, shown: Mapping[str, Any], *, linked: bool) -> list[dict[str, Any]]:
    """Who is in the record, how they took part, and where their files are."""
    found = module.schema().people_field()
    parts: dict[str, str] = {}
    if found is not None and isinstance(found[1], Rows):
        field = found[1]
        words = field.part_field.choices if isinstance(field.part_field, Code) else {}
        parts = {row["cadre_id"]: words.get(row[field.part]) or f"{row[field.part]} 分钟" for row in shown[found[0]]}
    return [{"name": each["name"], "part": parts.get(each["cadre_id"]),
             "href": url_for("desk_cadres.show", cadre_id=each["cadre_id"]) if linked else None}
            for each in shown["people"]]
