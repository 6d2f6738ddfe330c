"""The XML layer of an uploaded workbook: every part streamed once, counted, and nothing built."""

from collections.abc import Callable
from xml.parsers import expat

from app.sheets import references
from app.sheets.limits import Limits, UnsafeSheet, broken
from app.sheets.relations import check_content_type, check_relation


def _too_much() -> UnsafeSheet:
    return UnsafeSheet("bomb", "文件内部的元素过多，已拒绝。")


class Tally:
    """What has been counted over all parts of one workbook."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.elements = 0
        self.cells = 0
        self.characters = 0
        self.string_lengths: list[int] = []
        self.sheet_ids: set[str] = set()
        self.targets: set[str] = set()


class PartScan:
    """One XML part: `feed` its bytes piece by piece, then `close`; raises UnsafeSheet."""

    def __init__(self, name: str, tally: Tally) -> None:
        self.name = name.casefold()
        self.tally = tally
        self.limits = tally.limits
        self.root = self.row_text = ""
        self.open: list[str] = []
        self.elements = self.minor = self.block_start = 0
        self.rows = self.row = self.row_size = self.column = self.in_row = 0
        self.text = self.merged = self.merged_area = self.fed = 0
        self.shared = False
        self.columns: dict[str, int] = {}
        self.actions: dict[str, Callable[[dict[str, str]], None]] = {
            "row": self._row,
            "c": self._cell,
            "v": self._leaf,
            "f": self._leaf,
            "is": self._leaf,
            "t": self._leaf,
            "si": self._string,
            "sst": self._strings,
            "dimension": self._dimension,
            "mergeCell": self._merge,
            "hyperlink": self._link,
            "sheet": self._sheet,
            "Relationship": self._relation,
            "Override": check_content_type,
            "Default": check_content_type,
        }
        self.known: dict[str, Callable[[dict[str, str]], None]] = {}
        self.parser = self._new_parser()

    def _new_parser(self) -> expat.XMLParserType:
        """Return a parser that refuses document types and anything but UTF-8."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        # Takes one equal name off, which is all the depth needs, without a Python call per element.
        parser.EndElementHandler = self.open.remove
        parser.CharacterDataHandler = self._characters
        return parser

    def feed(self, piece: bytes) -> None:
        """Take the next bytes of the part."""
        if not self.fed and (piece[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in piece[:4]):
            raise self._encoding()
        self._parse(piece, final=False)
        self.fed += len(piece)
        # expat rescans an unfinished tag with every piece: without a ceiling that is quadratic.
        if self.fed - self.parser.CurrentByteIndex > self.limits.token_bytes:
            raise UnsafeSheet("bomb", "文件内部含有异常长的标记，已拒绝。")

    def close(self) -> None:
        """Take the end of the part."""
        self._parse(b"", final=True)
        self._check_block()
        self.tally.elements += self.elements

    def _parse(self, piece: bytes, final: bool) -> None:
        try:
            self.parser.Parse(piece, final)
        except expat.ExpatError as error:
            raise broken() from error

    @staticmethod
    def _encoding() -> UnsafeSheet:
        return UnsafeSheet("bad_encoding", "文件内部编码不是 UTF-8，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。")

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding and encoding.casefold() not in ("utf-8", "utf8", "us-ascii"):
            raise self._encoding()

    def _doctype(self, *_details: object) -> None:
        raise UnsafeSheet("entities", "文件内部含有文档类型或实体声明，已拒绝。")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        """Runs for every element, millions of times: keep it short."""
        self.open.append(name)
        self.elements += 1
        action = self.known.get(name)
        if action is None:
            action = self._learn(name)
        action(attributes)

    def _learn(self, name: str) -> Callable[[dict[str, str]], None]:
        """Return and remember what to do for a name, whatever its prefix; the first is the root."""
        local = name.rpartition(":")[2]
        if not self.root:
            self.root = local
            if local == "sst" and self.name != "xl/sharedstrings.xml":
                raise broken()
        action = self.actions.get(local, self._minor)
        if len(self.known) < 1000:
            self.known[name] = action
        return action

    def _leaf(self, _attributes: dict[str, str]) -> None:
        """A value, formula or text: counted with its row or shared string."""

    def _minor(self, _attributes: dict[str, str]) -> None:
        """Anything that is not part of a cell."""
        self.minor += 1
        if self.root != "sst":
            self.text = 0
            if self.minor > self.limits.minor_elements:
                raise _too_much()
        self._check_counts()

    def _check_counts(self) -> None:
        if len(self.open) > self.limits.depth:
            raise UnsafeSheet("bomb", "文件内部嵌套过深，已拒绝。")
        if self.tally.elements + self.elements > self.limits.elements:
            raise _too_much()

    def _check_block(self) -> None:
        """Bound what the row or shared string just finished holds, and the whole so far."""
        self._check_counts()
        position = self.elements - (0 if self.root == "sst" else self.minor)
        if position - self.block_start > self.limits.block_elements:
            raise UnsafeSheet("bomb", "文件中有一行或一个单元格的内容异常，已拒绝。")
        self.block_start = position
        self.tally.cells += self.in_row
        self.in_row = 0
        if self.tally.cells > self.limits.cells:
            raise UnsafeSheet("too_many_cells", "表格的单元格总数过多，请拆分后再上传。")

    def _characters(self, text: str) -> None:
        length = self._shared_length(text) if self.shared else len(text)
        self.text += length
        self.tally.characters += length
        if self.root == "sst" and self.tally.string_lengths:
            self.tally.string_lengths[-1] = self.text
        if self.text > self.limits.cell_characters and self.root in ("worksheet", "sst"):
            raise UnsafeSheet("long_text", f"有单元格的文字超过 {self.limits.cell_characters} 个字，请删减后再上传。")
        if self.tally.characters > self.limits.text_characters:
            raise UnsafeSheet("bomb", "文件中的文字总量过大，请拆分后再上传。")

    def _shared_length(self, text: str) -> int:
        """Length of the shared string a cell points to: few strings times many cells is a bomb too."""
        try:
            return self.tally.string_lengths[int(text)]
        except (ValueError, IndexError):
            return len(text)

    def _row(self, attributes: dict[str, str]) -> None:
        self._check_block()
        self.rows += 1
        self.row_text = attributes.get("r", "")
        self.row = self._number(self.row_text) if self.row_text else self.row + 1
        self.row_size = len(self.row_text)
        self.column = 0
        self._check_extent(max(self.row, self.rows), 1)

    def _cell(self, attributes: dict[str, str]) -> None:
        """Runs for every cell: the column letters of a row's cells are looked up, not parsed."""
        self.in_row += 1
        self.text = 0
        self.shared = attributes.get("t") == "s"
        reference = attributes.get("r")
        if reference is None:
            self.column += 1
        elif self.row_size and reference.endswith(self.row_text) and reference[: -self.row_size] in self.columns:
            self.column = self.columns[reference[: -self.row_size]]
        else:
            self.column = self._place(reference)
        if self.column > self.limits.columns or self.in_row > self.limits.columns:
            self._check_extent(1, max(self.column, self.in_row))

    def _place(self, reference: str) -> int:
        """Column of a reference not met before; its row must be in bounds as well."""
        try:
            row, column = references.cell(reference)
        except ValueError as error:
            raise broken() from error
        self._check_extent(row, column)
        if str(row) == self.row_text:
            self.columns[reference[: -len(self.row_text)]] = column
        return column

    def _check_extent(self, rows: int, columns: int) -> None:
        if rows > self.limits.rows:
            raise UnsafeSheet(
                "too_many_rows", f"工作表超过 {self.limits.rows} 行，请删除多余的行（含空白行）或拆分后再上传。"
            )
        if columns > self.limits.columns:
            raise UnsafeSheet(
                "too_many_columns", f"工作表超过 {self.limits.columns} 列，请删除多余的列（含空白列）后再上传。"
            )

    @staticmethod
    def _number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 12):
            raise broken()
        return int(text)

    def _area(self, attributes: dict[str, str]) -> tuple[int, int, int, int]:
        try:
            return references.area(attributes.get("ref", "A1"))
        except ValueError as error:
            raise broken() from error

    def _dimension(self, attributes: dict[str, str]) -> None:
        _, _, bottom, right = self._area(attributes)
        self._check_extent(bottom, right)

    def _merge(self, attributes: dict[str, str]) -> None:
        self._minor(attributes)
        top, left, bottom, right = self._area(attributes)
        self._check_extent(bottom, right)
        self.merged += 1
        self.merged_area += (bottom - top + 1) * (right - left + 1)
        if self.merged > self.limits.merged_ranges or self.merged_area > self.limits.range_cells:
            raise UnsafeSheet("too_many_merged", "合并单元格过多，请取消数据区的合并单元格后再上传。")

    def _link(self, attributes: dict[str, str]) -> None:
        self._minor(attributes)
        top, left, bottom, right = self._area(attributes)
        if (bottom - top + 1) * (right - left + 1) > self.limits.columns:
            raise UnsafeSheet("bomb", "超链接覆盖的区域过大，请删除后再上传。")

    def _strings(self, attributes: dict[str, str]) -> None:
        for key, most in (("uniqueCount", self.limits.shared_strings), ("count", self.limits.cells)):
            if self._number(attributes.get(key, "0")) > most:
                raise UnsafeSheet("too_many_strings", "表格的文字条目过多，请拆分后再上传。")

    def _string(self, _attributes: dict[str, str]) -> None:
        self._check_block()
        self.rows += 1
        self.text = 0
        self.tally.string_lengths.append(0)
        if self.rows > self.limits.shared_strings:
            raise UnsafeSheet("too_many_strings", "表格的文字条目过多，请拆分后再上传。")

    def _sheet(self, attributes: dict[str, str]) -> None:
        self._minor(attributes)
        if self.root != "workbook":
            return
        mark = next((value for key, value in attributes.items() if key.endswith(":id")), "")
        if mark in self.tally.sheet_ids:
            raise broken()
        self.tally.sheet_ids.add(mark)
        if len(self.tally.sheet_ids) > self.limits.sheets:
            raise UnsafeSheet(
                "too_many_sheets", f"工作簿超过 {self.limits.sheets} 个工作表，请删除无关的工作表后再上传。"
            )

    def _relation(self, attributes: dict[str, str]) -> None:
        self._minor(attributes)
        check_relation(self.name, attributes, self.tally.targets)
