"""A table of any length written to a stream as it comes: nothing of it is kept in memory, nothing on a disk.

XlsxWriter makes the workbook (styles, head, page set-up) around one sample row; the rows are put in its place one by
one. Its own constant memory would keep them in a temporary file, readable by whoever finds that after a crash.
"""

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from typing import IO, Any, Protocol, cast
from xml.sax.saxutils import escape

from app.sheets.export import write_table
from app.sheets.words import clean

Columns = Sequence[tuple[str, str, str, int]]
SAMPLES: Mapping[str, Any] = {"text": "样", "int": 1, "number": 1, "percent": 0.5, "fen": 100,
                              "date": date(2026, 1, 1), "datetime": datetime(2026, 1, 1, tzinfo=UTC)}
SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
MOST_ROWS = 500_000  # a part of a container larger than 2 GiB is not read everywhere
_DAY_ZERO = date(1899, 12, 30)
_EARLIEST = date(1900, 3, 1)  # before it Excel counts wrongly
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile("_x[0-9A-Fa-f]{4}_")
_CELL = re.compile(r'<c r="[A-Z]+\d+" s="(\d+)"')


class Sink(Protocol):
    """Where the file's bytes go, from the first to the last; there is no way back in it."""

    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> None: ...


@dataclass(frozen=True)
class _Frame:
    """The workbook around the rows."""

    parts: Mapping[str, bytes]
    before: str
    after: str
    styles: Mapping[str, str]  # kind -> style of its cells
    first: int  # number of the first row


def write_stream(sink: Sink, title: str, meta: Sequence[tuple[str, str]], columns: Columns,
                 rows: Iterable[Mapping[str, Any]], watermark: str) -> int:
    """Write what `write_table` would return; how many rows there were. Raises ValueError beyond MOST_ROWS."""
    frame = _frame(title, meta, columns, watermark)
    letters = [_letters(place) for place in range(len(columns))]
    written = 0
    with zipfile.ZipFile(cast(IO[bytes], sink), "w", zipfile.ZIP_DEFLATED, compresslevel=4) as packed:
        with packed.open(SHEET, "w") as sheet:
            sheet.write(frame.before.encode())
            for values in rows:
                if written >= MOST_ROWS:
                    raise ValueError("more rows than are written into one file")
                _write_row(sheet, frame, columns, letters, frame.first + written, values)
                written += 1
            last = frame.first + written - 1
            sheet.write(_up_to(frame.after, "", frame.first, last).encode())
        for name, content in frame.parts.items():
            if name == BOOK:
                content = _up_to(content.decode(), "$", frame.first, last).encode()
            packed.writestr(name, content)
    return written


def _frame(title: str, meta: Sequence[tuple[str, str]], columns: Columns, watermark: str) -> _Frame:
    sample = {key: SAMPLES[kind] for key, _label, kind, _width in columns}
    with zipfile.ZipFile(BytesIO(write_table(title, meta, columns, [sample], watermark))) as made:
        parts = {name: made.read(name) for name in made.namelist()}
    whole = re.sub(r"<dimension [^>]*/>", "", parts.pop(SHEET).decode())
    before, _row, rest = whole.rpartition("<row ")
    row, _end, after = rest.partition("</sheetData>")
    number = re.match(r'r="(\d+)"', row)
    styles = _CELL.findall(row)
    if number is None or len(styles) != len(columns):
        raise ValueError("the sample row is not as expected")
    kinds = {kind: style for (_key, _label, kind, _width), style in zip(columns, styles, strict=True)}
    if "text" not in kinds:
        raise ValueError("a table needs a column of text")
    return _Frame(parts, before, f"</sheetData>{after}", kinds, int(number[1]))


def _up_to(markup: str, mark: str, sample: int, last: int) -> str:
    """The filter's range made to end at the last row; it ended at the sample's."""
    end = max(last, sample - 1)
    found = r'(autoFilter ref="[A-Z]+\d+:[A-Z]+)' if not mark else r"(_FilterDatabase[^<]*\$[A-Z]+\$\d+:\$[A-Z]+\$)"
    return re.sub(f"{found}{sample}", lambda match: f"{match[1]}{end}", markup)


def _letters(place: int) -> str:
    """A column's name: A … Z, AA …"""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def _write_row(sheet: IO[bytes], frame: _Frame, columns: Columns, letters: Sequence[str], number: int,
               values: Mapping[str, Any]) -> None:
    cells = "".join(_cell(f"{letter}{number}", values.get(key), kind, frame.styles)
                    for letter, (key, _label, kind, _width) in zip(letters, columns, strict=True))
    sheet.write(f'<row r="{number}">{cells}</row>'.encode())


def _cell(place: str, value: Any, kind: str, styles: Mapping[str, str]) -> str:
    """One cell; only numbers and dates of a matching kind are anything but text."""
    if value is None or value == "":
        return f'<c r="{place}" s="{styles[kind]}"/>'
    number = _number(value, kind)
    if number is not None:
        return f'<c r="{place}" s="{styles[kind]}"><v>{number}</v></c>'
    text = ("是" if value else "否") if isinstance(value, bool) else str(value)
    inner = f'<is><t xml:space="preserve">{marked_up(text)}</t></is>'
    return f'<c r="{place}" s="{styles["text"]}" t="inlineStr">{inner}</c>'


def _number(value: Any, kind: str) -> str | None:
    """What stands in the cell of a number or a date that Excel keeps exactly; None for what must be text."""
    if isinstance(value, bool):
        return None
    if kind == "date" and isinstance(value, date) and not isinstance(value, datetime):
        return str((value - _DAY_ZERO).days) if value >= _EARLIEST else None
    if kind == "datetime" and isinstance(value, datetime) and value.date() >= _EARLIEST:
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return repr((value.date() - _DAY_ZERO).days + seconds / 86_400)
    if kind in ("int", "number", "percent", "fen") and isinstance(value, int | float) and abs(value) < 10**15:
        return repr(value / 100 if kind == "fen" else value)
    return None


def marked_up(text: str) -> str:
    """Text as it stands in a sheet: what XML cannot hold is written the way spreadsheets do, and is read back."""
    text = _LOOKS_ESCAPED.sub(lambda match: f"_x005F{match[0]}", clean(text))
    text = _CONTROL.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
    return escape(text).replace("\r", "_x000D_")
