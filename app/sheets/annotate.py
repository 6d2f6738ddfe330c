"""The sender's own workbook given back with what is wrong written beside each row."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from io import BytesIO

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from app.sheets import safety
from app.sheets.columns import ERROR_LABEL, plain_label
from app.sheets.cut import cut_rows
from app.sheets.reader import UnreadableSheet
from app.sheets.rebuild import close_gaps
from app.sheets.words import clean

RED = PatternFill("solid", start_color="FFFFC7CE", end_color="FFFFC7CE")
_DARK_RED = "FF9C0006"
_WIDTH = 60

Complaints = Sequence[tuple[str | None, str]]


def annotate(
    data: bytes,
    sheet: str,
    header_row: int,
    bad: Mapping[int, Complaints],
    *,
    only_bad: bool = True,
    checked: bool = False,
) -> bytes:
    """Return the sender's .xlsx with a last column 错误说明 and the offending cells filled red.

    `bad` maps the sender's row numbers to (column label or None, message) pairs. With `only_bad`
    the rows below the header that are not in it are left out and the others move up, each naming
    its first row number. Formulas become the values stored with them: moved, they would point
    elsewhere. Raises UnsafeSheet unless `checked`, and UnreadableSheet for an unknown sheet or a
    file that can be read but not rewritten: the caller then has the list of errors only.
    """
    if not checked:
        safety.check(data)
    if not openpyxl.DEFUSEDXML:
        raise RuntimeError("defusedxml is required to open a file sent by a user")
    book = _load(data, sheet, (lambda number: number <= header_row or number in bad) if only_bad else None)
    page = book[sheet]
    places = {number: number for number in bad}
    if only_bad:
        places = close_gaps(page, header_row, sorted(bad))
    _mark(page, header_row, bad, places)
    book.active = book.index(page)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _load(data: bytes, sheet: str, keep: Callable[[int], bool] | None) -> Workbook:
    """Open with values instead of formulas and, where `keep` is given, only those rows."""
    try:
        if keep is not None:
            data = cut_rows(data, sheet, keep)
        # Its warnings are about features it leaves out, which nobody here can act on.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(BytesIO(data), data_only=True, keep_links=False)
    except Exception as error:
        raise UnreadableSheet("cannot_annotate", "无法在原文件上标注错误，请按错误清单逐行修改。") from error
    if sheet not in book.sheetnames:
        raise UnreadableSheet("no_sheet", f"文件中没有名为“{sheet}”的工作表。")
    return book


def _mark(page: Worksheet, header_row: int, bad: Mapping[int, Complaints], places: Mapping[int, int]) -> None:
    """Write the complaints beside their rows and fill the cells they are about."""
    columns, last = _header(page, header_row)
    error_column = columns.get(ERROR_LABEL, last + 1)
    _write_error_header(page, header_row, error_column, last)
    for number, complaints in bad.items():
        row = places[number]
        parts = [f"{label}：{message}" if label else message for label, message in complaints]
        cell = page.cell(row, error_column)
        reason = clean(f"第 {number} 行：" + "；".join(parts))
        cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", reason)
        cell.data_type = "s"
        cell.font = Font(color=_DARK_RED)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        for label, _ in complaints:
            column = columns.get(plain_label(label)) if label else None
            if column is not None:
                target = page.cell(row, column)
                if not isinstance(target, MergedCell):
                    target.fill = RED


def _header(page: Worksheet, header_row: int) -> tuple[dict[str, int], int]:
    """Return plain label → column of the header row, and the last column anything is in."""
    columns: dict[str, int] = {}
    for column in range(1, page.max_column + 1):
        label = plain_label(page.cell(header_row, column).value)
        if label:
            columns.setdefault(label, column)
    last = max((key[1] for key, cell in page._cells.items() if cell.value is not None), default=1)
    return columns, last


def _write_error_header(page: Worksheet, header_row: int, column: int, last: int) -> None:
    """Write the new column's header in the look of its neighbour, and clear an older one."""
    for row in range(header_row + 1, page.max_row + 1):
        if (row, column) in page._cells:
            page._cells[(row, column)].value = None
    head = page.cell(header_row, column)
    beside: Cell = page.cell(header_row, min(last, column))
    if beside.has_style and not isinstance(beside, MergedCell):
        head._style = copy(beside._style)
    head.value = ERROR_LABEL
    # A width given for a run of columns must end before the new one: two may not overlap.
    for dimension in page.column_dimensions.values():
        dimension.reindex()
        if dimension.min <= column <= dimension.max:
            dimension.max = max(dimension.min, column - 1)
    page.column_dimensions[head.column_letter].width = _WIDTH
    page.column_dimensions[head.column_letter].hidden = False
