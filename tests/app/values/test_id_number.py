"""Identity numbers: the check digit, the birth date in them, and what they are compared with."""

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric

from app.values.id_number import BadIdNumber, IdNumber, agrees, disagreements, mask_id_number
from app.values.partial_date import PartialDate

TODAY = date(2026, 3, 31)

# Fictional: region 320999 was never assigned.
VALID = [
    ("320999193801150017", "1938-01-15", "1"),
    ("320999192908010036", "1929-08-01", "1"),
    ("320999194509020076", "1945-09-02", "1"),
    ("320999194802290091", "1948-02-29", "1"),
    ("32099919430711009X", "1943-07-11", "1"),
    ("320999195505050117", "1955-05-05", "1"),
    ("320999196006300059", "1960-06-30", "1"),
    ("320999194111050021", "1941-11-05", "2"),
    ("320999194003010049", "1940-03-01", "2"),
    ("320999195212310042", "1952-12-31", "2"),
    ("320999195602150064", "1956-02-15", "2"),
]


def numbered(body):
    return body + ric.calc_check_digit(body + "0")


def oracle_check_digit(body):
    """Weigh the 17 digits by 2^(17-i) mod 11, as the text of GB 11643 puts it."""
    return "10X98765432"[sum(int(d) * pow(2, 17 - i, 11) for i, d in enumerate(body)) % 11]


@pytest.mark.parametrize(("number", "born", "sex"), VALID)
def test_fictional_numbers(number, born, sex):
    parsed = IdNumber.parse(number, TODAY)
    assert (parsed.number, parsed.birth_date.isoformat(), parsed.sex) == (number, born, sex)
    assert str(parsed) == number


@pytest.mark.parametrize(("number", "_born", "_sex"), VALID)
def test_each_wrong_check_digit_is_refused(number, _born, _sex):
    for last in "0123456789X":
        if last != number[-1]:
            with pytest.raises(BadIdNumber, match="校验位"):
                IdNumber.parse(number[:-1] + last, TODAY)


@pytest.mark.parametrize(("number", "_born", "_sex"), VALID)
def test_each_single_digit_mistyped_is_refused(number, _born, _sex):
    for place in range(17):
        for digit in "0123456789":
            if digit != number[place]:
                with pytest.raises(BadIdNumber):
                    IdNumber.parse(number[:place] + digit + number[place + 1 :], TODAY)


@pytest.mark.parametrize(
    "typed",
    [
        "32099919430711009X",
        "32099919430711009x",
        "32099919430711009Ｘ",
        "32099919430711009ｘ",
        " 320999 19430711 009X ",
        "320999\u300019430711\u3000009X",
        "320999\u00a019430711009X",
        "\u200b32099919430711009X",
        "32099919430711009X".translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    ],
)
def test_one_number_however_typed(typed):
    assert IdNumber.parse(typed, TODAY).number == "32099919430711009X"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "id_empty"),
        ("  ", "id_empty"),
        (320999193801150017, "id_not_text"),
        (3.209991938011500e17, "id_not_text"),
        (None, "id_not_text"),
        ("3.20999193801150E+17", "id_not_text"),
        ("32099919380115001", "id_length"),
        ("3209991938011500170", "id_length"),
        ("3" * 41, "id_length"),
        ("9" * 50_000, "id_length"),
        ("320999193801150018", "id_check_digit"),
        ("3209991938O1150017", "id_characters"),
        ("320999193801150017\n", "id_characters"),
        ("３２０９９９１９３８０１１５００１٧", "id_characters"),
        ("٣٢٠٩٩٩١٩٣٨٠١١٥٠٠١٧", "id_characters"),
        ("X20999193801150017", "id_characters"),
        ("320999X93801150017", "id_characters"),
        ("320999-19380115-0017", "id_characters"),
        (numbered("32099919490229001"), "id_birth_date"),
        (numbered("32099919001301001"), "id_birth_date"),
        (numbered("32099919000229001"), "id_birth_date"),
        (numbered("32099918991231001"), "id_birth_date"),
        (numbered("32099900000101001"), "id_birth_date"),
        (numbered("32099920260401001"), "id_birth_date"),
        (numbered("32099999990401001"), "id_birth_date"),
        ("320999491301001", "id_birth_date"),
        ("32099949010100X", "id_length"),
    ],
    ids=lambda v: ascii(v)[:24],
)
def test_refusals_say_why(typed, code):
    with pytest.raises(BadIdNumber) as caught:
        IdNumber.parse(typed, TODAY)
    assert caught.value.code == code
    assert "\u4e00" <= str(caught.value)[0] <= "\u9fff"
    assert "19380115" not in str(caught.value)


def test_born_today_is_the_last_possible_day():
    number = numbered("32099920260331001")
    assert IdNumber.parse(number, TODAY).birth_date == TODAY
    with pytest.raises(BadIdNumber, match="晚于今天"):
        IdNumber.parse(number, date(2026, 3, 30))


@pytest.mark.parametrize(
    ("fifteen", "eighteen"),
    [("320999380115001", "320999193801150017"), ("320999430711009", "32099919430711009X")],
)
def test_fifteen_digits_become_eighteen_of_the_twentieth_century(fifteen, eighteen):
    assert IdNumber.parse(fifteen, TODAY).number == eighteen


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999))
def test_every_birth_date_against_an_oracle(born, sequence):
    body = f"320999{born:%Y%m%d}{sequence:03d}"
    parsed = IdNumber.parse(body + oracle_check_digit(body), TODAY)
    assert parsed.birth_date == born
    assert parsed.sex == ("1" if sequence % 2 else "2")
    if born.year < 2000:
        assert IdNumber.parse(body[:6] + body[8:], TODAY) == parsed


def test_old_people_of_real_counties_are_not_refused():
    # The library's own validate() wants the county code to have existed in the birth year.
    assert IdNumber.parse(numbered("32092219350101001"), TODAY).birth_date == date(1935, 1, 1)


@pytest.mark.parametrize(
    ("born", "sex", "expected"),
    [
        (None, None, []),
        ("1938-01-15", "1", []),
        ("1938-01", "1", []),
        ("1938", None, []),
        ("1938-01-15", "0", []),
        ("1938-01-15", "9", []),
        ("1938-01-16", "1", ["birth_date"]),
        ("1938-02", "1", ["birth_date"]),
        ("1937", "1", ["birth_date"]),
        ("1938", "2", ["sex"]),
        ("1937", "2", ["birth_date", "sex"]),
    ],
)
def test_agreement_with_the_file(born, sex, expected):
    number = IdNumber.parse("320999193801150017", TODAY)
    value = PartialDate.parse(born) if born else None
    assert disagreements(number, value, sex) == expected
    assert agrees(number, value, sex) == (not expected)


def test_masks():
    parsed = IdNumber.parse("320999193801150017", TODAY)
    assert parsed.masked == mask_id_number(parsed.number) == "320999********0017"
    assert mask_id_number("32099938") == "********"
    assert "19380115" not in repr(parsed)


def test_hostile_length_costs_nothing():
    started = time.process_time()
    for _ in range(100):
        with pytest.raises(BadIdNumber):
            IdNumber.parse("1" * 50_000 + "X", TODAY)
    assert time.process_time() - started < 1
