"""The sweep on one page: how large it is, and which planted fault is seen by which part of it. Needs no database."""

from collections import Counter
from typing import cast

from flask import Flask
from sweep_faults import FAULTS, Fault
from sweep_people import PEOPLE, PLACES
from sweep_reference import Person, Rules, Tree
from sweep_requests import cells_of, own_account_cell
from sweep_routes import ROWS
from sweep_run import worth_asking
from sweep_world import NOWHERE, Place, SweepWorld

HEAD = """# The sweep

<!-- Written by: YINLING_WRITE_DOCS=1 .venv/bin/pytest tests/sweep/test_sweep_page.py -->

Every route and method of the application × every principal × every position in the tree, on SQLite and on PostgreSQL,
against the written rules told a second time in `tests/sweep/sweep_reference.py` (words and parent pointers; nothing of
the product is imported there). A route that is not in the route file (`sweep_routes.py`, `sweep_pages.py`) fails.

Each answer must be of the class the rules want (401, `channel_closed`, 404, 403, or past the rights), must hold no
canary from outside the principal's sight (texts, ids, numbers, file names; spreadsheets unpacked, page marks opened),
must be the same for what is foreign and for what does not exist, and must carry the headers to the letter. A refused
request may change no row. A page whose door is shut to somebody is tried at three positions, with `--full` at all.
"""


def page() -> str:
    """The document."""
    return "\n".join([HEAD, *_size(), "", *_faults(), ""])


def _paper_world() -> SweepWorld:
    """Places with numbers that nobody has: enough to count what would be sent."""
    tree = Tree({name: parent for name, (parent, _kind) in PLACES.items()})
    world = SweepWorld(cast(Flask, None), tree, {person.name: person for person in PEOPLE})
    ids = _Ids()
    for name in (*PLACES, NOWHERE):
        owner = {"旧镇": "合德镇", NOWHERE: None}.get(name, name)
        world.places[name] = Place(name, owner, ids)
    world.accounts = {person.name: ids["x"] for person in PEOPLE if person.session != "none"}
    return world


class _Ids(dict[str, str]):
    def __missing__(self, what: str) -> str:
        return "a" * 22


def _outcomes(world: SweepWorld, person: Person) -> Counter[str]:
    """How many requests of a principal must end how."""
    rules, found = Rules(world.tree), Counter[str]()
    for row in ROWS:
        cells = [cell for cell in cells_of(world, row) if worth_asking(rules, person, cell)]
        own = own_account_cell(world, row, person)
        found.update(rules.expected(person, cell.asked) for cell in (cells if own is None else [*cells, own]))
    return found


def _size() -> list[str]:
    world, ends = _paper_world(), ("401", "closed", "password", "404", "403", "ok")
    counted = {person.name: _outcomes(world, person) for person in PEOPLE}
    whole = sum(sum(each.values()) for each in counted.values())
    routes = len({(row.method, row.path) for row in ROWS})
    lines = [f"{whole:,} requests per engine: {routes} routes × {len(PEOPLE)} principals × {len(PLACES) + 1} "
             "positions, records by kind, accounts by what they are.", "",
             "| principal | 401 | channel closed | password first | 404 | 403 | past the rights | all |",
             "|---|---:|---:|---:|---:|---:|---:|---:|"]
    for name, outcomes in counted.items():
        lines.append(f"| {name} | {' | '.join(str(outcomes[end]) for end in ends)} | {sum(outcomes.values())} |")
    return lines


def _faults() -> list[str]:
    lines = [f"## {len(FAULTS)} planted faults", "", "`tests/sweep/test_planted_faults.py` plants each and wants the "
             "part named here to see it.", "", "| fault | seen by | on |", "|---|---|---|"]
    return lines + [f"| {fault.name} | {fault.who} | {_where(fault)} |" for fault in FAULTS]


def _where(fault: Fault) -> str:
    if not fault.routes.startswith("="):
        return f"cells of `{fault.routes}`"
    what = {"/no list": "units and reports"}.get(fault.routes[1:], f"`{fault.routes[1:]}`")
    return f"opening = list = count = search = export of {what}"
