"""Imprecise dates: what goes in comes out, and no date ever moves by a day."""

import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.values.partial_date import BadDate, PartialDate

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
QUIET = settings(deadline=None, derandomize=True, database=None, max_examples=300)
# Days on which Shanghai was an hour ahead (or its clocks changed), and where such bugs show.
SUMMERS = [date(y, 7, 1) for y in (*range(1940, 1949), *range(1986, 1992))]
EDGES = [date(1900, 12, 31), date(1901, 1, 1), date(1949, 10, 1), date(1970, 1, 1), date(1921, 7, 1), date(1927, 8, 1)]


@pytest.mark.parametrize(
    ("text", "precision", "first", "last"),
    [
        ("1940", "year", "1940-01-01", "1940-12-31"),
        ("1940-02", "month", "1940-02-01", "1940-02-29"),
        ("1941-02", "month", "1941-02-01", "1941-02-28"),
        ("1900-02", "month", "1900-02-01", "1900-02-28"),
        ("2000-02", "month", "2000-02-01", "2000-02-29"),
        ("1940-12", "month", "1940-12-01", "1940-12-31"),
        ("1948-02-29", "day", "1948-02-29", "1948-02-29"),
        ("1900", "year", "1900-01-01", "1900-12-31"),
        ("2100-12-31", "day", "2100-12-31", "2100-12-31"),
    ],
)
def test_strict_form(text, precision, first, last):
    value = PartialDate.parse(text)
    assert str(value) == text
    assert (value.precision, value.first.isoformat(), value.last.isoformat()) == (precision, first, last)
    assert value == PartialDate.read(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "194", "19400", "1940-1", "1940-1-2", "1940-13", "1940-00", "1940-01-00", "1940-01-32", "1941-02-29",
        "1900-02-29", "1899", "2101", "0000", "1940-01-02\n", "1940\n", " 1940", "1940.01", "1940/01/02", "19400102",
        "１９４０", "١٩٤٠", "1940-01-02T00:00:00", "1940-01-02 ", "-1940", "1940-", "1940-01-", "1940-W01", "today",
        "1940-01-02-03", "1" * 50_000, None, 1940, 1940.0, True, b"1940",
    ],
    ids=lambda v: ascii(v)[:20],
)  # fmt: skip
def test_strict_form_refuses(text):
    with pytest.raises(BadDate):
        PartialDate.parse(text)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("1940", "1940"), ("1940年", "1940"), ("1940-1", "1940-01"), ("1940-01", "1940-01"), ("1940.1", "1940-01"),
        ("1940.10", "1940-10"), ("1940/1", "1940-01"), ("194001", "1940-01"), ("1940年1月", "1940-01"),
        ("1940年01月", "1940-01"), ("1940年 1月", "1940-01"), ("1940.1.2", "1940-01-02"), ("1940.01.02", "1940-01-02"),
        ("1940-1-2", "1940-01-02"), ("1940/01/02", "1940-01-02"), ("19400102", "1940-01-02"),
        ("1940年1月2日", "1940-01-02"), ("1940年1月2号", "1940-01-02"), ("1940 年 1 月 2 日", "1940-01-02"),
        ("１９４０．１．２", "1940-01-02"), ("１９４０年１月２日", "1940-01-02"), ("1940－1－2", "1940-01-02"),
        ("1940—1—2", "1940-01-02"), ("1940–1–2", "1940-01-02"), ("1940。1。2", "1940-01-02"),
        (" 1940-01-02 ", "1940-01-02"), ("\u30001940-01-02\u3000", "1940-01-02"), ("1940-01-02 00:00:00", "1940-01-02"),
        ("1940/1/2 0:00", "1940-01-02"), ("1948.2.29", "1948-02-29"),
        (1940, "1940"), (1940.0, "1940"), (194001, "1940-01"), (19400102, "1940-01-02"), (19400102.0, "1940-01-02"),
        (1940.12, "1940-12"), (1940.01, "1940-01"), (1940.2, "1940-02"), (1940.11, "1940-11"),
        (date(1940, 7, 1), "1940-07-01"), (datetime(1940, 7, 1), "1940-07-01"),  # noqa: DTZ001 (cells have no zone)
        (datetime(1940, 7, 1, 23, 59), "1940-07-01"),  # noqa: DTZ001 (cells have no zone)
    ],
    ids=lambda v: ascii(v)[:24],
)  # fmt: skip
def test_tolerant_form(cell, text):
    assert str(PartialDate.read(cell)) == text


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("", "date_format"), ("不详", "date_format"), ("一九四〇年", "date_format"), ("40.1.2", "date_format"),
        ("40年1月", "date_format"), ("1/2/1940", "date_format"), ("1940-1/2", "date_format"), ("1940.", "date_format"),
        ("1940-01-02 08:30", "date_format"), ("1940-01-02\n", "date_format"), ("1940年1", "date_format"),
        ("1940年13月", "date_invalid"), ("1941.2.29", "date_invalid"), ("19400230", "date_invalid"),
        ("194013", "date_invalid"), ("18991231", "date_range"), ("2101", "date_range"), ("400102", "date_range"),
        (14612, "date_serial"), (14612.0, "date_serial"), (1940.1, "date_ambiguous"), (1940.13, "date_invalid"),
        (14612.5, "date_format"), (float("nan"), "date_format"), (float("inf"), "date_format"), (-1940, "date_format"),
        (0, "date_format"), (10**25, "date_format"), (1e300, "date_format"), (True, "date_format"),
        (None, "date_format"), ("1940-" * 20_000, "date_format"), (date(1899, 12, 30), "date_range"),
        (b"1940", "date_format"), ("١٩٤٠", "date_format"), ("\ud8001940", "date_format"),
    ],
    ids=lambda v: ascii(v)[:24],
)  # fmt: skip
def test_tolerant_form_refuses(cell, code):
    with pytest.raises(BadDate) as caught:
        PartialDate.read(cell)
    assert caught.value.code == code
    assert any("\u4e00" <= c <= "\u9fff" for c in caught.value.message)


