"""Ceilings for an uploaded workbook, and the refusal raised when one is passed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes, the rest are counts; security.md D1 names what must be bounded.

    `block_elements` bounds one row or one shared string, `minor_elements` everything in a part
    that is not a cell: both are built as trees in memory by spreadsheet libraries.
    """

    file_bytes: int = 20 * 1024 * 1024
    entries: int = 200
    unpacked_bytes: int = 300 * 1024 * 1024
    ratio: int = 200
    sheets: int = 30
    rows: int = 60_000
    columns: int = 200
    cells: int = 1_600_000
    elements: int = 4_000_000
    shared_strings: int = 1_000_000
    text_characters: int = 40_000_000
    minor_elements: int = 400_000
    block_elements: int = 20_000
    cell_characters: int = 32_767
    merged_ranges: int = 2_000
    range_cells: int = 200_000
    depth: int = 64
    token_bytes: int = 512 * 1024


LIMITS = Limits()


class UnsafeSheet(ValueError):
    """A file that is refused before any spreadsheet library sees it.

    `code` is a stable ASCII word for programs, `message` a Chinese sentence for the sender.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def broken() -> UnsafeSheet:
    """Return the refusal for a file whose structure does not hold together."""
    return UnsafeSheet("broken", "文件已损坏或不完整，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。")
