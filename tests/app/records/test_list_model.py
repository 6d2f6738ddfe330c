"""Pages of records equal a brute-force model, whichever way a scope is read; what may not be read is not."""

import random
from dataclasses import replace
from typing import Any

import list_model
import pytest
from flask import Flask
from list_model import TODAY, Lists
from sqlalchemy import select

import small_province
from app import registry
from app.records import listing
from app.records.model import Record
from app.records.page import page
from permissions import transaction
from tenants import picking
from tenants.scope import Scope

ROUNDS = 30


def _filled(seed: int, many: int = 500) -> Lists:
    rng = random.Random(seed)
    with transaction.act("tests"):
        units = small_province.grow(rng)
        rows = list_model.put(units, many, rng)
        transaction.audit.record("tests:records", "unit", None, units[0])
    return Lists(units, rows)


def _on_pages(*asked: Any, **more: Any) -> tuple[Any, list[str]]:
    found = listing.listing(*asked, **more)
    return found, [row.id for row in found.items]


def _by_api(*asked: Any, **more: Any) -> tuple[Any, list[str]]:
    found = page(*asked, **more)
    return found, [row[0] for row in found.items]


def _walk(read: Any, module: str, scope: Scope, filters: listing.Filters, limit: int) -> tuple[list[str], int]:
    """Every id of a list, page by page, and the total all pages agree on."""
    found: list[str] = []
    cursor, totals = None, set()
    while True:
        page, ids = read(registry.module(module), scope, filters, today=TODAY, cursor=cursor, limit=limit)
        found += ids
        totals.add(page.total)
        cursor = page.next
        assert len(found) <= page.total, "a row comes twice"
        if cursor is None:
            assert len(totals) == 1
            return found, totals.pop()


def _compare(lists: Lists, rng: random.Random) -> None:
    scopes = small_province.scopes(lists.units, rng)
    for number in range(ROUNDS):
        scope, filters = scopes[number % len(scopes)], list_model.filters(rng)
        module, limit = rng.choice(list_model.MODULES), rng.choice((1, 3, 20, 200))
        if limit == 1 and len(lists.expected(module, scope, filters)) > 40:
            limit = 7
        wanted = [row["id"] for row in lists.expected(module, scope, filters)]
        read = rng.choice((_on_pages, _by_api))
        found = _walk(read, module, scope, filters, limit)
        assert found == (wanted, len(wanted)), (read, scope, filters, module, limit)


@pytest.mark.parametrize(("few", "patience"), [(0, 30), (0, 1), (25, 30), (1000, 30)])
def test_every_list_is_the_model_s(app: Flask, few: int, patience: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """0 walks days in every scope of several units, 1000 sorts them all, 25 does now this, now that.

    Patience of one day looks the next day up after the first that has no row.
    """
    list_model.anew(monkeypatch)
    monkeypatch.setattr(picking, "FEW", few)
    monkeypatch.setattr(picking, "_PATIENCE", patience)
    with app.app_context():
        _compare(_filled(few), random.Random(few))


def test_many_rows_of_one_day_and_too_many_runs(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    list_model.anew(monkeypatch)
    monkeypatch.setattr(picking, "FEW", 0)
    monkeypatch.setattr(picking, "_MOST_RUNS", 3)
    with app.app_context():
        rng = random.Random(7)
        with transaction.act("tests"):
            units = small_province.grow(rng)
            lists = Lists(units, list_model.put(units, 300, rng, days=2))
            transaction.audit.record("tests:records", "unit", None, units[0])
        _compare(lists, rng)


def _till_today(lists: Lists) -> list[bool]:
    """Whether the totals of what lists begin with (all but what is planned) are the model's, for every scope."""
    filters = listing.Filters(last=TODAY)
    return [listing.listing(registry.module(module), scope, filters, today=TODAY, cursor=None, limit=1).total
            == len(lists.expected(module, scope, filters))
            for scope in small_province.scopes(lists.units, random.Random(2)) for module in list_model.MODULES]


@pytest.mark.parametrize("planted", [False, True])
def test_all_but_plans_is_told_by_the_counters(app: Flask, planted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: counters that are one ahead are believed, so it is they who tell."""
    list_model.anew(monkeypatch)
    if planted:
        real = listing.totals.summed
        monkeypatch.setattr(listing.totals, "summed", lambda within, many: select(
            real(within, many).scalar_subquery() + 1))
    with app.app_context():
        lists = _filled(8)
        assert any(row["ended_on"] > TODAY for row in lists.rows)
        told = _till_today(lists)
        assert all(told) is not planted
        assert planted is False or any(told), "a scope that is no subtree is counted"


@pytest.mark.parametrize("planted", ["no cursor on its own day", "a tombstone", "the first run only"])
def test_a_list_that_is_wrong_is_seen(app: Flask, planted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    list_model.anew(monkeypatch)
    monkeypatch.setattr(picking, "FEW", 0)
    real_runs, real_shelf = picking.runs, listing.shelf_of
    if planted == "no cursor on its own day":
        monkeypatch.setattr(picking, "_of_day", _careless(picking._of_day))
    elif planted == "a tombstone":
        monkeypatch.setattr(listing, "shelf_of", lambda key, filters: picking.Shelf(
            Record, real_shelf(key, filters).day, (Record.module == key,)))
    else:
        monkeypatch.setattr(picking, "runs", lambda within, model: real_runs(within, model)[:1])
    with app.app_context(), pytest.raises(AssertionError):
        _compare(_filled(3), random.Random(3))


def _careless(real: Any) -> Any:
    def of_day(shelf: Any, slots: Any, day: Any, run: Any) -> Any:
        return real(shelf, replace(slots, after=None), day, run)

    return of_day
