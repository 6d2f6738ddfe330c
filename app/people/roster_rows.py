"""One row of a roster read into the fields of a cadre's file, with a complaint for every cell that will not do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from app.people import roster
from app.schemas.fields import Code, Line, Named, Partial, Text
from app.schemas.person import PersonName, Phone
from app.sheets.reader import Cell, Row
from app.values import codes
from app.values.bad import BadValue
from app.values.id_number import IdNumber, disagreements
from app.values.names import clean_name
from app.values.partial_date import PartialDate
from app.values.text import clean_line, clean_text
from permissions.phone import BadPhone, normalise

_FAULTY = ("error", "damaged_number")


class Complaint(NamedTuple):
    """What is wrong with a cell: the column's key, a fixed word for programs, a Chinese sentence quoting nothing."""

    key: str
    code: str
    message: str


@dataclass
class Entry:
    """A row on its way in. `number` is the sender's own; `values` hold the fields that could be read."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)
    unit_text: str = ""
    unit_id: str = ""
    unit_number: int = 0
    done: bool = False  # an earlier attempt of the same job brought it in

    def complain(self, key: str, code: str, message: str) -> None:
        """Add a complaint about a column."""
        self.complaints.append(Complaint(key, code, message))

    @property
    def good(self) -> bool:
        return not self.complaints


def parse(rows: Sequence[Row], today: date) -> list[Entry]:
    """Read every row by itself; `today` (Asia/Shanghai) bounds birth dates. Nothing is looked up."""
    return [_entry(row, today) for row in rows]


def _entry(row: Row, today: date) -> Entry:
    entry = Entry(row.number)
    cells = row.cells
    for key, cell in cells.items():
        if cell.kind in _FAULTY:
            entry.complain(key, "number_damaged" if cell.kind == "damaged_number" else "cell_error", cell.message)
        elif cell.kind == "empty":
            continue
        elif key == roster.UNIT:
            entry.unit_text = cell.text.strip(" \u3000")
        elif key != "id_number":
            _take(entry, key, cell)
    number = _identify(entry, cells.get("id_number"), today)
    complained = {complaint.key for complaint in entry.complaints}
    for key in roster.REQUIRED:
        if not entry.values.get(key) and key not in complained:
            entry.complain(key, "required", f"请填写{roster.LABELS[key]}。")
    if number is not None:
        _agree(entry, number)
    _order(entry)
    return entry


def _take(entry: Entry, key: str, cell: Cell) -> None:
    try:
        entry.values[key] = _READERS[key](cell)
    except (BadValue, BadPhone) as bad:
        entry.complain(key, bad.code, _sentence(str(bad)))


def _sentence(text: str) -> str:
    return text if text.endswith("。") else f"{text}。"


# Offices write the same few labels and dates over and over; a refusal is worked out each time.
_by_label = lru_cache(maxsize=10_000)(codes.by_label)
_date_of = lru_cache(maxsize=20_000)(PartialDate)


@lru_cache(maxsize=20_000)
def _typed_date(text: str) -> str:
    return str(PartialDate.read(text))


def forget() -> None:
    """Give back what labels and dates were kept, once a long roster is through."""
    for kept in (_by_label, _date_of, _typed_date):
        kept.cache_clear()


def _reader(field: Named, key: str) -> Callable[[Cell], str | None]:
    """How a cell becomes the field's stored text; what it gives raises BadValue or BadPhone."""
    if isinstance(field, PersonName):
        return lambda cell: clean_name(cell.text)
    if isinstance(field, Phone):
        return lambda cell: normalise(cell.text)
    if isinstance(field, Partial):
        return lambda cell: _typed_date(cell.raw) if type(cell.raw) is str else str(PartialDate.read(cell.raw))
    if isinstance(field, Code):
        return lambda cell: _by_label(key, cell.text)
    if isinstance(field, Text):
        return lambda cell: clean_text(cell.text, field.longest) or None
    if isinstance(field, Line):
        return lambda cell: clean_line(cell.text, field.longest) or None
    return _unreadable  # the ID number, which has a reader of its own, and what no roster has


def _unreadable(_cell: Cell) -> str | None:
    raise TypeError("a roster cannot hold such a field")


_READERS = {key: _reader(field, key) for key, field in roster.FIELDS.items()}


def _identify(entry: Entry, cell: Cell | None, today: date) -> IdNumber | None:
    """The ID number, in 18 characters."""
    if cell is None or cell.kind == "empty" or cell.kind in _FAULTY:
        return None
    try:
        number = IdNumber.parse(cell.text, today)
    except BadValue as bad:
        entry.complain("id_number", bad.code, _sentence(str(bad)))
        return None
    entry.values["id_number"] = str(number)
    return number


def _agree(entry: Entry, number: IdNumber) -> None:
    """Sex and birth date are taken from the number where not given, and must not contradict it."""
    complained = {complaint.key for complaint in entry.complaints}
    born = entry.values.get("birth_date")
    for key in disagreements(number, _date_of(born) if born else None, entry.values.get("sex")):
        entry.complain(key, "disagrees_with_id", "与身份证号不一致，请核对。")
    if not born and "birth_date" not in complained:
        entry.values["birth_date"] = number.birth_date.isoformat()
    if not entry.values.get("sex") and "sex" not in complained:
        entry.values["sex"] = number.sex


def _order(entry: Entry) -> None:
    """Born before the party, before work; work before retirement: as far as the precision tells."""
    dates = {key: _date_of(text) for key in ("birth_date", "joined_party_on", "started_work_on", "retired_on")
             if (text := entry.values.get(key))}
    for before, after, words in (
        ("birth_date", "joined_party_on", "入党时间不能早于出生日期。"),
        ("birth_date", "started_work_on", "参加工作时间不能早于出生日期。"),
        ("started_work_on", "retired_on", "离退休时间不能早于参加工作时间。"),
    ):
        if before in dates and after in dates and not dates[before].may_precede(dates[after]):
            entry.complain(after, "date_order", words)
