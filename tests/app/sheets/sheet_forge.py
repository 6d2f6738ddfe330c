"""Workbooks made by hand, part by part, so that every part can be bent."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
MEGA = 1024 * 1024


def relation(kind: str, target: str, mark: str = "rId1", mode: str = "") -> str:
    """One Relationship element."""
    mode = f' TargetMode="{mode}"' if mode else ""
    return f'<Relationship Id="{mark}" Type="{OFFICE}/{kind}" Target="{target}"{mode}/>'


def relations(*items: str) -> str:
    """A whole .rels part."""
    return f"<Relationships {PACKAGE}>{''.join(items)}</Relationships>"


def worksheet(rows: str = "", before: str = "", after: str = "") -> str:
    """A whole worksheet part."""
    return f"<worksheet {MAIN}>{before}<sheetData>{rows}</sheetData>{after}</worksheet>"


def parts(**changes: str | bytes) -> dict[str, str | bytes]:
    """The parts of a plain workbook; `sheet`, `strings`, `book`, `types`, `links` replace some."""
    return {
        "[Content_Types].xml": changes.get("types", TYPES),
        "_rels/.rels": relations(relation("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": changes.get(
            "book",
            sheets_book(1),
        ),
        "xl/_rels/workbook.xml.rels": changes.get(
            "links",
            relations(
                relation("worksheet", "worksheets/sheet1.xml"), relation("sharedStrings", "sharedStrings.xml", "rId2")
            ),
        ),
        "xl/sharedStrings.xml": changes.get("strings", f"<sst {MAIN}><si><t>a</t></si></sst>"),
        "xl/worksheets/sheet1.xml": changes.get("sheet", worksheet('<row r="1"><c r="A1" t="s"><v>0</v></c></row>')),
    }


def pack(entries: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return the zip of the parts."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return stream.getvalue()


def plain(**changes: str | bytes) -> bytes:
    """Return a workbook with some parts replaced."""
    return pack(parts(**changes))


def added(name: str, content: str | bytes = "<a/>", **changes: str | bytes) -> bytes:
    """Return a workbook with one part more."""
    return pack({**parts(**changes), name: content})


def forged(name: str, pieces: Iterator[bytes], declared: int | None = None, checksum: int | None = None) -> bytes:
    """Return a workbook with one streamed entry whose headers may lie about size and checksum."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed, real, crc = [], 0, 0
    for piece in pieces:
        packed.append(engine.compress(piece))
        real += len(piece)
        crc = zlib.crc32(piece, crc)
    body = b"".join(packed) + engine.flush()
    others = {key: value for key, value in parts().items() if key != name}
    base = pack(others)
    end = base.rindex(b"PK\x05\x06")
    count, size, start = struct.unpack("<HII", base[end + 10 : end + 20])
    fields = (checksum if checksum is not None else crc, len(body), declared if declared is not None else real)
    label = name.encode()
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 33, *fields, len(label), 0) + label + body
    central = (
        struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 33, *fields, len(label), 0, 0, 0, 0, 0, start)
        + label
    )
    directory = base[start : start + size] + central
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count + 1, count + 1, len(directory), start + len(local), 0)
    return base[:start] + local + directory + tail


def flagged(data: bytes, bits: int) -> bytes:
    """Set general purpose bits of every entry."""
    changed = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = changed.find(signature)
        while position >= 0:
            changed[position + offset] |= bits
            position = changed.find(signature, position + 4)
    return bytes(changed)


def overlapping() -> bytes:
    """Two directory entries over the same bytes."""
    data = bytearray(added("xl/theme/a.xml", "<a/>"))
    first = data.find(b"PK\x01\x02")
    second = data.find(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    return bytes(data)


def doubled() -> bytes:
    """Two entries whose names differ in case only."""
    return added("xl/Worksheets/Sheet1.xml", worksheet())


def linked() -> bytes:
    """An entry that is a symbolic link."""
    stream = BytesIO(plain())
    with zipfile.ZipFile(stream, "a") as archive:
        item = zipfile.ZipInfo("xl/link.xml")
        item.create_system, item.external_attr = 3, 0o120777 << 16
        archive.writestr(item, "/etc/passwd")
    return stream.getvalue()


def commented(comment: bytes) -> bytes:
    """A trailing archive comment, which may look like a second directory."""
    stream = BytesIO(plain())
    with zipfile.ZipFile(stream, "a") as archive:
        archive.comment = comment
    return stream.getvalue()


def rows(count: int, cells: int = 1, value: str = "<v>1</v>") -> str:
    """Rows without references, which count by position."""
    return ("<row>" + f"<c>{value}</c>" * cells + "</row>") * count


def noise(count: int) -> Iterator[bytes]:
    """Cells that do not compress well, so that only the count of elements can stop them."""
    state = 12345
    yield f"<worksheet {MAIN}><sheetData>".encode()
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        yield b"<row>" + b"".join(b"<c><v>%d</v></c>" % (state * k % 99991) for k in range(100)) + b"</row>"
    yield b"</sheetData></worksheet>"


def zeros(megabytes: int) -> Iterator[bytes]:
    """A part of blanks."""
    yield b"<a>"
    for _ in range(megabytes):
        yield b" " * MEGA
    yield b"</a>"


def entity_bomb() -> bytes:
    """Nested entities."""
    lines = ['<!ENTITY a0 "ha">'] + [f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};">' for n in range(1, 30)]
    return plain(sheet=f"<!DOCTYPE x [{''.join(lines)}]><worksheet {MAIN}><sheetData>&a29;</sheetData></worksheet>")


def ole(stream_name: str) -> bytes:
    """The head of an old binary container holding a stream of that name."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504 + stream_name.encode("utf-16-le") + b"\x00" * 2048


def sheets_book(count: int, same: bool = False) -> str:
    """A workbook part naming many sheets."""
    items = "".join(f'<sheet name="s{n}" sheetId="{n + 1}" r:id="rId{1 if same else n + 1}"/>' for n in range(count))
    return f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>{items}</sheets></workbook>'
