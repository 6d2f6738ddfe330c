"""A checked workbook read into rows and cells, each keeping the sender's own row number and text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO
from itertools import islice
from typing import Any, NamedTuple

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from app.sheets import safety
from app.sheets.columns import (
    ERROR_LABEL,
    EXAMPLE_MARK,
    NOTE_MARK,
    NOTES_SHEET,
    Column,
    find_key,
    label_index,
    plain_label,
)

HEADER_ROWS = 10
ROWS_AT_ONCE = 100
EXACT_DIGITS = 15
DAMAGED = "数字过长，Excel 已把末尾的数字变成了 0 或科学计数，无法还原。请把该列设为“文本”格式后重新填写。"
_SCIENTIFIC = re.compile(r"\d(\.\d{1,20})?[Ee]\+?\d{1,3}\Z")
_ERRORS = frozenset(("#N/A", "#DIV/0!", "#REF!", "#NAME?", "#NULL!", "#NUM!", "#VALUE!", "#GETTING_DATA"))


class Cell(NamedTuple):
    """A cell: `raw` as stored, `text` as a person would read it, and its kind.

    Kinds: empty, text, number, date (raw is a date), datetime (raw is naive, as the sheet has no
    time zone), time, bool, error (an Excel error value) and damaged_number (digits are lost;
    `message` says what to do).
    """

    raw: Any
    text: str
    kind: str
    message: str = ""


EMPTY = Cell(None, "", "empty")
_new_cell = tuple.__new__  # for a text, of which there are a million: without the call that fills in defaults


class Row:
    """A row under the sender's own row number, counted from one; its cells are made when they are asked for."""

    __slots__ = ("_places", "_values", "number")

    def __init__(self, number: int, values: list[Any], places: list[tuple[int, Column]]) -> None:
        """`places` says which column stands at which position of the values."""
        self.number, self._values, self._places = number, values, places

    @property
    def cells(self) -> dict[str, Cell]:
        """The cells by column key."""
        values = self._values
        return {column.key: _cell(values[place], column) for place, column in self._places}


class Rows:
    """The rows with something in a known column, but no examples and notes.

    They are made while they are walked: a long sheet never is whole in memory.
    """

    def __init__(self, source: CalamineSheet, header_row: int, places: list[tuple[int, Column]]) -> None:
        """`places` as a row has them; rows are below the header."""
        self._source: CalamineSheet | None = source
        self._header_row, self._places = header_row, places
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Row]:
        return (Row(number, values, self._places) for number, values in self._filled())

    def count(self, most: int) -> None:
        """Walk them once to know how many there are. Raises UnreadableSheet when there are more than `most`."""
        self._count = sum(1 for _row in islice(self._filled(), most + 1))
        if self._count > most:
            raise UnreadableSheet("too_many_rows", f"数据超过 {most} 行，请拆分后再上传。")

    def close(self) -> None:
        """Let go of the sheet, which the library holds whole; they cannot be walked again."""
        self._source = None

    def _filled(self) -> Iterator[tuple[int, list[Any]]]:
        if self._source is None:
            raise ValueError("the sheet was closed")
        return ((number, values) for number, values in _lines(self._source)
                if number > self._header_row and values.count("") < len(values)
                and not _is_aside(values, self._places))


@dataclass
class Sheet:
    """What was read."""

    name: str
    header_row: int
    rows: Rows
    unknown_columns: list[str] = field(default_factory=list)
    missing_columns: list[str] = field(default_factory=list)
    duplicate_columns: list[str] = field(default_factory=list)
    other_sheets: list[str] = field(default_factory=list)


