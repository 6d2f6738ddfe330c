"""One row at a time: what offices type is understood, what will not do is said of the right column, quoting nothing."""

from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from app.people import roster, roster_rows, roster_upload
from app.people.roster_rows import Entry
from app.people.roster_upload import BadFile
from app.sheets.columns import find_key, label_index

TODAY = date(2026, 6, 10)
CARD = "320999193801150017"
PLAIN = {"姓名": "王老", "身份证号": CARD, "离退休类型": "退休"}


def book(*rows: dict[str, Any]) -> bytes:
    """A workbook whose headers are the keys of the rows."""
    headers = list(dict.fromkeys(key for row in rows for key in row))
    made, stream = openpyxl.Workbook(), BytesIO()
    page = made.worksheets[0]
    page.append(headers)
    for row in rows:
        page.append([row.get(header) for header in headers])
    made.save(stream)
    return stream.getvalue()


def entry(**cells: Any) -> Entry:
    """The one row of a sheet with these cells beside the required ones."""
    sheet = roster_upload.open_sheet(book(PLAIN | cells))
    return roster_rows.parse(list(sheet.rows), TODAY)[0]


@pytest.mark.parametrize(("header", "key"), [
    ("* 姓名", "name"), ("姓　　名", "name"), ("身份证号码（18位）", "id_number"), ("公民身份号码", "id_number"),
    ("手机", "mobile"), ("联系电话", "mobile"), ("职务(职级)", "rank"), ("职务（职级）", "rank"),
    ("职务", "former_post"),
    ("出生年月", "birth_date"), ("退休时间", "retired_on"), ("工作单位", "former_unit"), ("单位名称", "unit"),
    ("离退休类别", "retirement_type"), ("序号", None), ("备注", None), ("人员类别", None),
])
def test_headers_as_offices_write_them(header: str, key: str | None) -> None:
    assert find_key(header, label_index(roster.COLUMNS)) == key


@pytest.mark.parametrize(("label", "typed", "key", "kept"), [
    ("身份证号", "３２０９９９１９３８０１１５００１７", "id_number", CARD),
    ("身份证号", " 320999 19380115 0017", "id_number", CARD), ("身份证号", "320999380115001", "id_number", CARD),
    ("身份证号", "32099919430711009x", "id_number", "32099919430711009X"),
    ("姓名", " 阿依古丽·𠮷 ", "name", "阿依古丽·𠮷"), ("姓名", "ｗ王", "name", "ｗ王"),
    ("手机号码", "+86 199 0000 0001", "mobile", "19900000001"), ("手机号码", 19900000001, "mobile", "19900000001"),
    ("出生日期", date(1938, 1, 15), "birth_date", "1938-01-15"), ("出生日期", "1938.1", "birth_date", "1938-01"),
    ("出生日期", 1938, "birth_date", "1938"), ("出生日期", "1938年1月15日", "birth_date", "1938-01-15"),
    ("入党时间", 196007, "joined_party_on", "1960-07"), ("政治面貌", "党员", "political_status", "01"),
    ("政治面貌", 1, "political_status", "01"), ("民族", "汉", "ethnicity", "01"),
    ("职务(职级)", "正处级", "rank", "131"),
    ("离退休类型", "离 休", "retirement_type", "lixiu"), ("家庭住址", "一号楼\n二单元", "address", "一号楼\n二单元"),
    ("原职务", 1, "former_post", "1"), ("所在党支部", "=1+1 支部", "branch", "=1+1 支部"),
])
def test_what_is_understood(label: str, typed: Any, key: str, kept: str) -> None:
    cells = {label: typed}
    if isinstance(typed, str) and typed.startswith("="):
        sheet = roster_upload.open_sheet(_as_text(cells))
        read = roster_rows.parse(list(sheet.rows), TODAY)[0]
    else:
        read = entry(**cells)
    assert read.values[key] == kept and not read.complaints


def _as_text(cells: dict[str, Any]) -> bytes:
    made, stream = openpyxl.Workbook(), BytesIO()
    page = made.worksheets[0]
    page.append(list(PLAIN | cells))
    for position, value in enumerate((PLAIN | cells).values(), start=1):
        page.cell(2, position, value).data_type = "s"
    made.save(stream)
    return stream.getvalue()


def test_sex_and_birth_come_from_the_number() -> None:
    read = entry()
    assert (read.values["sex"], read.values["birth_date"]) == ("1", "1938-01-15") and read.good


@pytest.mark.parametrize(("label", "typed", "code"), [
    ("姓名", None, "required"), ("姓名", "王\u200b老", "name_characters"), ("姓名", "长" * 51, "name_length"),
    ("身份证号", None, "required"), ("身份证号", "320999193801150018", "id_check_digit"),
    ("身份证号", 320999193801150017, "number_damaged"), ("身份证号", "3.20999E+17", "number_damaged"),
    ("身份证号", "32099919380115001", "id_length"), ("身份证号", "32099919380115001A", "id_characters"),
    ("身份证号", "320999380230001", "id_birth_date"), ("离退休类型", None, "required"),
    ("离退休类型", "退养", "code_unknown"), ("手机号码", "0515-82312345", "bad_phone"),
    ("手机号码", "1990000000", "bad_phone"), ("手机号码", "1990000000a", "bad_phone"),
    ("性别", "女", "disagrees_with_id"), ("性别", "某", "code_unknown"), ("出生日期", "1939", "disagrees_with_id"),
    ("出生日期", 1938.1, "date_ambiguous"), ("出生日期", 13895, "date_serial"), ("出生日期", "38-1-15", "date_format"),
    ("出生日期", "1938-02-30", "date_invalid"), ("民族", "火星族", "code_unknown"), ("入党时间", "1930", "date_order"),
    ("参加工作时间", "1937-12", "date_order"), ("原工作单位", "长" * 101, "text_length"),
    ("家庭住址", "长" * 201, "text_length"), ("所在党支部", "一\n支部", "text_characters"),
])
def test_what_is_complained_about(label: str, typed: Any, code: str) -> None:
    read = entry(**{label: typed})
    assert [(roster.LABELS[each.key], each.code) for each in read.complaints] == [(label, code)]
    message = read.complaints[0].message
    assert message.endswith("。") and (len(str(typed)) < 3 or str(typed) not in message.replace("19900000000", ""))


def test_work_before_retirement() -> None:
    read = entry(**{"参加工作时间": "1960", "离退休时间": "1959-12"})
    assert [(each.key, each.code) for each in read.complaints] == [("retired_on", "date_order")]
    assert entry(**{"参加工作时间": "1960", "离退休时间": "1960-01"}).good


@pytest.mark.parametrize(("rows", "code"), [
    ([{"姓名": "王老", "离退休类型": "退休"}], "missing_columns"),
    ([PLAIN | {"身份证号码": CARD}], "duplicate_columns"),
    ([dict.fromkeys(PLAIN)], "no_rows"), ([{"甲": 1, "乙": 2}], "no_header"),
])
def test_sheets_that_cannot_be_taken(rows: list[dict[str, Any]], code: str) -> None:
    with pytest.raises(BadFile) as refused:
        roster_upload.open_sheet(book(*rows))
    assert (refused.value.code, refused.value.status) == (code, 422)


def test_names_of_files_are_kept_harmless() -> None:
    assert roster_upload.shown_name("C:\\某县\\名册.xlsx") == "名册.xlsx"
    assert roster_upload.shown_name(f"{CARD}.xlsx") == "….xlsx"
    for odd in (None, "", "../..", "a\u202eb.xlsx", "x" * 3000):
        assert 0 < len(roster_upload.shown_name(odd)) <= 100
