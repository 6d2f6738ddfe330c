"""Exports hold no formula and lose no text; the template opens, guides, and reads back empty."""

import csv
from datetime import date, datetime
from io import BytesIO, StringIO

import openpyxl
import pytest
from python_calamine import CalamineWorkbook
from xlsxwriter.worksheet import Worksheet

from app.sheets import export
from app.sheets.columns import Column
from app.sheets.export import neutralise_csv, restore_csv, write_table
from app.sheets.reader import read
from app.sheets.safety import check
from app.sheets.template import write_template
from app.sheets.words import CUT, DANGEROUS

PAYLOADS = ['cmd|"/C calc"!A0', "SUM(1,1)", 'HYPERLINK("http://x","y")', "1", "", "中文", "\U00020bb7"]
CORPUS = [mark + text for mark in sorted(DANGEROUS) for text in PAYLOADS] + [
    "{=1+1}",
    " =1+1",
    "'=1+1",
    "http://example.org",
    "mailto:a@example.org",
    "internal:s!A1",
    "external:c:\\x.xlsx",
    "<r><t>x</t></r>",
    "<r>&\t</r>",
    "<r></t><f>1+1</f></r>",
    "_x003D_1+1",
    "00123",
    "1e5",
    "TRUE",
    "nan",
    "\u3000=1",
    "\ufeff=1",
    'DDE("cmd")',
    "=" * 300,
    "+86 199 0000 0000",
    "-",
    "@",
    "\x0b\x1f",
]

MIDNIGHT = datetime.fromisoformat("2026-01-02")
MOMENT = datetime.fromisoformat("2026-01-02 03:04")


def table(values: list[str]) -> bytes:
    """The corpus exported in two columns, as text and in a number column."""
    columns = [("a", "=标签", "text", 20), ("b", "@数", "number", 10)]
    rows = ({"a": value, "b": value} for value in values)
    return write_table("=标题[1]/*?", [("=谁", "@某人"), ("筛选", "+全部")], columns, rows, "-水印 &D 2026")


def formulas(data: bytes) -> list[str]:
    """Cells that are live: formulas for one reader, or links made from text."""
    found = []
    for page in openpyxl.load_workbook(BytesIO(data)):
        for row in page.iter_rows():
            found += [cell.coordinate for cell in row if cell.data_type == "f" or cell.hyperlink]
    return found


def stored(data: bytes, first_row: int) -> list[str]:
    """The first column from a row on, as the other reader sees it."""
    page = CalamineWorkbook.from_filelike(BytesIO(data)).get_sheet_by_index(0)
    return [row[0] for row in page.to_python(skip_empty_area=False)[first_row:]]


def test_no_formula_and_every_value_comes_back() -> None:
    data = table(CORPUS)
    assert formulas(data) == []
    assert stored(data, 5) == CORPUS
    check(data)


def test_a_writer_that_lets_formulas_through_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(sheet: Worksheet, row: int, column: int, text: str, style: object) -> None:
        sheet.write(row, column, text, style)

    monkeypatch.setattr(export, "put_text", careless)
    assert len(formulas(table(["=1+1", "{=1+1}", "http://example.org"]))) >= 3


def test_numbers_are_numbers_and_dates_dates() -> None:
    kinds = ["int", "number", "percent", "fen", "date", "datetime", "text", "text", "int", "date", "int"]
    values = [
        7,
        2.5,
        0.25,
        12345,
        date(2026, 1, 2),
        MOMENT,
        True,
        18,
        10**17,
        date(1899, 1, 1),
        None,
    ]
    columns = [(f"k{n}", f"列{n}", kind, 12) for n, kind in enumerate(kinds)]
    data = write_table("表", [], columns, [{f"k{n}": value for n, value in enumerate(values)}], "")
    page = openpyxl.load_workbook(BytesIO(data)).active
    assert [cell.value for cell in page[3]] == [
        7,
        2.5,
        0.25,
        123.45,
        MIDNIGHT,
        MOMENT,
        "是",
        "18",
        "1" + "0" * 17,
        "1899-01-01",
        None,
    ]


def test_the_sheet_is_ready_to_filter_and_print() -> None:
    data = write_table(
        "通报", [("谁", "某人")], [("a", "甲", "text", 9)], [{"a": "x"}] * 3, "某人 2026-11-20 09:00 & 导出"
    )
    page = openpyxl.load_workbook(BytesIO(data)).active
    assert (page.auto_filter.ref, page.freeze_panes, page.print_title_rows) == ("A4:A7", "A5", "$4:$4")
    assert (page.page_setup.orientation, str(page.page_setup.paperSize)) == ("landscape", "9")
    assert [page.cell(row, 1).value for row in (1, 2, 3)] == ["通报", "谁：某人", "某人 2026-11-20 09:00 & 导出"]
    assert "某人 2026-11-20" in page.oddHeader.right.text
    assert "某人 2026-11-20" in page.oddFooter.left.text


