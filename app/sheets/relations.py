"""Which relations and content types between workbook parts are let through."""

import posixpath
import re

from app.sheets.limits import UnsafeSheet, broken

_ACTIVE_KINDS = (
    "vbaproject",
    "externallink",
    "externallinkpath",
    "oleobject",
    "package",
    "connections",
    "querytable",
    "control",
    "activexcontrolbinary",
    "attachedtemplate",
    "xlmacrosheet",
    "xlintlmacrosheet",
    "ddelink",
    "customdata",
    "powerpivotdata",
)
_PLAIN_LINK = re.compile(r"(https?|mailto|tel):", re.IGNORECASE)


def check_content_type(attributes: dict[str, str]) -> None:
    """Refuse a part declared as macro, control or binary workbook, whatever its name."""
    kind = attributes.get("ContentType", "").casefold()
    if "macroenabled" in kind or "vbaproject" in kind or "activex" in kind or "ms-excel.intlmacrosheet" in kind:
        raise UnsafeSheet("macro", "文件含有宏或控件，请另存为不含宏的 .xlsx 再上传。")
    if "sheet.binary" in kind:
        raise UnsafeSheet("not_xlsx", "这是 .xlsb 文件，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。")


def check_relation(part: str, attributes: dict[str, str], targets: set[str]) -> None:
    """Refuse relations to the outside, to active content, and two sheets over one part.

    `part` is the case-folded name of the .rels part; `targets` collects the sheets seen so far.
    """
    kind = attributes.get("Type", "").rstrip("/").rpartition("/")[2].casefold()
    target = attributes.get("Target", "")
    if kind == "vbaproject":
        raise UnsafeSheet("macro", "文件含有宏或控件，请另存为不含宏的 .xlsx 再上传。")
    if kind in _ACTIVE_KINDS:
        raise _outside()
    if attributes.get("TargetMode", "").casefold() == "external":
        if kind != "hyperlink" or not _PLAIN_LINK.match(target):
            raise _outside()
        return
    _check_target(part, target)
    if part == "xl/_rels/workbook.xml.rels":
        # Readers open these as XML wherever they point, so they must be parts that were scanned.
        if not target.casefold().endswith(".xml"):
            raise broken()
        if kind in ("worksheet", "chartsheet"):
            if target.casefold() in targets:
                raise broken()
            targets.add(target.casefold())


def _check_target(part: str, target: str) -> None:
    """Refuse a target outside the file."""
    if target.startswith("#"):
        return
    if ":" in target or "\\" in target or target.startswith("//"):
        raise _outside()
    folder = posixpath.dirname(posixpath.dirname(part))
    if posixpath.normpath(posixpath.join(folder, target)).startswith(".."):
        raise UnsafeSheet("bad_path", "文件内部含有不合规的路径，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。")


def _outside() -> UnsafeSheet:
    return UnsafeSheet("external", "文件含有外部链接、嵌入对象或数据连接，请断开链接后另存为 .xlsx 再上传。")
