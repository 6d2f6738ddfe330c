"""A list as the rows of a sheet: its columns, how many rows, and the rows chunk by chunk, masked where they must be."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from app.exports.wanted import Wanted
from app.people import listing as people
from app.people.schema import CadreSchema
from app.people.walking import CadreWalk
from app.records.module import Module
from app.records.schema import Rows
from app.records.walking import UNIT_NUMBER, RecordWalk
from app.schemas.fields import Code, Day, Fen, Named, Text, Whole
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope

Column = tuple[str, str, str, int]
UNIT: Column = ("unit", "单位", "text", 30)
_UNITS = Scope.everything("names of the units whose rows are in the scope of the export")
_NARROW, _WIDE = 14, 28


class Source(Protocol):
    """The rows of one export."""

    columns: list[Column]
    clear_rows: int

    def total(self) -> int:
        """How many rows there are."""

    def chunk(self, size: int) -> list[dict[str, Any]]:
        """The next rows by column; none at the end."""


def columns_of(module: Module | None) -> list[Column]:
    """The columns of a list's sheet."""
    if module is None:
        return [UNIT, *(_column(name, field) for name, field in CadreSchema().named().items() if name != "unit_id")]
    people_field = module.schema().people_field()
    own = [_column(name, field) for name, field in module.schema().own().items()
           if people_field is None or name != people_field[0]]
    whom = [("people", str(people_field[1].metadata["label"]), "text", _WIDE)] if people_field else []
    return [UNIT, *whom, *own, ("ended_on", "结束日期", "date", 12), ("due_on", "截止日", "date", 12),
            ("entered_on", "录入日期", "date", 12), ("timeliness", "及时性", "text", 10),
            ("late_reason", "逾期原因", "text", _WIDE)]


def sensitive_of(module: Module | None) -> list[str]:
    """The labels of the columns that are masked unless somebody may see them, and asks for it."""
    schema = CadreSchema() if module is None else module.schema()
    return [str(field.metadata["label"]) for field in schema.named().values() if field.metadata.get("sensitive")]


def source_of(wanted: Wanted, today: date) -> Source:
    """Open the rows; reads through the session of the moment."""
    inside, clear = wanted.inside(), wanted.clear_scope()
    if isinstance(wanted.filters, people.Filters):
        return _Cadres(CadreWalk(inside, wanted.filters), clear)
    if wanted.module is None:
        raise TypeError("filters of records, and no kind of record")
    return _Records(wanted.module, RecordWalk(wanted.module, inside, wanted.filters, today), clear)


def _column(name: str, field: Named) -> Column:
    kind = "fen" if isinstance(field, Fen) else "int" if isinstance(field, Whole) else "date" if isinstance(
        field, Day) else "text"
    label = str(field.metadata["label"]).removesuffix("（元）")
    return name, label, kind, _WIDE if isinstance(field, Text) else _NARROW


class _Names:
    """Names of units, each read once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, unit_ids: set[str]) -> Mapping[str, str]:
        missing = unit_ids - set(self._known)
        if missing:
            self._known |= {row.id: row.name for row in db.session.execute(
                _UNITS.select(Unit, Unit.id, Unit.name).where(Unit.id.in_(missing)))}
        return self._known


class _Cadres:
    def __init__(self, walk: CadreWalk, clear: Scope) -> None:
        self.columns, self.clear_rows = columns_of(None), 0
        self._walk, self._clear, self._names = walk, clear, _Names()

    def total(self) -> int:
        return self._walk.total()

    def chunk(self, size: int) -> list[dict[str, Any]]:
        rows, made = self._walk.next(size), []
        names = self._names.of({row["unit_id"] for row in rows})
        for row in rows:
            clear = self._clear.covers(row["unit_number"])
            self.clear_rows += clear
            made.append(self._walk.shown(row, clear=clear) | {"unit": names.get(row["unit_id"])})
        return made


class _Records:
    def __init__(self, module: Module, walk: RecordWalk, clear: Scope) -> None:
        self.columns, self.clear_rows = columns_of(module), 0
        self._walk, self._clear, self._names = walk, clear, _Names()
        self._people = module.schema().people_field()
        self._own = module.schema().own()

    def total(self) -> int:
        return self._walk.total()

    def chunk(self, size: int) -> list[dict[str, Any]]:
        rows = self._walk.next(size)
        self.clear_rows += sum(self._clear.covers(row[UNIT_NUMBER]) for row in rows)
        shown = self._walk.shown(rows, self._clear)
        names = self._names.of({each["unit_id"] for each in shown})
        return [self._line(each, names) for each in shown]

    def _line(self, shown: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
        line = {name: shown.get(f"{name}_label") if isinstance(field, Code) else shown.get(name)
                for name, field in self._own.items()}
        entered = shown["entered_at"]
        return line | {
            "unit": names.get(shown["unit_id"]), "people": self._whom(shown), "ended_on": shown["ended_on"],
            "due_on": shown["due_on"], "entered_on": date.fromisoformat(entered[:10]) if entered else None,
            "timeliness": shown["timeliness_label"], "late_reason": shown["late_reason"]}

    def _whom(self, shown: dict[str, Any]) -> str:
        """Names, each with the part taken where there is one."""
        if self._people is None or not isinstance(self._people[1], Rows):
            return "、".join(each["name"] for each in shown["people"])
        field = self._people[1]
        words = field.part_field.choices if isinstance(field.part_field, Code) else {}
        parts = {row["cadre_id"]: row[field.part] for row in shown[self._people[0]]}
        return "、".join(f"{each['name']}（{words.get(part, f'{part} 分钟')}）" if (
            part := parts.get(each["cadre_id"])) is not None else each["name"] for each in shown["people"])