def test_awkward_text_is_stored_or_visibly_cut() -> None:
    long, rare = "长" * 40_000, "𠮷" * 20_000
    data = write_table(
        "&" * 300, [], [("a", "甲", "text", 9)], [{"a": text} for text in (long, rare, "\ud800x")], "&" * 300
    )
    first, second, third = stored(data, 3)
    assert first.endswith(CUT) and len(first) == 32_767
    assert second.endswith(CUT) and second[:10] == rare[:10]
    assert third == "\ufffdx"


def test_an_empty_table_and_a_wrong_kind() -> None:
    assert formulas(write_table("", [], [("a", "甲", "text", 9)], [], "")) == []
    with pytest.raises(ValueError, match="unknown kinds"):
        write_table("t", [], [("a", "甲", "formula", 9)], [], "")


@pytest.mark.parametrize("text", [*CORPUS, "''=1", "'", "''", "it's", "普通", ""])
def test_csv_text_is_neutral_and_reversible(text: str) -> None:
    safe = neutralise_csv(text)
    assert restore_csv(safe) == text
    assert not safe or safe[0] not in DANGEROUS
    stream = StringIO(newline="")
    csv.writer(stream).writerow([safe])
    assert restore_csv(next(csv.reader(StringIO(stream.getvalue(), newline="")))[0]) == text


COLUMNS = (
    Column("name", "姓名", required=True, prompt="与身份证一致"),
    Column("id_number", "身份证号码", required=True, text_only=True, width=22),
    Column("kind", "离退类型", required=True, choices="kinds"),
    Column("state", "健康状况", choices="states"),
    Column("years", "工龄", kind="number"),
)
CHOICES = {"kinds": ["离休", "退休"], "states": ["良好", "一般", "失能"]}
EXAMPLE = {"name": "示范", "id_number": "320999194001010017", "kind": "退休"}


def test_template_opens_with_lists_text_formats_and_notes() -> None:
    data = write_template(COLUMNS, CHOICES, ["每个单位一个文件。", "=不是公式"], EXAMPLE)
    check(data)
    assert formulas(data) == []
    book = openpyxl.load_workbook(BytesIO(data))
    assert [(page.title, page.sheet_state) for page in book] == [
        ("数据", "visible"),
        ("填写说明", "visible"),
        ("选项", "hidden"),
    ]
    page = book["数据"]
    assert [cell.value for cell in page[2]] == ["*姓名", "*身份证号码", "*离退类型", "健康状况", "工龄"]
    assert page.freeze_panes == "B3"
    assert [page.column_dimensions[letter].width > 10 for letter in "AB"] == [True, True]
    lists = {str(item.sqref): item.formula1 for item in page.data_validations.dataValidation if item.type == "list"}
    assert lists == {"C4:C50003": "选项!$A$2:$A$3", "D4:D50003": "选项!$B$2:$B$4"}
    assert [cell.value for cell in book["选项"]["B"]] == ["states", "良好", "一般", "失能"]
    prompts = {str(item.sqref): item.prompt for item in page.data_validations.dataValidation}
    assert prompts["A4:A50003"] == "与身份证一致"
    text = " ".join(str(cell.value) for row in book["填写说明"] for cell in row if cell.value)
    assert "每个单位一个文件。" in text and "可选：离休、退休" in text


def test_template_reads_back_empty_and_then_filled() -> None:
    data = write_template(COLUMNS, CHOICES, [], EXAMPLE)
    sheet = read(data, None, COLUMNS, 10)
    assert (list(sheet.rows), len(sheet.rows), sheet.missing_columns, sheet.unknown_columns) == ([], 0, [], [])
    book, stream = openpyxl.load_workbook(BytesIO(data)), BytesIO()
    for column, value in enumerate(["某某", "320999194001010017", "退休", None, 30], start=1):
        book["数据"].cell(4, column, value)
    book.save(stream)
    row = next(iter(read(stream.getvalue(), None, COLUMNS, 10).rows))
    assert (row.number, row.cells["id_number"].text, row.cells["years"].text) == (4, "320999194001010017", "30")


def test_template_columns_are_text_unless_numbers() -> None:
    page = openpyxl.load_workbook(BytesIO(write_template(COLUMNS, CHOICES, [], EXAMPLE)))["数据"]
    spans = {(item.min, item.max): item.number_format for item in page.column_dimensions.values()}
    assert spans == {(1, 1): "@", (2, 2): "@", (3, 4): "@", (5, 5): "General"}


def test_template_wants_every_list() -> None:
    with pytest.raises(ValueError, match="states"):
        write_template(COLUMNS, {"kinds": ["离休"]}, [], {})
