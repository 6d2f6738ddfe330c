"""Reading keeps the sender's row numbers and text, finds the header, and names damaged numbers."""

import sys
import time
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
import xlsxwriter
from hostile_sheets import HOSTILE

from app.sheets.columns import Column, find_key, label_index
from app.sheets.reader import Row, Sheet, UnreadableSheet, read
from app.sheets.safety import UnsafeSheet, check

COLUMNS = (
    Column("name", "姓名", required=True),
    Column("id_number", "身份证号码", ("身份证号", "公民身份号码"), required=True, text_only=True),
    Column("mobile", "手机号码", ("联系电话",), text_only=True),
    Column("born", "出生日期"),
)


def first(sheet: Sheet) -> Row:
    return next(iter(sheet.rows))


def book(rows: Iterable[Sequence[Any]], first_row: int = 0, first_column: int = 0, name: str = "花名册") -> bytes:
    """A workbook of one sheet; dates become date cells, text stays text."""
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"strings_to_formulas": False}) as target:
        page = target.add_worksheet(name)
        day = target.add_format({"num_format": "yyyy-mm-dd"})
        for row, values in enumerate(rows, start=first_row):
            for column, value in enumerate(values, start=first_column):
                if isinstance(value, date):
                    page.write_datetime(row, column, value, day)
                elif value is not None:
                    page.write(row, column, value)
    return stream.getvalue()


HEADER = ["姓名", "身份证号码", "手机号码", "出生日期"]


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        ["* 姓 名", "身份证号＊", "联系电话（必填）", "出生日期:"],
        ["姓\n名*", "公民身份号码", "手机号码(本人)", " 出生日期 "],
        ["姓　名", "＊身份证号码", "手机号码", "出生日期："],
    ],
)
def test_header_is_found_by_label_and_alias(header: list[str]) -> None:
    sheet = read(
        book([["某单位花名册"], [], ["填表人：某某", "2026年"], header, ["甲", "1", "2", "3"]]), None, COLUMNS, 10
    )
    assert (sheet.header_row, sheet.missing_columns, sheet.unknown_columns) == (4, [], [])
    assert first(sheet).number == 5
    assert {key: cell.text for key, cell in first(sheet).cells.items()} == {
        "name": "甲",
        "id_number": "1",
        "mobile": "2",
        "born": "3",
    }


def test_columns_unknown_missing_and_double_are_named() -> None:
    sheet = read(
        book([["序号", "姓名", "手机号码", "备注", "姓名", "错误说明"], [1, "甲", "2", "x", "乙", "旧"]]),
        None,
        COLUMNS,
        10,
    )
    assert sheet.unknown_columns == ["序号", "备注"]
    assert sheet.missing_columns == ["身份证号码", "出生日期"]
    assert sheet.duplicate_columns == ["姓名"]
    assert first(sheet).cells["name"].text == "甲"


def test_row_numbers_survive_blank_rows_and_an_offset_table() -> None:
    rows = [HEADER, [], ["甲"], ["  ", "　"], [], ["乙"]]
    sheet = read(book(rows, first_row=3, first_column=2), None, COLUMNS, 10)
    assert sheet.header_row == 4
    assert [row.number for row in sheet.rows] == [6, 9]


def test_rows_of_asides_are_passed_over() -> None:
    rows = [["序号", *HEADER], [1, "甲"], [2], ["【示例】1", "某"], ["【说明】勿改表头"], ["填表人：某"]]
    sheet = read(book(rows), None, COLUMNS, 10)
    assert [row.number for row in sheet.rows] == [2] and len(sheet.rows) == 1


NAMES = [
    "𠮷田",
    "阿卜杜拉·买买提",
    " 前后空格 ",
    "一\n二",
    "Ａ全角Ｂ",
    "\U00031350",
    "㛃",
    "é e\u0301",
    "_x0041_",
    "'引号",
    "=1+1",
    "<r>x</r>",
    "0012",
    "a\tb",
]


@pytest.mark.parametrize("name", NAMES)
def test_text_is_kept_to_the_letter(name: str) -> None:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream) as target:
        page = target.add_worksheet()
        page.write_row(0, 0, HEADER)
        if name.startswith("<r>"):
            page.write_rich_string(1, 0, name[0], target.add_format(), name[1:])
        else:
            page.write_string(1, 0, name)
    cell = first(read(stream.getvalue(), None, COLUMNS, 10)).cells["name"]
    assert (cell.text, cell.raw, cell.kind) == (name, name, "text")


