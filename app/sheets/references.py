"""Cell references such as B7 and A1:C9, as numbers counted from one."""

import re

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})\Z")


def column_number(letters: str) -> int:
    """Return 1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """Return A for 1, AA for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell(reference: str) -> tuple[int, int]:
    """Return (row, column) of a reference such as B7; raise ValueError for anything else."""
    match = _CELL.match(reference)
    if match is None:
        raise ValueError("not a cell reference")
    return int(match[2]), column_number(match[1])


def area(reference: str) -> tuple[int, int, int, int]:
    """Return (first row, first column, last row, last column) of A1 or A1:C9."""
    first, _, last = reference.partition(":")
    top, left = cell(first)
    bottom, right = cell(last) if last else (top, left)
    return min(top, bottom), min(left, right), max(top, bottom), max(left, right)
