"""Rows taken out of a workbook in one pass over its bytes, so that the rest can be edited cheaply."""

import posixpath
import shutil
import zipfile
from collections.abc import Callable
from io import BytesIO
from xml.parsers import expat

from defusedxml import ElementTree

from app.sheets.container import CHUNK

# Small, because what is held back is copied at every row left out.
SMALL = 32 * 1024
_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATIONS = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def cut_rows(content: bytes, sheet: str, keep: Callable[[int], bool]) -> bytes:
    """Return the workbook with only those rows of `sheet` whose number `keep` accepts.

    Row numbers do not change. The file must have passed safety.check(). Raises KeyError when
    there is no such sheet and ValueError when its part cannot be followed.
    """
    result = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(content)) as source,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target,
    ):
        part = _sheet_part(source, sheet)
        for entry in source.infolist():
            if entry.is_dir():
                continue
            with source.open(entry) as stream, target.open(entry.filename, "w") as sink:
                if entry.filename == part:
                    cutter = _Cutter(keep, sink.write)
                    while piece := stream.read(SMALL):
                        cutter.feed(piece)
                    cutter.close()
                else:
                    shutil.copyfileobj(stream, sink, CHUNK)
    return result.getvalue()


def _sheet_part(source: zipfile.ZipFile, sheet: str) -> str:
    """Return the name of the entry that holds a sheet."""
    names = {name.casefold(): name for name in source.namelist()}
    workbook = ElementTree.fromstring(source.read(names["xl/workbook.xml"]))
    mark = None
    for element in workbook.iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            mark = element.get(_RELATIONS) or element.get(_STRICT_RELATIONS)
    if mark is None:
        raise KeyError(sheet)
    relations = ElementTree.fromstring(source.read(names["xl/_rels/workbook.xml.rels"]))
    for element in relations:
        if element.get("Id") == mark:
            target = posixpath.normpath(posixpath.join("/xl", element.get("Target", ""))).lstrip("/")
            return names[target.casefold()]
    raise ValueError("the sheet has no part")


class _Cutter:
    """Copies a sheet's bytes, leaving out the rows not wanted; expat gives the exact offsets."""

    def __init__(self, keep: Callable[[int], bool], write: Callable[[bytes], object]) -> None:
        self.keep = keep
        self.write = write
        self.held = b""
        self.base = 0
        self.number = 0
        self.dropping = False
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def feed(self, piece: bytes) -> None:
        """Take the next bytes; write what is sure to stay."""
        self.held += piece
        self.parser.Parse(piece, False)
        # What comes after the current event may belong to a tag not finished yet.
        self._release(self.parser.CurrentByteIndex)

    def close(self) -> None:
        """Take the end."""
        self.parser.Parse(b"", True)
        self._release(self.base + len(self.held))

    def _release(self, upto: int) -> None:
        """Write, or when inside a dropped row forget, the held bytes before an offset."""
        count = upto - self.base
        if count <= 0:
            return
        if not self.dropping:
            self.write(self.held[:count])
        self.held = self.held[count:]
        self.base = upto

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name != "row" and not name.endswith(":row"):
            return
        self.number = int(attributes["r"]) if attributes.get("r") else self.number + 1
        if not self.keep(self.number):
            self._release(self.parser.CurrentByteIndex)
            self.dropping = True

    def _end(self, name: str) -> None:
        if self.dropping and (name == "row" or name.endswith(":row")):
            index = self.parser.CurrentByteIndex
            self._release(self.base + self.held.index(b">", index - self.base) + 1)
            self.dropping = False
