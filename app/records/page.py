"""A list page of one kind of record for the API, or one record: rows from the database, no entities (`view.Plan`).

The total comes with the rows, in one statement. Which way of picking suits a scope is remembered from the total of
the page before; a wrong guess costs time, never a row.
"""

import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine, Select, bindparam, exists, select
from sqlalchemy_utils import StringEncryptedType

from app.paging import Page, page_of
from app.records import store, view
from app.records.listing import Filters, Question
from app.records.model import Attachment, Record
from app.records.module import Module
from tenants import keys, picking, tree
from tenants.db import db
from tenants.errors import NotFound
from tenants.models import Unit
from tenants.picking import Key
from tenants.place import Place
from tenants.prepared import Prepared, Row, Within
from tenants.scope import Scope

_MOST_KEPT = 4096
_was_few: weakref.WeakKeyDictionary[Engine, OrderedDict[Hashable, bool]] = weakref.WeakKeyDictionary()


def page(module: Module, scope: Scope, filters: Filters, *, today: date, cursor: str | None, limit: int) -> Page[Row]:
    """Newest first: rows in the order of the module's plan, the total behind each, and the total."""
    question = Question.of(module, scope, filters, today=today, cursor=cursor, limit=limit)
    if not scope:
        return Page([], None, 0)
    unit = tree.top_of(scope) if not question.is_narrowed else None
    rows = question.rows(view.plan_of(module).names, few=_few(question), unit=unit, with_total=True)
    total = int(rows[0][-1]) if rows else question.total()
    if not question.is_narrowed:
        _remember(question, total)
    return page_of(rows, limit, key_of(question), total)


@dataclass(frozen=True, slots=True)
class One:
    """A record to be looked at: its row in the order of the plan, its people, where it lies, and whether photos go
    with it."""

    row: Row
    people: view.People
    place: Place
    has_photos: bool


def one(module: Module, record_id: str, scope: Scope) -> One:
    """A living record inside a scope, in one statement. Raises NotFound."""
    names = view.plan_of(module).names
    found, people = store.with_people(scope, record_id, (_ONE, (module.record, names), {"wanted": record_id}))
    if not found:
        raise NotFound
    row, many = found[0], len(names)
    return One(row[:many], people, Place(*row[many:-1]), bool(row[-1]))


def _one(within: Within, record: type[Record], names: tuple[str, ...]) -> Select[Any]:
    photos = exists().where(Attachment.record_id == record.id, within(Attachment))
    return (select(*view.columns_of(record, names), *tree.PLACE, photos.label("has_photos"))
            .join(Unit, Unit.id == record.unit_id)
            .where(record.id == bindparam("wanted"), record.deleted_at.is_(None), within(record), within(Unit)))


_ONE = Prepared(_one)


def key_of(question: Question) -> Callable[[Row], Key]:
    """How a cursor is taken from a row."""
    day = view.COMMON.index(question.day)
    return lambda row: (row[day], row[UNIT_NUMBER], row[_ID])


def _few(question: Question) -> bool:
    if picking.ordered(question.scope):
        return False
    if question.is_narrowed:
        return question.is_few()
    known = _was_few.setdefault(db.engine, OrderedDict()).get((question.module.key, question.scope))
    return known if known is not None else question.total() <= picking.FEW


def _remember(question: Question, total: int) -> None:
    kept = _was_few.setdefault(db.engine, OrderedDict())
    kept[question.module.key, question.scope] = total <= picking.FEW
    while len(kept) > _MOST_KEPT:
        kept.popitem(last=False)


_ID, UNIT_NUMBER = (view.COMMON.index(name) for name in ("id", "unit_number"))


def shown(module: Module, rows: Sequence[Row], scope: Scope, keeps: Scope, today: date) -> list[dict[str, Any]]:
    """The JSON of rows; sensitive values are opened for those who keep the record, and for nobody else."""
    people = store.people_of([row[_ID] for row in rows], scope)
    return [_shown(module, row, people[row[_ID]], keeps, today) for row in rows]


def one_shown(module: Module, found: One, keeps: Scope, today: date) -> dict[str, Any]:
    """The JSON of a record that was looked at, the same way."""
    return _shown(module, found.row, found.people, keeps, today)


def _shown(module: Module, row: Row, people: view.People, keeps: Scope, today: date) -> dict[str, Any]:
    plan, clear = view.plan_of(module), keeps.covers(row[UNIT_NUMBER])
    values = dict(zip(plan.names, row, strict=False))  # the total follows
    if clear:
        for name in plan.sensitive:
            if values[name] is not None:
                values[name] = _opened(module, name, values[name])
    return view.shaped(plan, values, people, today=today, clear=clear)


def _opened(module: Module, name: str, sealed: Any) -> Any:
    kind = module.record.__mapper__.columns[name].type
    if not isinstance(kind, StringEncryptedType):
        return sealed
    return keys.ring().decrypt(sealed, kind.engine.context).decode()
