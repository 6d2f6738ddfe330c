"""Whether one rule speaks everywhere: what can be opened, listed, counted, searched, narrowed to and exported (A6)."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import openpyxl
from sweep_canaries import KIND_SIGNS
from sweep_reference import COLUMN_OF, Asked, Person, Rules
from sweep_run import Caller
from sweep_world import SweepWorld

from tenants.db import db

PERIOD = "from=2025-01-01&to=2026-12-31"


@dataclass(frozen=True)
class Resource:
    """A kind of row with a list: where, under which rule, and the rows there are."""

    path: str
    act: str
    sql: str
    column: str | None = None
    one: bool = True  # whether one row can be opened by its id
    end: str = "both"
    searched: str = ""  # the canary its search finds


RESOURCES = (
    Resource("/accounts", "read account", "SELECT id, unit_id FROM accounts", searched="staff"),
    Resource("/cadres", "read cadre", "SELECT id, unit_id FROM cadres", searched="cadre"),
    Resource("/filings", "read filing", "SELECT id, unit_id FROM filings", one=False),
    Resource("/opinions", "read opinion", "SELECT id, unit_id FROM opinions"),
    # Reading the log is logged, so only what was there before is compared.
    Resource("/audit?action=tests:mark", "read log",
             "SELECT id, unit_id FROM audit_entries WHERE action = 'tests:mark'", one=False, end="pc"),
    *(Resource(f"/records/{module}", "read record",
               f"SELECT id, unit_id FROM records WHERE module = '{module}' AND deleted_at IS NULL", column,  # noqa: S608
               searched=module) for module, column in COLUMN_OF.items()),
)


def rows_of(world: SweepWorld, sql: str) -> dict[str, str]:
    """id -> name of the unit, straight from the table."""
    names = {place["unit"]: name for name, place in world.places.items()}
    with world.app.app_context(), db.engine.connect() as connection:
        found = {row[0]: names[row[1]] for row in connection.exec_driver_sql(sql)}
        connection.rollback()
    return found


@dataclass
class Agreement:
    """Compares the five answers for one world; counts the comparisons."""

    world: SweepWorld
    compared: int = 0

    def __post_init__(self) -> None:
        self.rules = Rules(self.world.tree)

    def _same(self, what: str, got: Any, wanted: Any) -> Iterator[str]:
        self.compared += 1
        if got != wanted:
            yield f"{what}: {got!r:.300}, by the rules {wanted!r:.300}"

    def mismatches(self, person: Person, resources: tuple[Resource, ...] = RESOURCES) -> Iterator[str]:
        """Every disagreement for one principal."""
        caller = Caller(self.world, person)
        for resource in resources:
            asked = Asked(resource.act, resource.end, column=resource.column)
            if self.rules.expected(person, asked) == "ok":
                yield from self._resource(caller, resource)
        yield from self._units(caller)
        yield from self._reports(caller)

    def _resource(self, caller: Caller, resource: Resource) -> Iterator[str]:
        person, said = caller.person, f"{caller.person.name} {resource.path}"
        rows = rows_of(self.world, resource.sql)
        mine = {row_id for row_id, unit in rows.items() if self.rules.may(person, resource.act, unit, resource.column)}
        listed, total = self._walk(caller, _with(resource.path, "limit=17"))
        yield from self._same(f"{said} list", listed, mine)
        yield from self._same(f"{said} total", total, len(mine))
        if resource.one:
            opened = {row_id for row_id in rows
                      if caller.send("GET", f"/api/v1{resource.path}/{row_id}", page=False).status_code == 200}
            yield from self._same(f"{said} opened one by one", opened, mine)
        for unit in self.world.tree.parents:
            if self.rules.sees(person, "unit", unit):
                inside = {row_id for row_id in mine if unit in self.world.tree.upward(rows[row_id])}
                query = f"limit=99&unit={self.world.places[unit]['unit']}"
                narrowed, count = self._walk(caller, _with(resource.path, query))
                yield from self._same(f"{said} narrowed to {unit}", (narrowed, count), (inside, len(inside)))
        if resource.searched:
            yield from self._search(caller, resource, rows, mine)

    def _search(self, caller: Caller, resource: Resource, rows: dict[str, str], mine: set[str]) -> Iterator[str]:
        everybody = {row_id for row_id, key in self.world.canaries.ids.items() if key[1] == resource.searched}
        for sign, place in self.world.canaries.units.items():
            q = f"犇{sign}{KIND_SIGNS[resource.searched]}"
            wanted = {row_id for row_id in everybody & set(rows) & mine
                      if self.world.canaries.ids[row_id][0] == place}
            found, total = self._walk(caller, f"{resource.path}?q={q}")
            yield from self._same(f"{caller.person.name} {resource.path}?q={q}", (found, total), (wanted, len(wanted)))

    def _walk(self, caller: Caller, path: str) -> tuple[set[str], int]:
        """All ids of a list, page by page, and its total; a row met twice is an error."""
        found: list[str] = []
        mark, total = "", 0
        while mark is not None:
            url = _with(path, f"cursor={mark}") if mark else path
            told = caller.send("GET", f"/api/v1{url}", page=False)
            assert told.status_code == 200, f"{url}: {told.status_code} {told.text:.600}"
            answer = told.json
            found += [item["id"] for item in answer["items"]]
            mark, total = answer["next"], answer["total"]
            assert len(found) <= 2000, f"{path} never ends"
        return set(found) if len(set(found)) == len(found) else {"twice"}, total

    def _units(self, caller: Caller) -> Iterator[str]:
        """The tree as far as one may walk it is the tree that can be opened and found."""
        person, places = caller.person, self.world.places
        if self.rules.expected(person, Asked("read unit")) != "ok":
            return
        mine = {places[unit]["unit"] for unit in self.world.tree.parents if self.rules.sees(person, "unit", unit)}
        opened = {place["unit"] for place in places.values()
                  if caller.send("GET", f"/api/v1/units/{place['unit']}", page=False).status_code == 200}
        yield from self._same(f"{person.name} units opened", opened, mine)
        walked, waiting = set[str](), list(self._walk(caller, "/units")[0])
        while waiting:
            walked.add(unit := waiting.pop())
            waiting += self._walk(caller, f"/units?parent={unit}")[0]
        closed = {places["旧镇"]["unit"]}
        yield from self._same(f"{person.name} units walked", walked, mine - closed)
        found, total = self._walk(caller, "/units?q=犇&limit=5")
        yield from self._same(f"{person.name} units searched", (found, total), (mine, len(mine)))

    def _reports(self, caller: Caller) -> Iterator[str]:
        """The report counts the records that can be listed, and the spreadsheet says the same."""
        person = caller.person
        records = {module: rows_of(self.world, RESOURCES[5 + place].sql) for place, module in enumerate(COLUMN_OF)}
        for unit in self.world.tree.parents:
            asked = Asked("read report", finds="unit", at=unit)
            if self.rules.expected(person, asked) != "ok":
                continue
            query = f"unit={self.world.places[unit]['unit']}&{PERIOD}"
            wanted = sum(self.rules.may(person, "read record", at, COLUMN_OF[module])
                         for module, rows in records.items() for at in rows.values()
                         if unit in self.world.tree.upward(at))
            told = caller.send("GET", f"/api/v1/reports/timeliness?{query}", page=False).json
            sheet = caller.send("GET", f"/api/v1/reports/timeliness.xlsx?{query}", page=False).get_data()
            yield from self._same(f"{person.name} report on {unit}", told["total_row"]["total"], wanted)
            yield from self._same(f"{person.name} rows of {unit}", sum(row["total"] for row in told["rows"]), wanted)
            yield from self._same(f"{person.name} sheet of {unit}", _sheet_total(sheet), wanted)


def _with(path: str, query: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{query}"


def _sheet_total(content: bytes) -> int:
    """应录 of the last line, 合计."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    try:
        line = [row for row in book.worksheets[0].iter_rows(values_only=True) if row and row[0] == "合计"][-1]
        return int(line[2])
    finally:
        book.close()

