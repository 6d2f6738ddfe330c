"""Random damage to a good workbook ends in a refusal or a result, never in another error."""

import ast
import random
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from hostile_sheets import HOSTILE
from sheet_forge import pack

import app.sheets
from app.sheets.annotate import annotate
from app.sheets.columns import Column
from app.sheets.limits import Limits
from app.sheets.reader import UnreadableSheet, read
from app.sheets.safety import UnsafeSheet, check

COLUMNS = (Column("name", "姓名"), Column("id_number", "身份证号码", text_only=True))
PIECES = (b"<", b">", b"&", b'"', b"<row>", b"</row>", b"<c/>", b'r="A9"', b"-1", b"99999999999", b"\x00", b"\xff", b"")


def roster() -> dict[str, bytes]:
    """The parts of a small ordinary workbook."""
    stream = BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        page = book.add_worksheet("s")
        page.write_row(0, 0, ["姓名", "身份证号码"])
        for row in range(1, 9):
            page.write_row(row, 0, [f"某{row}", 32099919400101001])
        page.merge_range("A12:B13", "合并")
        page.data_validation("A2:A9", {"validate": "list", "source": ["甲", "乙"]})
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def damage(parts: dict[str, bytes], chance: random.Random) -> bytes:
    """Change, cut or repeat a few bytes of one part."""
    name = chance.choice(sorted(parts))
    content = bytearray(parts[name])
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(content) + 1)
        content[start : start + chance.randint(0, 12)] = chance.choice(PIECES) * chance.randint(1, 3)
    return pack({**parts, name: bytes(content)})


@pytest.mark.parametrize("seed", range(8))
def test_damaged_workbooks(seed: int) -> None:
    chance, parts = random.Random(seed), roster()
    for _ in range(60):
        data = damage(parts, chance)
        try:
            sheet = read(data, None, COLUMNS, 100)
            annotate(data, sheet.name, sheet.header_row, {row.number: [("姓名", "错")] for row in list(sheet.rows)[:3]})
        except (UnsafeSheet, UnreadableSheet):
            continue


def test_it_is_the_limit_that_refuses() -> None:
    far = HOSTILE["far column"][1]()
    check(far, Limits(columns=16_384))
    with pytest.raises(UnsafeSheet):
        check(far)


def test_sheets_know_no_framework_and_nothing_else_of_ours() -> None:
    folder = Path(app.sheets.__path__[0])
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert name.split(".")[0] not in ("flask", "sqlalchemy", "tenants", "permissions")
                assert not name.startswith("app") or name.startswith("app.sheets")
