"""Text on its way into a spreadsheet or CSV file: stored as text, never as a formula, and recoverable."""

import re
import unicodedata

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

CELL_CHARACTERS = 32_767
CUT = "……（内容过长，其余未导出）"
DANGEROUS = frozenset("=+-@\t\r\n\x00＝＋－＠")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Return text a workbook can hold: half surrogates replaced, over-long text cut with a visible mark."""
    text = _SURROGATE.sub("\ufffd", text)
    # Excel counts UTF-16 units: a rare character outside the basic plane counts twice.
    if len(text) * 2 > CELL_CHARACTERS and len(packed := text.encode("utf-16-le")) > CELL_CHARACTERS * 2:
        room = (CELL_CHARACTERS - len(CUT)) * 2
        return packed[:room].decode("utf-16-le", "ignore") + CUT
    return text


def put_text(sheet: Worksheet, row: int, column: int, text: str, style: Format | None) -> None:
    """Write text as a string cell, whatever it starts with; raise ValueError if it was not stored."""
    text = clean(text)
    if text.startswith("<r>") and text.endswith("</r>"):
        # The writer takes such a string for ready-made markup and would copy it unescaped.
        parts = [text[0], Format(), text[1:]]
        result = sheet.write_rich_string(row, column, *parts, *([style] if style else []))
    else:
        result = sheet.write_string(row, column, text, style)
    if result != 0:
        raise ValueError(f"cell {row},{column} could not be written ({result})")


def neutralise_csv(text: str) -> str:
    """Return text for a CSV field with an apostrophe before anything a spreadsheet might run.

    Undone exactly by restore_csv(). For text only: a number with a minus sign is text here.
    """
    return "'" + text if _is_live(text) else text


def restore_csv(text: str) -> str:
    """Return what neutralise_csv() was given."""
    return text[1:] if text.startswith("'") and _is_live(text[1:]) else text


def _is_live(text: str) -> bool:
    """Whether the first mark, past apostrophes, blanks and invisible characters, is a dangerous one.

    Apostrophes count as passed so that adding one keeps the answer, which makes it reversible.
    """
    for character in text:
        if character in DANGEROUS:
            return True
        if character != "'" and not character.isspace() and unicodedata.category(character) not in ("Cf", "Cc"):
            return False
    return False