@pytest.mark.parametrize(
    ("column", "value", "kind", "text"),
    [
        ("id_number", 320999194002010117, "damaged_number", None),
        ("id_number", 3209991940020101, "damaged_number", None),
        ("id_number", "3.20999E+17", "damaged_number", "3.20999E+17"),
        ("id_number", 320999400201011, "number", "320999400201011"),
        ("id_number", "32099919400201011X", "text", "32099919400201011X"),
        ("mobile", 19900000001, "number", "19900000001"),
        ("born", 19400102, "number", "19400102"),
        ("born", 1940.5, "number", "1940.5"),
        ("born", date(1940, 1, 2), "date", "1940-01-02"),
        ("born", datetime.fromisoformat("1940-01-02 09:30"), "datetime", "1940-01-02 09:30:00"),
        ("name", 320999194002010117, "number", None),
        ("name", True, "bool", "是"),
        ("name", "#N/A", "error", "#N/A"),
    ],
)
def test_kinds(column: str, value: Any, kind: str, text: str | None) -> None:
    place = [item.key for item in COLUMNS].index(column)
    row: list[Any] = [None] * 4
    row[place] = value
    cell = first(read(book([HEADER, row]), None, COLUMNS, 10)).cells[column]
    assert cell.kind == kind
    assert text is None or cell.text == text
    assert bool(cell.message) == (kind in ("damaged_number", "error"))


def test_formula_gives_the_value_stored_with_it() -> None:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream) as target:
        page = target.add_worksheet()
        page.write_row(0, 0, HEADER)
        page.write_formula(1, 0, '=CONCATENATE("甲","乙")', None, "甲乙")
    assert first(read(stream.getvalue(), None, COLUMNS, 10)).cells["name"].text == "甲乙"


def test_the_sheet_with_a_header_is_chosen_and_the_others_named() -> None:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream) as target:
        target.add_worksheet("封面").write(0, 0, "说明")
        hidden = target.add_worksheet("旧")
        hidden.write_row(0, 0, HEADER)
        hidden.hide()
        page = target.add_worksheet("名单")
        page.write_row(0, 0, HEADER)
        page.write_row(1, 0, ["甲"])
    sheet = read(stream.getvalue(), None, COLUMNS, 10)
    assert (sheet.name, sheet.other_sheets) == ("名单", ["封面"])
    with pytest.raises(UnreadableSheet) as refusal:
        read(stream.getvalue(), "没有", COLUMNS, 10)
    assert refusal.value.code == "no_sheet"


@pytest.mark.parametrize("rows", [[], [["甲", "乙"]], [[""]], [["x"]] * 10 + [HEADER]])
def test_no_header_is_said(rows: list[list[str]]) -> None:
    with pytest.raises(UnreadableSheet) as refusal:
        read(book(rows), None, COLUMNS, 10)
    assert refusal.value.code == "no_header"


def test_more_rows_than_allowed_are_refused() -> None:
    data = book([HEADER, *[["甲"]] * 11])
    assert len(read(data, None, COLUMNS, 11).rows) == 11
    with pytest.raises(UnreadableSheet) as refusal:
        read(data, None, COLUMNS, 10)
    assert refusal.value.code == "too_many_rows"


def test_reading_checks_first() -> None:
    with pytest.raises(UnsafeSheet):
        read(HOSTILE["far column"][1](), None, COLUMNS, 10)


def test_two_columns_may_not_share_a_label() -> None:
    with pytest.raises(ValueError, match="share"):
        label_index([Column("a", "姓名"), Column("b", "名", ("* 姓 名",))])


def test_a_header_made_to_stall_is_answered_at_once() -> None:
    index = label_index(COLUMNS)
    started = time.process_time()
    for text in ("(" * 50_000, " *" * 25_000, "((" * 12_000 + "))" * 12_000):
        assert find_key(text, index) is None
    assert time.process_time() - started < 1


def test_fifty_thousand_rows(capsys: pytest.CaptureFixture[str]) -> None:
    data = book(
        [HEADER, *([f"某{n}", f"32099919400101{n % 10_000:04d}", "19900000000", "1940-01"] for n in range(50_000))]
    )
    started = time.process_time()
    check(data)
    checked = time.process_time()
    sheet = read(data, None, COLUMNS, 50_000, checked=True)
    with capsys.disabled():
        sys.stdout.write(
            f"\n50,000 rows x 4: check {checked - started:.2f} s, read {time.process_time() - checked:.2f} s\n"
        )
    assert len(sheet.rows) == 50_000
    assert list(sheet.rows)[-1].number == 50_001
