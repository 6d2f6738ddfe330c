"""Notices as files: the three shapes, what is refused and how it says so, what is shipped."""

import json
from dataclasses import replace
from datetime import date

import pytest

from app.deadlines.calendar import Holiday, WorkCalendar, YearNotice
from app.deadlines.notices import NoticeError, as_json, check, parse, parse_csv, parse_json, shipped

PLAIN = """
{"2023":{"off":[["2022-12-31","2023-01-02"],["2023-01-21","2023-01-27"],["2023-04-05","2023-04-05"],
["2023-04-29","2023-05-03"],["2023-06-22","2023-06-24"],["2023-09-29","2023-10-06"]],
"work":["2023-01-28","2023-01-29","2023-04-23","2023-05-06","2023-06-25","2023-10-07","2023-10-08"]},
"2024":{"off":[["2023-12-30","2024-01-01"],["2024-02-10","2024-02-17"],["2024-04-04","2024-04-06"],
["2024-05-01","2024-05-05"],["2024-06-10","2024-06-10"],["2024-09-15","2024-09-17"],
["2024-10-01","2024-10-07"]],
"work":["2024-02-04","2024-02-18","2024-04-07","2024-04-28","2024-05-11","2024-09-14","2024-09-29",
"2024-10-12"]},
"2025":{"off":[["2025-01-01","2025-01-01"],["2025-01-28","2025-02-04"],["2025-04-04","2025-04-06"],
["2025-05-01","2025-05-05"],["2025-05-31","2025-06-02"],["2025-10-01","2025-10-08"]],
"work":["2025-01-26","2025-02-08","2025-04-27","2025-09-28","2025-10-11"]},
"2026":{"off":[["2026-01-01","2026-01-03"],["2026-02-15","2026-02-23"],["2026-04-04","2026-04-06"],
["2026-05-01","2026-05-05"],["2026-06-19","2026-06-21"],["2026-09-25","2026-09-27"],
["2026-10-01","2026-10-07"]],
"work":["2026-01-04","2026-02-14","2026-02-28","2026-05-09","2026-09-20","2026-10-10"]}}
"""
RICH = {
    "year": 2028,
    "notice": "国办发明电〔2027〕1号",
    "holidays": [{"name": "元旦", "first": "2028-01-01", "last": "2028-01-03"}],
    "makeup": ["2028-01-08"],
}
CSV = """date,kind,name
2027-12-31,off,元旦
2028-01-01,off,元旦
2028-01-02,off,元旦
2028-01-08,work,
2028-10-01,off,
2028-10-02,off,
2028-10-03,off,
"""
NEW_YEAR = Holiday("元旦", date(2028, 1, 1), date(2028, 1, 3))


def rich(**change: object) -> str:
    return json.dumps({**RICH, **change}, ensure_ascii=False)


def off(*ranges: list[str]) -> str:
    return json.dumps({"2028": {"off": list(ranges), "work": []}})


def test_shipped_years_and_numbers() -> None:
    assert [(notice.year, notice.notice) for notice in shipped()] == [
        (2023, "国办发明电〔2022〕16号"),
        (2024, "国办发明电〔2023〕7号"),
        (2025, "国办发明电〔2024〕12号"),
        (2026, "国办发明电〔2025〕7号"),
    ]


def test_plain_shape_gives_the_same_days_and_names_as_those_shipped() -> None:
    named = [(n.year, n.holidays, n.makeup) for n in parse_json(PLAIN)]
    assert named == [(n.year, n.holidays, n.makeup) for n in shipped()]
    assert {n.notice for n in parse_json(PLAIN, "某号")} == {"某号"}


def test_rich_shape_alone_and_in_a_list() -> None:
    notice = YearNotice(2028, "国办发明电〔2027〕1号", (NEW_YEAR,), (date(2028, 1, 8),))
    assert parse_json(rich()) == [notice]
    earlier = {"year": 2027, "notice": "试", "holidays": [], "makeup": []}
    earlier["holidays"] = [{"name": "元旦", "first": "2027-01-01", "last": "2027-01-01"}]
    assert [n.year for n in parse_json(json.dumps([RICH, earlier]))] == [2027, 2028]


def test_csv_shape() -> None:
    assert parse_csv(CSV, "某号") == YearNotice(
        2028,
        "某号",
        (
            Holiday("元旦", date(2027, 12, 31), date(2028, 1, 2)),
            Holiday("国庆节、中秋节", date(2028, 10, 1), date(2028, 10, 3)),
        ),
        (date(2028, 1, 8),),
    )


