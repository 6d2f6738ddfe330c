"""The timeliness report as its page shows it, and as its spreadsheet holds it."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from playwright.sync_api import Page
from python_calamine import CalamineWorkbook

UNITS = ("各单位录入及时性", "本单位录入及时性")
KINDS = "各类记录录入及时性"  # what a unit without any below shows in their place
HEADERS = ["应录", "按时", "逾期补录", "逾期未录", "未到期"]
OWN = "本级"
READ = """
(captions) => {
  const every = [...document.querySelectorAll('table.figures')];
  const tables = new Map(every.map((each) => [each.caption.textContent.trim(), each]));
  const table = tables.get(captions.find((each) => tables.has(each)));
  const line = (row) => {
    const cells = [...row.cells].map((cell) => cell.innerText.trim()), link = row.cells[0].querySelector('a');
    return { name: (link || row.cells[0]).innerText.split('\\n')[0].trim(), numbers: cells.slice(1, 6),
             rate: cells[7], href: link ? link.getAttribute('href') : null };
  };
  return { caption: table.caption.textContent.trim(),
           headers: [...table.tHead.rows[0].cells].slice(1, 6).map((cell) => cell.innerText.trim()),
           rows: [...table.tBodies[0].rows].map(line), total: line(table.tFoot.rows[0]) };
}
"""


@dataclass(frozen=True)
class Line:
    """A row: its name, the five figures in the order of the headers, the rate as text, where its name leads."""

    name: str
    numbers: tuple[int, ...]
    rate: str
    href: str | None

    @classmethod
    def of(cls, read: dict[str, object]) -> "Line":
        numbers = tuple(int(text.replace(",", "")) for text in read["numbers"])  # type: ignore[attr-defined]
        return cls(str(read["name"]), numbers, str(read["rate"]), read["href"])  # type: ignore[arg-type]


@dataclass(frozen=True)
class Level:
    """One page of the report."""

    rows: tuple[Line, ...]
    total: Line

    def row(self, name: str) -> Line:
        return next(each for each in self.rows if each.name == name)

    @property
    def children(self) -> tuple[Line, ...]:
        return tuple(each for each in self.rows if each.href)

    def check(self) -> None:
        """The rows add up to the total, column by column; every row's outcomes add up to what it owes."""
        columns = list(zip(*(each.numbers for each in self.rows), strict=True))
        assert [sum(column) for column in columns] == list(self.total.numbers)
        for line in (*self.rows, self.total):
            assert sum(line.numbers[1:]) == line.numbers[0], line
            assert line.rate == rate_of(line.numbers), line


def rate_of(numbers: tuple[int, ...]) -> str:
    """On time ÷ what is settled, as the page writes it."""
    settled = numbers[0] - numbers[4]
    return f"{numbers[1] / settled * 100:.1f}%" if settled else "—"


def shown(page: Page) -> Level:
    """The units of the report on the page; where there are none below, its kinds of record."""
    read = page.evaluate(READ, [*UNITS, KINDS])
    assert read["headers"] == HEADERS
    assert [each["name"] for each in read["rows"]].count(OWN) == (read["caption"] in UNITS)
    return Level(tuple(Line.of(each) for each in read["rows"]), Line.of(read["total"]))


def sheet(path: Path) -> tuple[dict[str, tuple[int, ...]], tuple[int, ...], str]:
    """Figures by unit, the total and everything written above them; openpyxl and calamine must read the same."""
    rows = [list(row) for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)]
    other = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    head = next(place for place, row in enumerate(rows) if row[0] == "单位")
    assert [str(row[0]) for row in other if row[0] not in ("", None)] == [str(row[0]) for row in rows if row[0]]
    units: dict[str, list[int]] = defaultdict(lambda: [0] * len(HEADERS))
    for row in rows[head + 1:]:
        for place, number in enumerate(row[2:7]):
            units[str(row[0])][place] += int(number)
    total = tuple(units.pop("合计"))
    above = " ".join(str(cell) for row in rows[:head] for cell in row if cell)
    return {name: tuple(numbers) for name, numbers in units.items()}, total, above
