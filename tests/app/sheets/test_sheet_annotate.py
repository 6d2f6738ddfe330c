"""The sender's file comes back with exactly the bad rows, its own look, and the reasons."""

import sys
import time
from io import BytesIO
from itertools import pairwise

import openpyxl
import pytest
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from app.sheets.annotate import RED, annotate
from app.sheets.columns import Column
from app.sheets.reader import UnreadableSheet, read
from app.sheets.safety import check

COLUMNS = (Column("name", "姓名"), Column("id_number", "身份证号码", text_only=True))
FILL = PatternFill("solid", start_color="FF00FF00", end_color="FF00FF00")


def roster(rows: int = 20) -> bytes:
    """A file with a title, its own colours, widths, a pick-list, a merge, a comment and a link."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "花名册"
    page["A1"] = "某单位花名册"
    page.merge_cells("A1:D1")
    page.append(["序号", "* 姓名", "身份证号码", "备注"])
    for number in range(3, rows + 3):
        page.append([number - 2, f"某{number}", f"32099919400101{number:04d}", "=1+1" if number == 7 else None])
        page.row_dimensions[number].height = number
        page.cell(number, 2).font = Font(bold=True)
        page.cell(number, 4).fill = FILL
    page["D7"].data_type = "s"
    page["D9"].hyperlink = "https://example.org/9"
    page["D9"].value = "链接"
    page["D12"] = "=A12*2"
    page["B9"].comment = Comment("第九行的批注", "某")
    page["B4"].comment = Comment("第四行的批注", "某")
    page.merge_cells("C9:C10")
    page.merge_cells("C14:D15")
    page.auto_filter.ref = f"A2:D{rows + 2}"
    page.row_dimensions[9].hidden = True
    page.column_dimensions["B"].width = 33
    check_list = DataValidation("list", formula1='"是,否"', sqref=f"D3:D{rows + 2}")
    page.data_validations.append(check_list)
    page.conditional_formatting.add(f"A3:A{rows + 2}", CellIsRule("greaterThan", ["5"], fill=FILL))
    book.create_sheet("其他")["A1"] = "保留"
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


BAD = {9: [("身份证号码", "校验位不对"), ("姓名", "缺少")], 7: [(None, "与第 5 行重复")], 12: [("没有的列", "=错")]}


def opened(data: bytes) -> Worksheet:
    """The annotated sheet."""
    check(data)
    return openpyxl.load_workbook(BytesIO(data))["花名册"]


def test_exactly_the_bad_rows_with_their_reasons() -> None:
    page = opened(annotate(roster(), "花名册", 2, BAD))
    assert [cell.value for cell in page[2]] == ["序号", "* 姓名", "身份证号码", "备注", "错误说明"]
    assert [[cell.value for cell in row] for row in page.iter_rows(min_row=3)] == [
        [5, "某7", "320999194001010007", "=1+1", "第 7 行：与第 5 行重复"],
        [7, "某9", "320999194001010009", "链接", "第 9 行：身份证号码：校验位不对；姓名：缺少"],
        [10, "某12", "320999194001010012", None, "第 12 行：没有的列：=错"],
    ]
    assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)


def test_the_offending_cells_are_red_and_the_rest_keeps_its_look() -> None:
    page = opened(annotate(roster(), "花名册", 2, BAD))
    red = {
        cell.coordinate for row in page.iter_rows() for cell in row if cell.fill.start_color.rgb == RED.start_color.rgb
    }
    assert red == {"B4", "C4"}
    assert [page.cell(row, 2).font.b for row in (3, 4, 5)] == [True] * 3
    assert page["D3"].fill.start_color.rgb == FILL.start_color.rgb
    assert [page.row_dimensions[row].height for row in (3, 4, 5)] == [7, 9, 12]
    assert not page.row_dimensions[4].hidden
    assert page.column_dimensions["B"].width == 33


def test_what_is_tied_to_rows_moves_with_them() -> None:
    page = opened(annotate(roster(), "花名册", 2, BAD))
    assert {str(area) for area in page.merged_cells.ranges} == {"A1:D1"}
    assert page.auto_filter.ref == "A2:D5"
    assert page["D4"].hyperlink.target == "https://example.org/9"
    assert [cell.coordinate for row in page.iter_rows() for cell in row if cell.comment] == ["B4"]
    assert [str(item.sqref) for item in page.data_validations.dataValidation] == ["D3:D5"]
    assert [str(item.sqref) for item in page.conditional_formatting] == ["A3:A5"]


def test_other_sheets_stay() -> None:
    book = openpyxl.load_workbook(BytesIO(annotate(roster(), "花名册", 2, BAD)))
    assert book.sheetnames == ["花名册", "其他"]
    assert book["其他"]["A1"].value == "保留"


def test_all_rows_where_asked() -> None:
    page = opened(annotate(roster(), "花名册", 2, BAD, only_bad=False))
    assert page.max_row == 22
    assert {row: page.cell(row, 5).value for row in range(3, 23) if page.cell(row, 5).value}.keys() == BAD.keys()
    assert {str(area) for area in page.merged_cells.ranges} == {"A1:D1", "C9:C10", "C14:D15"}


def test_a_second_round_reuses_the_error_column() -> None:
    first = annotate(roster(), "花名册", 2, BAD)
    sheet = read(first, None, COLUMNS, 100)
    assert [row.number for row in sheet.rows] == [3, 4, 5]
    assert sheet.unknown_columns == ["序号", "备注"]
    page = opened(annotate(first, "花名册", 2, {4: [("姓名", "仍缺少")]}))
    assert [cell.value for cell in page[2]][-1] == "错误说明"
    assert page.max_column == 5
    assert page["E3"].value == "第 4 行：姓名：仍缺少"
    page = opened(annotate(first, "花名册", 2, {4: [("姓名", "仍缺少")]}, only_bad=False))
    assert [page.cell(row, 5).value for row in (3, 4, 5)] == [None, "第 4 行：姓名：仍缺少", None]


def test_wide_column_settings_do_not_overlap_the_new_column() -> None:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        page = book.add_worksheet("花名册")
        page.set_column(0, 100, 12)
        page.write_row(0, 0, ["姓名", "身份证号码"])
        page.write_row(1, 0, ["甲", "1"])
    page = opened(annotate(stream.getvalue(), "花名册", 1, {2: [("姓名", "错")]}))
    spans = sorted((item.min, item.max) for item in page.column_dimensions.values())
    assert all(first[1] < second[0] for first, second in pairwise(spans))
    assert page.column_dimensions["C"].width == 60


def test_a_reason_may_quote_anything() -> None:
    page = opened(annotate(roster(), "花名册", 2, {5: [("姓名", "“=\x00\x0b\ud800”" + "长" * 40_000)]}))
    assert page["E3"].value.startswith("第 5 行：姓名：“=\ufffd\ufffd\ufffd”长")


def test_an_unknown_sheet_is_said() -> None:
    with pytest.raises(UnreadableSheet):
        annotate(roster(), "没有", 2, BAD)
    with pytest.raises(UnreadableSheet):
        annotate(roster(), "没有", 2, BAD, only_bad=False)


def test_two_thousand_of_fifty_thousand(capsys: pytest.CaptureFixture[str]) -> None:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"constant_memory": True}) as book:
        page = book.add_worksheet("花名册")
        page.write_row(0, 0, ["姓名", "身份证号码", "备注"])
        for row in range(1, 50_001):
            page.write_row(row, 0, [f"某{row}", f"32099919400101{row % 10_000:04d}", "文字"])
    bad = {number: [("姓名", "错")] for number in range(2, 50_002, 25)}
    started = time.process_time()
    result = annotate(stream.getvalue(), "花名册", 1, bad, checked=True)
    with capsys.disabled():
        sys.stdout.write(f"\n2,000 bad of 50,000 rows: {time.process_time() - started:.2f} s\n")
    names = [row.cells["name"].text for row in read(result, None, COLUMNS, 3_000).rows]
    assert names == [f"某{number - 1}" for number in bad]