def test_csv_days_apart_are_two_holidays() -> None:
    apart = parse_csv("date,kind,name\n2028-01-03,off,节\n2028-01-01,off,节\n2028-01-04,off,节\n2028-01-05,off,会\n")
    spans = [(holiday.name, holiday.first.day, holiday.last.day) for holiday in apart.holidays]
    assert spans == [("节", 1, 1), ("节", 3, 4), ("会", 5, 5)]


def test_csv_as_office_programs_write_it() -> None:
    quoted = CSV.replace("元旦", '"元旦"').replace("\n", "\r\n") + ",,\r\n"
    for content in (quoted.encode("utf-8-sig"), quoted.encode("gb18030"), "\ufeff" + quoted):
        assert parse(content) == [parse_csv(CSV)]


def test_parse_tells_the_shapes_apart() -> None:
    assert parse(rich()) == parse_json(rich())
    assert parse("\n" + json.dumps([RICH])) == parse_json(rich())
    assert parse(PLAIN.encode(), "某号") == parse_json(PLAIN, "某号")
    assert parse(CSV, "某号") == [parse_csv(CSV, "某号")]


def test_a_holiday_without_a_festival_has_a_plain_name() -> None:
    text = '{"2015": {"off": [["2015-09-03", "2015-09-05"]], "work": ["2015-09-06"]}}'
    assert parse_json(text)[0].holidays[0].name == "放假"


def test_a_new_year_of_december_may_move() -> None:
    """As the notice for 2019 did: 2018-12-29 worked, 2018-12-31 off."""
    text = '{"2019": {"off": [["2018-12-30", "2019-01-01"]], "work": ["2018-12-29"]}}'
    calendar = WorkCalendar([*parse('{"2018":{"off":[["2018-01-01","2018-01-01"]],"work":[]}}'), *parse(text)])
    assert calendar.add(date(2018, 12, 28), 2).on == date(2019, 1, 2)


BAD_JSON = {
    "不是有效的 JSON": ["{", "[" * 100_000, '{"year": %s}' % ("9" * 5000), "{nope}"],
    "没有任何年份": ["{}", "[]"],
    "应恰好有这些项": [
        "3",
        '["x"]',
        rich(extra=1),
        '{"year": 2028}',
        rich(holidays=["x"]),
        rich(holidays=[{"name": "元旦"}]),
        '{"2028": {"off": []}}',
        '{"2028": []}',
    ],
    "四位数的年份": [
        rich(year="2028"),
        rich(year=True),
        rich(year=2028.0),
        rich(year=1000),
        '{"28": {"off": [], "work": []}}',
        '{"２０２８": {"off": [], "work": []}}',
    ],
    "不在 2000—2100 之间": [
        '{"0001": {"off": [], "work": []}}',
        '{"9999": {"off": [], "work": []}}',
    ],
    "应为列表": [
        rich(holidays={}),
        rich(makeup="2028-01-08"),
        '{"2028": {"off": 1, "work": []}}',
        '{"2028": {"off": ["2028-01-01"], "work": []}}',
    ],
    "开始日和结束日两个日期": [off(["2028-01-01"]), off(["2028-01-01"] * 3)],
    "不是有效日期": [
        off(["2028-02-30", "2028-02-30"]),
        off(["20280101", "20280101"]),
        off(["2028/1/1", "2028/1/1"]),
        off(["2028-01-01T00:00", "2028-01-02"]),
        off(["２０２８-01-01", "2028-01-02"]),
        rich(makeup=[20280108]),
        rich(makeup=[None]),
    ],
    "结束日早于开始日": [off(["2028-01-03", "2028-01-01"]), off(["9999-12-31", "0001-01-01"])],
    "超过 20 天": [off(["2028-01-01", "2028-01-21"]), off(["0001-01-01", "9999-12-31"])],
    "不属于这一年": [
        off(["2029-02-01", "2029-02-02"]),
        off(["2027-11-30", "2027-12-02"]),
        off(["2027-05-01", "2027-05-05"]),
        rich(makeup=["2029-05-05"]),
    ],
    "没有任何假期": [off(), rich(holidays=[])],
    "重复，既在": [off(["2028-01-01", "2028-01-03"], ["2028-01-03", "2028-01-04"])],
    "调休上班日 2028-01-08 重复": [rich(makeup=["2028-01-08", "2028-01-08"])],
    "不是周六或周日": [rich(makeup=["2028-01-07"])],
    "在假期“元旦”之内": [rich(makeup=["2028-01-02"])],
    "出现了两次": [json.dumps([RICH, RICH])],
    "“2028”重复出现": ['{"2028": {"off": [], "work": []}, "2028": {"off": [], "work": []}}'],
    "通知文号应为": [
        rich(notice=""),
        rich(notice=7),
        rich(notice="号" * 61),
        rich(notice="一\n二"),
    ],
    "假期名称应为": [rich(holidays=[{"name": " ", "first": "2028-01-01", "last": "2028-01-01"}])],
    "文件过大": [" " * 200_001],
}


