"""The zip layer of an uploaded workbook: what it really is, and its entries counted while unpacking."""

import posixpath
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from app.sheets.limits import Limits, UnsafeSheet, broken

CHUNK = 256 * 1024
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE_AS = "请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。"
_MACRO = re.compile(r"vbaproject|vbadata|(^|/)(macrosheets|dialogsheets|activex|ctrlprops)/|\.(bas|vba)$")
_ACTIVE = re.compile(r"(^|/)(externallinks|embeddings|querytables|webextensions|model)/|(^|/)connections\.xml$")


def open_container(content: bytes, limits: Limits) -> list[zipfile.ZipInfo]:
    """Return the entries of a real, plain .xlsx zip; raise UnsafeSheet for anything else."""
    if len(content) > limits.file_bytes:
        raise UnsafeSheet("too_large", f"文件超过 {limits.file_bytes // 1024 // 1024} MB，请拆分后再上传。")
    _require_zip(content)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries, comment = archive.infolist(), archive.comment
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, struct.error) as error:
        raise broken() from error
    # A trailing comment may hide a second directory that another reader would prefer.
    if comment or content[-22:-18] != b"PK\x05\x06":
        raise broken()
    if len(entries) > limits.entries:
        raise UnsafeSheet("too_many_entries", f"文件内部的部件超过 {limits.entries} 个，不是普通的表格文件。")
    _check_names(entries)
    for entry in entries:
        _check_entry(entry)
    _check_layout(entries)
    return entries


def _require_zip(content: bytes) -> None:
    """Tell the sender what the file is when it is not an .xlsx."""
    if not content:
        raise UnsafeSheet("empty", "文件是空的，请重新选择文件。")
    if content.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise UnsafeSheet("encrypted", "文件设置了打开密码，请取消密码后另存为 .xlsx 再上传。")
        raise UnsafeSheet("not_xlsx", f"这是旧版 .xls 文件，{_SAVE_AS}")
    if content.startswith(b"PK\x03\x04"):
        return
    head = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta")):
        raise UnsafeSheet("not_xlsx", f"这是网页或 XML 格式的表格，{_SAVE_AS}")
    if b"\x00" not in head and (b"," in head or b"\t" in head or b";" in head):
        raise UnsafeSheet("not_xlsx", f"这是 CSV 或文本文件，{_SAVE_AS}")
    raise UnsafeSheet("not_xlsx", f"不是 .xlsx 文件，{_SAVE_AS}")


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    """Refuse odd paths, doubles, other formats and active content by name."""
    seen: set[str] = set()
    for entry in entries:
        name = entry.orig_filename
        if _is_tricky(name):
            raise UnsafeSheet("bad_path", f"文件内部含有不合规的路径，{_SAVE_AS}")
        key = name.casefold()
        if key in seen:
            raise UnsafeSheet("duplicate_entry", f"文件内部有重名的部件，{_SAVE_AS}")
        seen.add(key)
        if _MACRO.search(key):
            raise UnsafeSheet("macro", "文件含有宏或控件，请另存为不含宏的 .xlsx 再上传。")
        if _ACTIVE.search(key):
            raise UnsafeSheet("external", "文件含有外部链接、嵌入对象或数据连接，请断开链接后另存为 .xlsx 再上传。")
    if "xl/workbook.bin" in seen:
        raise UnsafeSheet("not_xlsx", f"这是 .xlsb 文件，{_SAVE_AS}")
    if "content.xml" in seen and "mimetype" in seen:
        raise UnsafeSheet("not_xlsx", f"这是 .ods 文件，{_SAVE_AS}")
    if not {"[content_types].xml", "xl/workbook.xml"} <= seen:
        raise UnsafeSheet("not_xlsx", f"这是压缩包，不是 .xlsx 表格，{_SAVE_AS}")


def _is_tricky(name: str) -> bool:
    """Whether an entry name could leave its folder or read differently elsewhere."""
    if not name or len(name) > 200 or name.startswith("/") or "\\" in name or ":" in name:
        return True
    if any(ord(character) < 32 or ord(character) == 127 for character in name):
        return True
    return posixpath.normpath(name) != name.rstrip("/") or ".." in name.split("/")


def _check_entry(entry: zipfile.ZipInfo) -> None:
    """Refuse encryption, rare compressions and links."""
    if entry.flag_bits & 0x41:
        raise UnsafeSheet("encrypted", "文件设置了打开密码，请取消密码后另存为 .xlsx 再上传。")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnsafeSheet("bad_compression", f"文件使用了不支持的压缩方式，{_SAVE_AS}")
    if entry.create_system == 3 and stat.S_ISLNK(entry.external_attr >> 16):
        raise UnsafeSheet("bad_path", f"文件内部含有不合规的路径，{_SAVE_AS}")


def _check_layout(entries: list[zipfile.ZipInfo]) -> None:
    """Refuse entries that share bytes, the way quine-like bombs multiply one block."""
    end = 0
    for entry in sorted(entries, key=lambda item: item.header_offset):
        if entry.header_offset < end or (end == 0 and entry.header_offset):
            raise broken()
        end = entry.header_offset + _LOCAL_HEADER.size + entry.compress_size


def unpack(content: bytes, entry: zipfile.ZipInfo, room: int) -> Iterator[bytes]:
    """Yield the real unpacked bytes of one entry in pieces of at most CHUNK.

    `room` is how many bytes the whole file may still unpack to. Nothing the headers say is
    believed: length and checksum are compared after counting.
    """
    packed = _packed_bytes(content, entry)
    total, checksum = 0, 0
    for piece in _inflate(packed, entry.compress_type):
        total += len(piece)
        if total > room:
            raise UnsafeSheet("bomb", "文件解压后过大，疑似压缩炸弹，已拒绝。")
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if total != entry.file_size or checksum != entry.CRC:
        raise broken()


def _packed_bytes(content: bytes, entry: zipfile.ZipInfo) -> memoryview:
    """Return the stored bytes of an entry, after checking its local header against the directory."""
    start = entry.header_offset
    try:
        fields = _LOCAL_HEADER.unpack_from(content, start)
    except struct.error as error:
        raise broken() from error
    signature, flags, method, name_length, extra_length = fields[0], fields[2], fields[3], fields[9], fields[10]
    begin = start + _LOCAL_HEADER.size + name_length + extra_length
    name = content[start + _LOCAL_HEADER.size : start + _LOCAL_HEADER.size + name_length]
    expected = entry.orig_filename.encode("utf-8" if flags & 0x800 else "cp437", "replace")
    if signature != b"PK\x03\x04" or method != entry.compress_type or name != expected or flags & 1:
        raise broken()
    if begin + entry.compress_size > len(content):
        raise broken()
    return memoryview(content)[begin : begin + entry.compress_size]


def _inflate(packed: memoryview, method: int) -> Iterator[bytes]:
    """Yield unpacked pieces, never more than CHUNK at once."""
    if method == zipfile.ZIP_STORED:
        for position in range(0, len(packed), CHUNK):
            yield bytes(packed[position : position + CHUNK])
        return
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for position in range(0, len(packed), CHUNK):
            waiting: bytes | memoryview = packed[position : position + CHUNK]
            while len(waiting):
                piece = engine.decompress(waiting, CHUNK)
                if piece:
                    yield piece
                waiting = engine.unconsumed_tail
                if engine.unused_data:
                    raise broken()
        while piece := engine.decompress(engine.unconsumed_tail, CHUNK):
            yield piece
    except zlib.error as error:
        raise broken() from error
    if not engine.eof:
        raise broken()
