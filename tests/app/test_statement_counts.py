"""Statements of every page and list: the same whether there are few rows or ten times as many, on both engines."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from statements import Filled, counting, fill, measure, saving

from app.administration import accounts as units
from app.api import accounts as accounts_api
from app.api.shapes import account_out
from permissions.accounts import Account
from tenants.db import db
from world import World

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/statements.md"
FEW, MORE = 2, 18
MUST = ("api_records.list_records", "api_records.show_record", "api_reports.timeliness_report",
        "api_cadres.list_cadres", "api_units.list_units", "api_audit.list_entries", "api_accounts.list_accounts",
        "api_filings", "api_opinions")
MOST = {"api_records.list_records": 8, "api_records.show_record": 9, "api_reports.timeliness_report": 16,
        "api_cadres.list_cadres": 7, "saving a visit": 16}
TOLD = 9  # statements by which PostgreSQL is told another scope (ADR-0013)
HEAD = """# Statements per page

<!-- Measured by tests/app/test_statement_counts.py on SQLite; written by scripts/render_docs.py --statements. -->

Each route asked twice, the second time counted, in a county with few rows of everything and again with ten times as
many: units, people, accounts, rights, records and the people and photos in them, opinions, log entries. The figure is
the same both times. Beginning and ending the transaction are not counted. On PostgreSQL up to nine more tell the
database another scope (docs/adr/0013-row-security.md), three on average.

| route | statements |
| --- | ---: |
"""


def table(figures: dict[str, int]) -> str:
    """The document."""
    rows = []
    for name, count in sorted(figures.items(), key=lambda item: item[0].partition(" ")[2]):
        endpoint, _space, rule = name.partition(" ")
        rows.append(f"| `{rule}` ({endpoint}) | {count} |" if rule.startswith("/") else f"| {name} | {count} |")
    return HEAD + "\n".join(rows) + "\n"


def said(document: str) -> dict[str, int]:
    """The figures of a document, by its rows' names."""
    cells = [line.strip("| ").split(" | ") for line in document.splitlines() if line.endswith(" |")]
    return {name: int(count) for name, count in cells if count.isdigit()}


def figures(world: World, filled: Filled) -> dict[str, int]:
    """Every figure at this moment."""
    return {"saving a visit": saving(world, filled)} | measure(world, filled)


def test_no_page_asks_more_when_there_is_more(world: World, engine_name: str) -> None:
    filled = Filled()
    fill(world, filled, FEW)
    before = figures(world, filled)
    fill(world, filled, MORE)
    after = figures(world, filled)
    grown = {name: (count, after.get(name)) for name, count in before.items() if after.get(name) != count}
    assert not grown, f"statements with few rows and with ten times as many: {grown}"
    assert len(before) >= 40
    told = TOLD if engine_name == "postgresql" else 0
    for name, most in MOST.items():
        assert next(count for route, count in before.items() if route.startswith(name)) <= most + told, before
    if engine_name == "sqlite":
        written = table(before)
        if os.environ.get("YINLING_WRITE_DOCS"):
            DOCUMENT.write_text(written, encoding="utf-8")
        sys.stdout.write(written)
        assert DOCUMENT.read_text(encoding="utf-8") == written, "run scripts/render_docs.py --statements"
    else:
        documented = said(DOCUMENT.read_text(encoding="utf-8"))
        more = {name: count - documented[name] for name, count in said(table(before)).items() if name in documented}
        odd = {name: each for name, each in more.items() if not 0 <= each <= TOLD}
        assert len(more) >= 40 and not odd, odd


def test_a_look_up_for_each_row_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(account: Account) -> dict[str, Any]:
        units.unit_of(account)
        db.session.expire_all()
        return account_out(account)

    monkeypatch.setattr(accounts_api, "account_out", careless)
    filled, seen = Filled(), []
    for many in (FEW, MORE):
        fill(world, filled, many)
        with counting(world) as statements:
            assert world.api("射阳 administrator").get("/accounts?limit=200").status_code == 200
        seen.append(len(statements))
    assert seen[1] > seen[0] + 10