@pytest.mark.parametrize(
    ("message", "text"), [(message, text) for message, texts in BAD_JSON.items() for text in texts],
    ids=lambda value: value[:30],
)  # fmt: skip
def test_bad_json_is_refused_in_chinese(message: str, text: str) -> None:
    with pytest.raises(NoticeError) as refused:
        parse_json(text)
    assert message in str(refused.value)
    assert len(str(refused.value)) < 200


BAD_CSV = {
    "CSV 第一行应为": ["", "日期,类型,名称\n2028-01-01,off,元旦", "date,kind\n2028-01-01,off"],
    "第 3 行：应有三列": ["date,kind,name\n2028-01-01,off,元旦\n2028-01-02,off"],
    "第 2 行：“2028-1-1”不是有效日期": ["date,kind,name\n2028-1-1,off,元旦"],
    "第 2 行：kind 应为": ["date,kind,name\n2028-01-01,rest,元旦"],
    "第 3 行：2028-01-01 重复": [
        "date,kind,name\n2028-01-01,off,元旦\n2028-01-01,off,元旦",
        "date,kind,name\n2028-01-01,off,元旦\n2028-01-01,work,",
        "date,kind,name\n2028-01-01,work,\n2028-01-01,work,",
    ],
    "第 2 行：名称应为": ["date,kind,name\n2028-01-01,off," + "节" * 61],
    "无法判断是哪一年": [
        "date,kind,name\n",
        "date,kind,name\n2027-12-31,off,元旦\n2028-01-01,off,元旦",
    ],
    "没有任何假期": ["date,kind,name\n2028-01-08,work,"],
    "不属于这一年": [CSV + "2026-10-01,off,国庆节\n"],
    "不是周六或周日": [CSV + "2028-01-05,work,\n"],
    "超过 20 天": ["date,kind,name\n" + "".join(f"2028-03-{n:02},off,节\n" for n in range(1, 22))],
    "不是有效的 CSV": ['date,kind,name\n2028-01-01,off,"元"旦'],
}


@pytest.mark.parametrize(
    ("message", "text"), [(message, text) for message, texts in BAD_CSV.items() for text in texts],
    ids=lambda value: value[:30],
)  # fmt: skip
def test_bad_csv_is_refused_in_chinese(message: str, text: str) -> None:
    with pytest.raises(NoticeError) as refused:
        parse(text)
    assert message in str(refused.value)


def test_bytes_in_no_known_encoding_are_refused() -> None:
    with pytest.raises(NoticeError, match="编码无法识别"):
        parse(b"\xff\xff\xff\xff")


def test_a_notice_from_elsewhere_is_checked_too() -> None:
    good = YearNotice(2028, "", (NEW_YEAR,), (date(2028, 1, 8),))
    assert check(good) is good
    with pytest.raises(NoticeError, match="假期名称"):
        check(YearNotice(2028, "", (Holiday("", date(2028, 1, 1), date(2028, 1, 1)),), ()))


def test_every_shipped_holiday_is_checked() -> None:
    """A planted slip in any shipped notice, one holiday moved onto a make-up day, is refused."""
    for notice in shipped():
        day = notice.makeup[0]
        with pytest.raises(NoticeError, match="之内"):
            check(YearNotice(notice.year, "", (*notice.holidays, Holiday("节", day, day)), notice.makeup))


def test_what_is_written_reads_back_the_same() -> None:
    for notice in shipped():
        for each in (notice, replace(notice, issued=None), replace(notice, issued=date(2025, 11, 4))):
            assert parse_json(as_json(each).encode()) == [each]
