"""The workbook people download, fill in and send back."""

from collections.abc import Mapping, Sequence
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.sheets.columns import EXAMPLE_MARK, NOTE_MARK, NOTES_SHEET, Column, label_index
from app.sheets.references import column_letters
from app.sheets.words import put_text

DATA_SHEET = "数据"
CHOICES_SHEET = "选项"
LAST_ROW = 50_002
_NOTE_ROW, _HEADER_ROW, _EXAMPLE_ROW = 0, 1, 2


def write_template(
    columns: Sequence[Column],
    choices: Mapping[str, Sequence[str]],
    notes: Sequence[str],
    example: Mapping[str, str],
) -> bytes:
    """Return an .xlsx with one row of headers, one example row, pick-lists and a sheet of notes.

    `choices` holds the pick-lists by the names in `Column.choices`, `notes` one Chinese line per
    row of 填写说明, `example` one value per column key. Rows 1 and 3 are marked so that the
    reader passes over them. Raises ValueError for two equal labels or a pick-list not given.
    """
    label_index(columns)
    stream = BytesIO()
    book = Workbook(stream, {"in_memory": True})
    styles = _styles(book)
    sheet = book.add_worksheet(DATA_SHEET)
    notes_sheet = book.add_worksheet(NOTES_SHEET)
    ranges = _write_choices(book, columns, choices)
    _write_rows(sheet, columns, example, styles)
    for position, column in enumerate(columns):
        _validate(sheet, position, column, ranges)
    _print_setup(sheet, len(columns))
    _write_notes(notes_sheet, columns, choices, notes, styles)
    book.close()
    return stream.getvalue()


def _styles(book: Workbook) -> dict[str, Format]:
    """Return the formats used, by name."""
    edge = {"border": 1, "border_color": "#BFBFBF", "valign": "vcenter"}
    head = {**edge, "bold": True, "align": "center", "text_wrap": True, "num_format": "@"}
    return {
        "note": book.add_format(
            {"font_color": "#7F6000", "bg_color": "#FFF8E1", "text_wrap": True, "valign": "vcenter"}
        ),
        "head": book.add_format({**head, "bg_color": "#DCE6F1"}),
        "required": book.add_format({**head, "bg_color": "#FCE4D6", "font_color": "#C00000"}),
        "example": book.add_format({**edge, "italic": True, "font_color": "#808080", "num_format": "@"}),
        # Text, so that nothing typed is turned into a date, a rounded number or 1950.1 for 1950.10.
        "text": book.add_format({"num_format": "@"}),
        "number": book.add_format({"num_format": "General"}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        "title": book.add_format({"bold": True, "font_size": 14}),
    }


def _write_rows(
    sheet: Worksheet, columns: Sequence[Column], example: Mapping[str, str], styles: Mapping[str, Format]
) -> None:
    """Write the note, the headers and the example, and set the columns up."""
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width, styles["number" if column.kind == "number" else "text"])
        head = styles["required" if column.required else "head"]
        put_text(sheet, _HEADER_ROW, position, f"*{column.label}" if column.required else column.label, head)
        value = example.get(column.key, "")
        put_text(sheet, _EXAMPLE_ROW, position, EXAMPLE_MARK + value if position == 0 else value, styles["example"])
    note = (
        f"{NOTE_MARK}带 * 的列必须填写；从第 {_EXAMPLE_ROW + 2} 行开始填写，示例行不会导入；"
        f"请勿改动表头；详见“{NOTES_SHEET}”。"
    )
    put_text(sheet, _NOTE_ROW, 0, note, styles["note"])
    if len(columns) > 1:
        last = min(len(columns), 8) - 1
        sheet.merge_range(_NOTE_ROW, 0, _NOTE_ROW, last, "", styles["note"])
        put_text(sheet, _NOTE_ROW, 0, note, styles["note"])
    sheet.set_row(_NOTE_ROW, 32)
    sheet.set_row(_HEADER_ROW, 30)
    sheet.freeze_panes(_HEADER_ROW + 1, 1)


def _write_choices(book: Workbook, columns: Sequence[Column], choices: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Write the pick-lists to a hidden sheet; return each one's range as a formula."""
    names = list(dict.fromkeys(column.choices for column in columns if column.choices))
    missing = [name for name in names if not choices.get(name)]
    if missing:
        raise ValueError(f"no choices given for {missing}")
    sheet = book.add_worksheet(CHOICES_SHEET)
    sheet.hide()
    ranges = {}
    for position, name in enumerate(names):
        put_text(sheet, 0, position, name, None)
        for offset, value in enumerate(choices[name], start=1):
            put_text(sheet, offset, position, value, None)
        letter = column_letters(position + 1)
        ranges[name] = f"={CHOICES_SHEET}!${letter}$2:${letter}${len(choices[name]) + 1}"
    return ranges


def _validate(sheet: Worksheet, position: int, column: Column, ranges: Mapping[str, str]) -> None:
    """Attach the pick-list and the message shown while typing."""
    options: dict[str, object] = {"validate": "any", "input_title": column.label[:32]}
    prompt = column.prompt or ("必填。" if column.required else "")
    if column.choices:
        options.update(
            validate="list",
            source=ranges[column.choices],
            error_title="请从列表中选择",
            error_message=f"“{column.label[:32]}”只能填写下拉列表中的内容。",
        )
    if prompt:
        options["input_message"] = prompt[:255]
    elif not column.choices:
        return
    sheet.data_validation(_EXAMPLE_ROW + 1, position, LAST_ROW, position, options)


def _print_setup(sheet: Worksheet, columns: int) -> None:
    """A4 landscape, one page wide, headers on every page."""
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEADER_ROW)
    sheet.set_selection(_EXAMPLE_ROW + 1, 0, _EXAMPLE_ROW + 1, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{column_letters(columns)}{LAST_ROW}"})


def _write_notes(
    sheet: Worksheet,
    columns: Sequence[Column],
    choices: Mapping[str, Sequence[str]],
    notes: Sequence[str],
    styles: Mapping[str, Format],
) -> None:
    """Write the general notes, then one line per column."""
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 10)
    sheet.set_column(2, 2, 90)
    put_text(sheet, 0, 0, NOTES_SHEET, styles["title"])
    row = 1
    for number, note in enumerate(notes, start=1):
        put_text(sheet, row, 0, f"{number}.", styles["wrap"])
        put_text(sheet, row, 2, note, styles["wrap"])
        row += 1
    row += 1
    for position, label in enumerate(("列名", "是否必填", "填写要求")):
        put_text(sheet, row, position, label, styles["head"])
    for column in columns:
        row += 1
        allowed = "可选：" + "、".join(choices[column.choices]) if column.choices else ""
        put_text(sheet, row, 0, column.label, styles["wrap"])
        put_text(sheet, row, 1, "必填" if column.required else "选填", styles["wrap"])
        put_text(sheet, row, 2, " ".join(part for part in (column.prompt, allowed) if part), styles["wrap"])
