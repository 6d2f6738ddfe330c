"""A table of any length as a formula-safe .xlsx that says who made it and when."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.sheets.words import neutralise_csv, put_text, restore_csv

__all__ = ["neutralise_csv", "restore_csv", "write_table"]

KINDS = ("text", "int", "number", "percent", "fen", "date", "datetime")
_FORMATS = {
    "text": "@",
    "int": "0",
    "number": "General",
    "percent": "0.0%",
    "fen": "#,##0.00",
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm",
}
_LAST_ROW = 1_048_575
_SHEET_NAME_MARKS = str.maketrans("", "", "[]:*?/\\'\x00\r\n\t")


def write_table(
    title: str,
    meta: Sequence[tuple[str, str]],
    columns: Sequence[tuple[str, str, str, int]],
    rows: Iterable[Mapping[str, Any]],
    watermark: str,
) -> bytes:
    """Return an .xlsx: title, one line per (label, value) of `meta`, the filter row, the rows.

    `columns` are (key, label, kind, width in characters); kinds are in KINDS: `fen` takes integer
    fen and shows yuan, `percent` a fraction of one, `datetime` a time already in the zone to show.
    A value that does not fit its kind is written as text. `watermark` (who and when) stands above
    the table and on every printed page. Rows are written as they come, in constant memory.
    """
    unknown = {kind for _, _, kind, _ in columns} - set(KINDS)
    if unknown:
        raise ValueError(f"unknown kinds {sorted(unknown)}")
    stream = BytesIO()
    book = Workbook(stream, {"constant_memory": True})
    sheet = book.add_worksheet(title.translate(_SHEET_NAME_MARKS).strip()[:31] or "表")
    styles = _styles(book)
    for position, (_, _, kind, width) in enumerate(columns):
        sheet.set_column(position, position, width, styles[kind])
    header = _write_head(sheet, title, meta, watermark, styles)
    for position, (_, label, _, _) in enumerate(columns):
        put_text(sheet, header, position, label, styles["head"])
    last = _write_rows(sheet, header, columns, rows, styles)
    _finish(sheet, title, watermark, header, last, len(columns))
    book.close()
    return stream.getvalue()


def _styles(book: Workbook) -> dict[str, Format]:
    """Return the formats: one per kind, and those of the head."""
    edge = {"border": 1, "border_color": "#BFBFBF", "valign": "vcenter"}
    styles = {kind: book.add_format({**edge, "num_format": code}) for kind, code in _FORMATS.items()}
    styles["head"] = book.add_format(
        {**edge, "bold": True, "bg_color": "#DCE6F1", "align": "center", "text_wrap": True}
    )
    styles["title"] = book.add_format({"bold": True, "font_size": 16})
    styles["meta"] = book.add_format({"font_color": "#404040", "num_format": "@"})
    styles["watermark"] = book.add_format({"italic": True, "font_color": "#808080", "num_format": "@"})
    return styles


def _write_head(
    sheet: Worksheet, title: str, meta: Sequence[tuple[str, str]], watermark: str, styles: Mapping[str, Format]
) -> int:
    """Write what stands above the table; return the row of the column headers, from zero."""
    put_text(sheet, 0, 0, title, styles["title"])
    row = 1
    for label, value in meta:
        put_text(sheet, row, 0, f"{label}：{value}", styles["meta"])
        row += 1
    if watermark:
        put_text(sheet, row, 0, watermark, styles["watermark"])
        row += 1
    return row


def _write_rows(
    sheet: Worksheet,
    header: int,
    columns: Sequence[tuple[str, str, str, int]],
    rows: Iterable[Mapping[str, Any]],
    styles: Mapping[str, Format],
) -> int:
    """Write the rows; return the last row's number, from zero."""
    row = header
    for values in rows:
        row += 1
        if row > _LAST_ROW:
            raise ValueError("more rows than a sheet can hold")
        for position, (key, _, kind, _) in enumerate(columns):
            _write_value(sheet, row, position, values.get(key), kind, styles)
    return row


def _write_value(sheet: Worksheet, row: int, column: int, value: Any, kind: str, styles: Mapping[str, Format]) -> None:
    """Write one value; only numbers and dates of a matching kind are anything but text."""
    style = styles[kind]
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        put_text(sheet, row, column, "是" if value else "否", style)
    elif (kind == "date" and isinstance(value, date)) or (kind == "datetime" and isinstance(value, datetime)):
        _write_date(sheet, row, column, value, style)
    elif kind in ("int", "number", "percent", "fen") and isinstance(value, (int, float)) and _is_exact(value):
        sheet.write_number(row, column, value / 100 if kind == "fen" else value, style)
    else:
        put_text(sheet, row, column, str(value), styles["text"])


def _is_exact(value: int | float) -> bool:
    """Whether Excel keeps the number: not infinite, not NaN, not longer than 15 digits."""
    return abs(value) < 10**15


def _write_date(sheet: Worksheet, row: int, column: int, value: date | datetime, style: Format) -> None:
    """Write a date as a date; as text before 1900-03-01, which Excel counts wrongly or not at all."""
    naive = value.replace(tzinfo=None) if isinstance(value, datetime) else value
    if (naive.year, naive.month) < (1900, 3):
        put_text(sheet, row, column, naive.isoformat(), style)
    else:
        sheet.write_datetime(row, column, naive, style)


def _finish(sheet: Worksheet, title: str, watermark: str, header: int, last: int, columns: int) -> None:
    """Filter, frozen head and page set-up: A4 landscape, one page wide, headers on every page."""
    sheet.autofilter(header, 0, max(last, header), max(columns, 1) - 1)
    sheet.freeze_panes(header + 1, 0)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header)
    sheet.set_margins(left=0.4, right=0.4, top=0.8, bottom=0.7)
    sheet.set_header(f"&L{_page_text(title, 60)}&R{_page_text(watermark, 60)}")
    sheet.set_footer(f"&L{_page_text(watermark, 60)}&R第 &P 页，共 &N 页")


def _page_text(text: str, most: int) -> str:
    """Return text for a page header: & doubled, as a single one starts a code; one line, cut."""
    one_line = "".join(mark if mark.isprintable() else " " for mark in text)[:most]
    # A digit right after &L would be read as a font size.
    return " " + one_line.replace("&", "&&") if one_line else ""
