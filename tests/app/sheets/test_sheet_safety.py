"""Hostile workbooks are refused before parsing, quickly and in little memory; ordinary ones pass."""

import os
import resource
import time
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hostile_sheets import CELL, HOSTILE, SHEET_LINKS
from sheet_forge import added, plain, relation, relations, worksheet

from app.sheets.limits import Limits
from app.sheets.safety import UnsafeSheet, check

MOST_SECONDS = 3.0
MOST_MEGABYTES = 300


def test_the_corpus_is_large_enough() -> None:
    assert len(HOSTILE) >= 30


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused(name: str) -> None:
    code, make = HOSTILE[name]
    data = make()
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(UnsafeSheet) as refusal:
        check(data)
    spent = time.process_time() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert refusal.value.code == code
    assert any("\u4e00" <= mark <= "\u9fff" for mark in refusal.value.message)
    assert spent <= MOST_SECONDS
    assert grown <= MOST_MEGABYTES


@pytest.mark.parametrize("name", ["old xls", "csv", "html", "xlsb", "ods", "docx", "picture"])
def test_other_formats_are_told_to_save_as_xlsx(name: str) -> None:
    with pytest.raises(UnsafeSheet) as refusal:
        check(HOSTILE[name][1]())
    assert "另存为 .xlsx" in refusal.value.message


def test_plain_files_pass(tmp_path: Path) -> None:
    check(plain())
    book, stream = openpyxl.Workbook(), BytesIO()
    book.active.append(["姓名", "电话"])
    book.active["A1"].hyperlink = "https://example.org/"
    book.active.merge_cells("A3:C3")
    book.save(stream)
    check(stream.getvalue())
    path = tmp_path / "a.xlsx"
    path.write_bytes(stream.getvalue())
    check(path)
    check(os.fspath(path))


def test_pictures_old_drawings_and_mail_links_pass() -> None:
    check(added("xl/media/image1.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256))))
    check(added("xl/drawings/vmlDrawing1.vml", "<xml><div><br></div></xml>"))
    check(added(SHEET_LINKS, relations(relation("hyperlink", "mailto:a@example.org", mode="External"))))
    check(plain(sheet=b"\xef\xbb\xbf" + worksheet(CELL).encode()))


def test_a_writer_of_another_make_passes() -> None:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"constant_memory": True}) as book:
        page = book.add_worksheet()
        for row in range(300):
            page.write_row(row, 0, ["文字", row, "=1+1", None])
    check(stream.getvalue())


def test_the_edge_of_a_limit_is_inside() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"/></row>' for n in range(1, 11))
    check(plain(sheet=worksheet(rows)), Limits(rows=10))
    with pytest.raises(UnsafeSheet):
        check(plain(sheet=worksheet(rows)), Limits(rows=9))


def test_every_truncation_and_flipped_byte_is_answered() -> None:
    data = plain()
    for position in range(0, len(data), 7):
        with pytest.raises(UnsafeSheet):
            check(data[:position])
        changed = bytearray(data)
        changed[position] ^= 0xFF
        try:
            check(bytes(changed))
        except UnsafeSheet:
            continue
