"""Free text as people write it: kept exactly, but for what no database or page can carry."""

import re

from app.values.bad import BadValue

# What PostgreSQL, XML (spreadsheets) or UTF-8 refuse: control characters with NUL among
# them, lone surrogates, non-characters. And the marks that reorder text on the screen, by
# which a name or a file name can be made to read as another.
_NON_CHARACTERS = "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
_FORBIDDEN = r"\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\u202a-\u202e\u2066-\u2069" + _NON_CHARACTERS
_LINE_BREAK = re.compile("\r\n|[\r\u2028\u2029]")
_BAD_IN_TEXT = re.compile(f"[{_FORBIDDEN}]")
BAD_IN_LINE = re.compile(f"[{_FORBIDDEN}\\t\\n\\u2028\\u2029\\u200b\\u2060\\ufeff]")


class BadText(BadValue):
    """The text is too long, empty where it may not be, or holds characters not allowed."""


def clean_text(value: str, limit: int, *, required: bool = False) -> str:
    """Return free text of several lines, at most `limit` characters. Raises BadText.

    Line breaks become `\\n` (browsers send `\\r\\n`), blanks around the whole are dropped;
    everything else stays as it was typed, width and rare characters included. Line breaks
    and tabs are kept; other control characters, NUL, lone surrogates and marks that
    reorder text are refused rather than silently removed. The length counts characters
    (code points), as PostgreSQL does.
    """
    text = _LINE_BREAK.sub("\n", _checked(value, limit)).strip(" \t\n\u3000")
    if _BAD_IN_TEXT.search(text):
        raise BadText("text_characters", "含有不能保存的控制字符，请删除后重新输入")
    return _measured(text, limit, required)


def clean_line(value: str, limit: int, *, required: bool = False) -> str:
    """Return text of one line under the same rules; line breaks, tabs and zero-width refused."""
    text = _checked(value, limit).strip(" \u3000")
    if BAD_IN_LINE.search(text):
        raise BadText("text_characters", "含有换行或看不见的字符，请删除后重新输入")
    return _measured(text, limit, required)


def _checked(value: str, limit: int) -> str:
    if not isinstance(value, str):
        raise BadText("text_type", "应为文字")
    # Twice the limit leaves room for \r\n and blanks; beyond it nothing is worth scanning.
    if len(value) > 2 * limit + 100:
        raise BadText("text_length", f"不能超过 {limit} 个字")
    return value


def _measured(text: str, limit: int, required: bool) -> str:
    if len(text) > limit:
        raise BadText("text_length", f"不能超过 {limit} 个字，现为 {len(text)} 个字")
    if required and not text:
        raise BadText("text_empty", "不能为空")
    return text