class UnreadableSheet(ValueError):
    """A safe file that holds no usable table; `code` for programs, `message` in Chinese."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def read(data: bytes, sheet: str | None, columns: Sequence[Column], max_rows: int, *, checked: bool = False) -> Sheet:
    """Return the rows of `sheet`, or of the first visible sheet with a header that is known.

    Raises UnsafeSheet unless `checked` says safety.check() has passed, and UnreadableSheet when
    there is no such sheet, no header in the first ten rows, or more than `max_rows` rows.
    Formula cells give the value stored with them.
    """
    if not checked:
        safety.check(data)
    index = label_index(columns)
    workbook = _open(data)
    names = _visible(workbook)
    if sheet is not None and sheet not in names:
        raise UnreadableSheet("no_sheet", f"文件中没有名为“{sheet}”的工作表。")
    for name in [sheet] if sheet is not None else names:
        source = _load_sheet(workbook, name)
        header = _find_header(source, index)
        if header is not None:
            result = _collect(source, name, header, columns, index, max_rows)
            result.other_sheets = [other for other in names if other not in (name, NOTES_SHEET)]
            return result
    raise UnreadableSheet("no_header", f"前 {HEADER_ROWS} 行中没有找到表头，请使用下载的模板填写，不要改动表头文字。")


def _unreadable() -> UnreadableSheet:
    return UnreadableSheet("unreadable", "文件无法读取，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。")


def _guard(call: Any, *arguments: Any) -> Any:
    """Run a call of the reading library; its errors, and its panics, become UnreadableSheet."""
    try:
        return call(*arguments)
    except Exception as error:
        raise _unreadable() from error
    except BaseException as error:
        # A panic inside the native library derives from BaseException on purpose.
        if type(error).__name__ == "PanicException":
            raise _unreadable() from error
        raise


def _open(data: bytes) -> CalamineWorkbook:
    return _guard(CalamineWorkbook.from_filelike, BytesIO(data))


def _visible(workbook: CalamineWorkbook) -> list[str]:
    """Names of the visible worksheets in their order."""
    return [
        item.name
        for item in workbook.sheets_metadata
        if item.typ == SheetTypeEnum.WorkSheet and item.visible == SheetVisibleEnum.Visible
    ]


def _load_sheet(workbook: CalamineWorkbook, name: str) -> CalamineSheet:
    return _guard(workbook.get_sheet_by_name, name)


def _lines(source: CalamineSheet) -> Iterator[tuple[int, list[Any]]]:
    """Yield (row number, values from column A on); a few rows are taken at a time, to keep memory flat."""
    if source.start is None:
        return
    lead = [""] * source.start[1]
    rows = _guard(source.iter_rows)
    number = 0
    while some := _guard(list, islice(rows, ROWS_AT_ONCE)):
        for values in some:
            number += 1
            yield number, lead + values if lead else values


def _find_header(source: CalamineSheet, index: dict[str, str]) -> tuple[int, list[Any]] | None:
    """Return the row that names most columns; one alone suffices only where one is asked for."""
    best: tuple[int, list[Any]] | None = None
    most = min(2, len(set(index.values()))) - 1
    for number, values in _lines(source):
        if number > HEADER_ROWS:
            break
        score = len({key for value in values if (key := find_key(value, index))})
        if score > most:
            best, most = (number, values), score
    return best


def _collect(
    source: CalamineSheet,
    name: str,
    header: tuple[int, list[Any]],
    columns: Sequence[Column],
    index: dict[str, str],
    max_rows: int,
) -> Sheet:
    """Return the sheet's rows below the header."""
    number, labels = header
    places: list[tuple[int, Column]] = []
    result = Sheet(name, number, Rows(source, number, places))
    places += _place_columns(labels, columns, index, result)
    result.rows.count(max_rows)
    return result


def _place_columns(
    header: list[Any], columns: Sequence[Column], index: dict[str, str], result: Sheet
) -> list[tuple[int, Column]]:
    """Return (position, column) for the known headers; note the others in `result`."""
    by_key = {column.key: column for column in columns}
    places: dict[str, int] = {}
    for position, value in enumerate(header):
        key = find_key(value, index)
        label = str(value).strip()
        if key is None:
            if label and plain_label(label) != ERROR_LABEL:
                result.unknown_columns.append(label)
        elif key in places:
            result.duplicate_columns.append(label)
        else:
            places[key] = position
    result.missing_columns = [column.label for column in columns if column.key not in places]
    return [(position, by_key[key]) for key, position in places.items()]


def _is_aside(values: list[Any], places: list[tuple[int, Column]]) -> bool:
    """Whether a row is an example, a note, or has nothing in any known column."""
    for value in values:
        if value != "":
            if isinstance(value, str) and value.lstrip().startswith((EXAMPLE_MARK, NOTE_MARK)):
                return True
            break
    return all(_cell(values[place], column) is EMPTY for place, column in places)


def _cell(value: Any, column: Column) -> Cell:
    """Return the cell for a value as the library gives it; text is kept to the letter (D8)."""
    if isinstance(value, str):
        if not value or value.isspace():
            return EMPTY
        if value[0] == "#" and value in _ERRORS:
            return Cell(value, value, "error", f"单元格是错误值 {value}，请改正公式或重新填写。")
        if column.text_only and _SCIENTIFIC.match(value):
            return Cell(value, value, "damaged_number", DAMAGED)
        return _new_cell(Cell, (value, value, "text", ""))
    if isinstance(value, bool):
        return Cell(value, "是" if value else "否", "bool")
    if isinstance(value, (int, float)):
        return _number(value, column)
    if isinstance(value, datetime):
        if value.time() == time():
            return Cell(value.date(), value.date().isoformat(), "date")
        return Cell(value, value.isoformat(sep=" "), "datetime")
    if isinstance(value, date):
        return Cell(value, value.isoformat(), "date")
    if isinstance(value, (time, timedelta)):
        return Cell(value, str(value), "time")
    return EMPTY


def _number(value: int | float, column: Column) -> Cell:
    """Return a number cell; Excel keeps 15 digits, so a longer code is damaged beyond repair."""
    exact = int(value) if isinstance(value, int) or value.is_integer() else value
    text = str(exact)
    if column.text_only and (abs(value) >= 10**EXACT_DIGITS or not isinstance(exact, int)):
        return Cell(value, text, "damaged_number", DAMAGED)
    return Cell(exact, text, "number")
