"""The check every uploaded workbook passes before any spreadsheet library reads it (security.md D1)."""

import zipfile
from os import PathLike
from pathlib import Path

from app.sheets.container import open_container, unpack
from app.sheets.limits import LIMITS, Limits, UnsafeSheet, broken
from app.sheets.scan import PartScan, Tally

__all__ = ["LIMITS", "Limits", "UnsafeSheet", "check"]

_BLANKS = b"\xef\xbb\xbf \t\r\n"
_MARKUP = (".xml", ".rels", ".vml")
_RATIO_FLOOR = 1024 * 1024


def check(data: bytes | str | PathLike[str], limits: Limits = LIMITS) -> None:
    """Return None when a file is a plain, bounded .xlsx; raise UnsafeSheet otherwise.

    `data` is the file's bytes or its path. Every entry is really unpacked and every XML part
    really parsed, in pieces, so memory stays flat and no declared size is believed.
    """
    content = _load(data, limits)
    entries = open_container(content, limits)
    _measure(content, entries, limits)
    tally = Tally(limits)
    for entry in sorted(entries, key=_strings_first):
        _scan_part(content, entry, tally)


def _measure(content: bytes, entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Unpack everything once and count bytes and tags: cheap, so bombs are answered quickly."""
    room, tags = limits.unpacked_bytes, 0
    for entry in entries:
        ceiling = max(_RATIO_FLOOR, entry.compress_size * limits.ratio)
        markup = False
        for number, piece in enumerate(unpack(content, entry, min(room, ceiling))):
            markup = markup or (number == 0 and _is_markup(entry.filename.casefold(), piece))
            room -= len(piece)
            if markup:
                tags += piece.count(b"<") - piece.count(b"</")
            if tags > limits.elements:
                raise UnsafeSheet("bomb", "文件内部的元素过多，请拆分后再上传。")


def _load(data: bytes | str | PathLike[str], limits: Limits) -> bytes:
    """Return the bytes, never reading more than the ceiling and one."""
    if isinstance(data, (bytes, bytearray, memoryview)):
        return bytes(data)
    with Path(data).open("rb") as stream:
        return stream.read(limits.file_bytes + 1)


def _strings_first(entry: zipfile.ZipInfo) -> bool:
    """Sort key: cells point into the shared strings, so their lengths must be known first."""
    return entry.filename.casefold() != "xl/sharedstrings.xml"


def _scan_part(content: bytes, entry: zipfile.ZipInfo, tally: Tally) -> None:
    """Parse one entry if it is markup, whatever its name; an empty .xml is broken."""
    name = entry.filename.casefold()
    scan: PartScan | None = None
    for number, piece in enumerate(unpack(content, entry, tally.limits.unpacked_bytes)):
        if number == 0 and _is_markup(name, piece):
            scan = PartScan(name, tally)
        if scan is None or not _feed(scan, piece, name):
            return
    if scan is not None:
        _feed(scan, None, name)
    elif name.endswith((".xml", ".rels")):
        raise broken()


def _is_markup(name: str, piece: bytes) -> bool:
    """Whether a part must be scanned: by name, or by its first bytes, for a relation may point anywhere."""
    return name.endswith(_MARKUP) or piece.lstrip(_BLANKS).startswith(b"<") or piece[:2] in (b"\xff\xfe", b"\xfe\xff")


def _feed(scan: PartScan, piece: bytes | None, name: str) -> bool:
    """Scan a piece, or the end when None; return False where scanning may stop.

    Old drawings (.vml) written by Excel are not well-formed; nothing reads them as sheets.
    """
    try:
        if piece is None:
            scan.close()
        else:
            scan.feed(piece)
    except UnsafeSheet as refusal:
        if refusal.code == "broken" and name.endswith(".vml"):
            return False
        raise
    return True
