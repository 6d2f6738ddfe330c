"""Free text: exactly what was written, or refused; never silently changed."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.values.text import BadText, clean_line, clean_text

KEPT = [
    "两行\n文字",
    "a\tb",
    "第一段\n\n第二段",
    "𠮷野家 ｆｕｌｌ width ①",
    "👨‍👩‍👧 家",
    "<script>alert(1)</script>",
    "=1+1",
    "' OR 1=1 --",
    "{{ 7*7 }}",
    "\u200bzero",
    "e\u0301",
    "葛\U000e0100",
]


@pytest.mark.parametrize("text", KEPT)
def test_kept_exactly(text):
    assert clean_text(text, 100) == text


@pytest.mark.parametrize(
    ("given", "kept"),
    [("a\r\nb\rc\n", "a\nb\nc"), ("\n a \u3000", "a"), ("a\u2028b", "a\nb"), ("", ""), (" \n ", "")],
)
def test_line_breaks_and_edges(given, kept):
    assert clean_text(given, 100) == kept


FORBIDDEN = [0, 1, 8, 0x0B, 0x0C, 0x0E, 0x1B, 0x1F, 0x7F, 0x80, 0x9F, 0xD800, 0xDFFF, 0xFDD0, 0xFFFE, 0xFFFF, 0x1FFFE]
FORBIDDEN += [0x10FFFF, 0x202A, 0x202E, 0x2066, 0x2069]


@pytest.mark.parametrize("where", ["{}a", "a{}b", "a{}"])
@pytest.mark.parametrize("code", FORBIDDEN, ids=hex)
def test_control_characters_are_refused_wherever_they_stand(code, where):
    for clean in (clean_text, clean_line):
        with pytest.raises(BadText, match="请删除") as caught:
            clean(where.format(chr(code)), 100)
        assert caught.value.code == "text_characters"


@pytest.mark.parametrize("character", ["\n", "\t", "\r", "\u2028", "\u200b", "\ufeff"])
def test_one_line_is_one_line(character):
    with pytest.raises(BadText):
        clean_line(f"a{character}b", 100)


def test_limits_count_characters_not_bytes():
    assert clean_text("𠮷" * 100, 100) == "𠮷" * 100
    assert clean_text("a\r\n" * 33 + "a", 100) == "a\n" * 33 + "a"
    for text in ("𠮷" * 101, "a" * 10_000_000):
        with pytest.raises(BadText, match="不能超过 100 个字") as caught:
            clean_text(text, 100)
        assert caught.value.code == "text_length"


@pytest.mark.parametrize("bad", [None, 1, 1.5, True, b"a", [], {}])
def test_only_text_is_text(bad):
    with pytest.raises(BadText) as caught:
        clean_text(bad, 10)
    assert caught.value.code == "text_type"


def test_required():
    with pytest.raises(BadText, match="不能为空") as caught:
        clean_text(" \n", 10, required=True)
    assert caught.value.code == "text_empty"


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), max_size=80))
def test_cleaning_twice_changes_nothing_and_utf8_carries_it(text):
    try:
        once = clean_text(text, 80)
    except BadText:
        return
    assert clean_text(once, 80) == once
    assert once.encode().decode() == once
    assert once == text.strip(" \t\n\u3000")


def test_hostile_length_is_linear():
    started = time.process_time()
    for text in ("\r" * 50_000, "\u2028\n" * 25_000, " " * 50_000 + "x", "a" * 50_000):
        clean_text(text, 50_000)
    assert time.process_time() - started < 1