@QUIET
@given(DAYS)
def test_every_day_in_every_spelling(day):
    text = day.isoformat()
    spelled = [f"{day:%Y%m%d}", f"{day.year}.{day.month}.{day.day}", f"{day.year}年{day.month}月{day.day}日", day]
    assert {str(PartialDate.read(s)) for s in spelled} == {text}
    value = PartialDate.of(day)
    assert value.first == value.last == day
    assert value.covers(day)
    for part in (text[:4], text[:7]):
        less = PartialDate(part)
        assert less.first <= day <= less.last
        assert less.last + timedelta(1) == PartialDate.of(less.last).first + timedelta(1)


@QUIET
@given(st.text(max_size=60))
def test_any_text_is_a_date_or_refused(text):
    try:
        value = PartialDate.read(text)
    except BadDate:
        return
    assert PartialDate.parse(str(value)) == value


def moved_days(keep):
    """Return the days that do not survive being kept and read back."""
    return [day for day in (*SUMMERS, *EDGES) if keep(day) != day]


def kept_as_partial_date(day):
    return PartialDate.parse(str(PartialDate.read(str(PartialDate.of(day))))).first


def kept_as_midnight(day):
    """Planted fault: midnight in Shanghai, read back eight hours east of Greenwich."""
    instant = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
    return (instant + timedelta(hours=8)).date()


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Shanghai"])
def test_first_of_july_stays_first_of_july(zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert moved_days(kept_as_partial_date) == []
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_fault_of_timestamps_would_be_seen():
    assert len(moved_days(kept_as_midnight)) >= 10
    assert date(1943, 7, 1) in moved_days(kept_as_midnight)


def test_order_is_by_earliest_day_and_equals_the_order_of_texts():
    ordered = ["1939-12-31", "1940", "1940-01", "1940-01-01", "1940-01-02", "1940-02", "1940-12-31", "1941"]
    assert [str(v) for v in sorted(map(PartialDate, reversed(ordered)))] == ordered == sorted(ordered)
    for one, two in pairwise(map(PartialDate, ordered)):
        assert one < two
        assert two >= one
        assert one.first <= two.first


def test_comparison_with_other_things():
    assert PartialDate("1940") != "1940"
    assert PartialDate("1940") == PartialDate("1940")
    assert len({PartialDate("1940"), PartialDate("1940"), PartialDate("1940-01")}) == 2
    with pytest.raises(TypeError):
        assert PartialDate("1940") < date(1940, 1, 1)


@pytest.mark.parametrize(
    ("one", "two", "possible"),
    [
        ("1960", "1960-05", True),
        ("1960-05", "1960", True),
        ("1960-06", "1960-05", False),
        ("1960-05-02", "1960-05", True),
        ("1961", "1960-12-31", False),
        ("1959", "1960", True),
    ],
)
def test_may_precede(one, two, possible):
    assert PartialDate(one).may_precede(PartialDate(two)) is possible


@pytest.mark.parametrize(
    ("text", "year", "day"),
    [
        ("1948-02-29", 2028, date(2028, 2, 29)),
        ("1948-02-29", 2029, date(2029, 2, 28)),
        ("1948-02-29", 2100, date(2100, 2, 28)),
        ("1940-07-01", 2026, date(2026, 7, 1)),
        ("1940-07", 2026, None),
        ("1940", 2026, None),
    ],
)
def test_anniversary(text, year, day):
    assert PartialDate(text).anniversary(year) == day


def test_a_date_cannot_be_changed_after_it_was_made():
    value = PartialDate("1940")
    with pytest.raises(AttributeError):
        value.text = "1941"


def test_a_number_too_long_to_print_is_refused():
    with pytest.raises(BadDate):
        PartialDate.read(10**5000)
