"""One phone number, however it is spelled; and nothing else taken for one."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permissions.phone import BadPhone, mask_phone, normalise

NUMBER = "19900000001"

SPELLINGS = [
    "19900000001",
    " 19900000001",
    "19900000001 ",
    "199 0000 0001",
    "199  0000  0001",
    "1 9 9 0 0 0 0 0 0 0 1",
    "199-0000-0001",
    "199-00000001",
    "1990000-0001",
    "199\u20100000\u20100001",
    "199\u20110000\u20110001",
    "199\u20120000\u20120001",
    "199\u20130000\u20130001",
    "199\u20140000\u20140001",
    "199\u22120000\u22120001",
    "199\uff0d0000\uff0d0001",
    "199\ufe630000\ufe630001",
    "199\u00ad0000\u00ad0001",
    "199\u00a00000\u00a00001",
    "199\u20030000\u20030001",
    "199\u20090000\u20090001",
    "199\u202f0000\u202f0001",
    "199\u30000000\u30000001",
    "\u200b19900000001",
    "199\u200b00000001",
    "19900000001\u200b",
    "199\u200c0000\u200d0001",
    "\ufeff19900000001",
    "199\u206000000001",
    "\u200e19900000001",
    "\u202a19900000001\u202c",
    "\u202d19900000001\u202c",
    "\u206619900000001\u2069",
    "(199)00000001",
    "(199) 0000-0001",
    "（199）00000001",
    "+8619900000001",
    "+86 19900000001",
    "+86-19900000001",
    "+86 199 0000 0001",
    "+86-199-0000-0001",
    "(+86)19900000001",
    "(+86) 199 0000 0001",
    "（+86）19900000001",
    "＋８６１９９０００００００１",
    "＋86 199 0000 0001",
    "86 199 0000 0001",
    "8619900000001",
    "86-19900000001",
    "(86)19900000001",
    "0086 19900000001",
    "008619900000001",
    "0086-199-0000-0001",
    "００８６１９９０００００００１",
    "+ 86 19900000001",
    "１９９０００００００１",
    "１９９ ００００ ０００１",
    "１９９－００００－０００１",
    "𝟏𝟗𝟗𝟎𝟎𝟎𝟎𝟎𝟎𝟎𝟏",
    "𝟷𝟿𝟿𝟶𝟶𝟶𝟶𝟶𝟶𝟶𝟷",
    "⑲900000001",
    "①⑨⑨00000001",
    "¹⁹⁹00000001",
]

REFUSED = [
    "",
    " ",
    "\u200b",
    "1990000000",
    "199000000011",
    "19900000001\n",
    "\n19900000001",
    "19900000001\r\n",
    "199\t00000001",
    "19900000001\x00",
    "19900000001\u2028",
    "19900000001\x85",
    "1990000000l",
    "199OOOOOOO1",
    "19900000001x",
    "tel:19900000001",
    "19900000001;ext=1",
    "19900000001,19900000002",
    "19900000001/19900000002",
    "199.0000.0001",
    "١٩٩٠٠٠٠٠٠٠١",
    "۱۹۹۰۰۰۰۰۰۰۱",
    "१९९०००००००१",
    "一九九〇〇〇〇〇〇〇一",
    "199½0000001",
    "12900000001",
    "11000000000",
    "10086",
    "95588",
    "0515-82300000",
    "051582300000",
    "019900000001",
    "+1 9900000001",
    "+85290000001",
    "00852 9000 0001",
    "+86 86 19900000001",
    "+008619900000001",
    "199+00000001",
    "+",
    "+86",
    "-19900000001.0",
    "1.9900000001e10",
    "19900000001" + " " * 60,
    "\ufdfa" * 60,
    "1" * 100_000,
    "\ud80019900000001",
    None,
    19900000001,
    b"19900000001",
]


def test_there_are_sixty_spellings():
    assert len(set(SPELLINGS)) >= 60


@pytest.mark.parametrize("text", SPELLINGS, ids=ascii)
def test_every_spelling_is_the_same_number(text):
    assert normalise(text) == NUMBER


@pytest.mark.parametrize("text", REFUSED, ids=lambda t: ascii(t)[:30])
def test_what_is_no_mobile_number_is_refused_with_advice(text):
    with pytest.raises(BadPhone, match="请填写 11 位"):
        normalise(text)


def careless(text):
    """Planted fault: what is usually written, `$` and `\\d` in a pattern."""
    match = re.match(r"^(?:\+86)?(1[3-9]\d{9})$", unicodedata.normalize("NFKC", text))
    if not match:
        raise BadPhone("no")
    return match.group(1)


def wrongly_taken(reader):
    """Return which of the refused texts a reader takes for a number."""
    taken = []
    for text in REFUSED:
        try:
            reader(text)
            taken.append(text)
        except (BadPhone, TypeError):
            continue
    return taken


def test_the_table_catches_a_careless_pattern():
    assert wrongly_taken(normalise) == []
    assert "19900000001\n" in wrongly_taken(careless)


@pytest.mark.parametrize("second", range(3, 10))
def test_all_mobile_ranges(second):
    assert normalise(f"1{second}000000000") == f"1{second}000000000"


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(st.text(max_size=40))
def test_answers_with_eleven_ascii_digits_or_refuses(text):
    try:
        phone = normalise(text)
    except BadPhone:
        return
    assert re.fullmatch("1[3-9][0-9]{9}", phone)
    assert normalise(phone) == phone


def test_mask():
    assert mask_phone(NUMBER) == "199****0001"
    assert mask_phone("12345") == "*****"
    assert mask_phone("") == ""
    assert mask_phone(NUMBER + "\n") == "*" * 11
