"""Pages of cadres equal a brute-force model in every scope; pages that are wrong or dear are seen."""

import random
import re
from types import SimpleNamespace

import people_model
import pytest
from flask import Flask
from people_model import People

import plan_cost
import small_province
from app.people import listing, search
from app.values import name_words
from permissions import transaction
from tenants import in_order, tree
from tenants.in_order import Aisle
from tenants.prepared import Prepared
from tenants.scope import Scope

ROUNDS = 40


def _filled(seed: int, many: int = 300) -> People:
    rng = random.Random(seed)
    with transaction.act("tests"):
        units = small_province.grow(rng)
        rows = people_model.put(units, many, rng)
        transaction.audit.record("tests:cadres", "unit", None, units[0])
    return People(units, rows)


def _walk(scope: Scope, filters: listing.Filters, limit: int) -> tuple[list[str], int]:
    """Every id of a list, page by page, and the total all pages agree on."""
    found: list[str] = []
    cursor, totals = None, set()
    while True:
        page = listing.listing(scope, filters, cursor=cursor, limit=limit)
        found += [row.id for row in page.items]
        totals.add(page.total)
        cursor = page.next
        assert len(found) <= page.total, "a row comes twice"
        if cursor is None:
            assert len(totals) == 1
            return found, totals.pop()


def _compare(people: People, rng: random.Random, rounds: int = ROUNDS) -> None:
    scopes = small_province.scopes(people.units, rng)
    for number in range(rounds):
        scope, filters = scopes[number % len(scopes)], people_model.filters(rng)
        wanted = people.expected(scope, filters)
        limit = rng.choice((3, 20, 200) if len(wanted) < 60 else (20, 200))
        assert _walk(scope, filters, limit) == (wanted, len(wanted)), (scope, filters, limit)


@pytest.mark.parametrize("pieces", [200, 3])
def test_every_list_is_the_model_s(app: Flask, pieces: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few pieces at a time a page is put together from several statements."""
    monkeypatch.setattr(in_order, "MOST_PIECES", pieces)
    with app.app_context():
        _compare(_filled(pieces), random.Random(pieces))


@pytest.mark.parametrize("planted", ["the cursor's run again", "the first run only", "one stretch forgotten",
                                     "nothing completed", "the last four digits are enough", "words from before"])
def test_a_list_that_is_wrong_is_seen(app: Flask, planted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    following, ahead, page = in_order._following, in_order._ahead, in_order._page
    if planted == "the cursor's run again":
        monkeypatch.setattr(in_order, "_following", lambda aisle, run, _after: following(aisle, run, None))
    elif planted == "the first run only":
        monkeypatch.setattr(in_order, "_ahead", lambda scope, after: ahead(scope, after)[:1])
    elif planted == "nothing completed":
        monkeypatch.setattr(name_words, "_completed", lambda _typed: ())
    elif planted == "the last four digits are enough":
        monkeypatch.setattr(people_model, "TYPED", ("10000012",))
        monkeypatch.setattr(search, "_BLANKS", re.compile(r"[\s-]|^\d+(?=\d{4}$)"))
    elif planted == "words from before":
        monkeypatch.setattr(people_model, "spelled", lambda name: name_words.spelled(f"{name[:1]}小"))
    else:
        monkeypatch.setattr(in_order, "_page", lambda aisle, *rest: page(
            in_order.Aisle(aisle.model, aisle.rank, aisle.row_id, aisle.stretches[:1]), *rest))
    with app.app_context(), pytest.raises(AssertionError):
        _compare(_filled(3), random.Random(3), 120)


ASKED = (listing.Filters(), listing.Filters(life_status="deceased"), listing.Filters(retirement_type="tuizhi"),
         listing.Filters(retirement_type="lixiu", life_status="living"))
SEARCHED = tuple(listing.Filters(q=typed) for typed in ("王", "小明", "wang", "wangx", "wx", "0012", "z", "nobody"))


def _dearest(scopes: list[Scope], asked: tuple[listing.Filters, ...]) -> dict[str, tuple[int, int]]:
    """The dearest first page of each kind of list over all scopes: (pages, rows looked at)."""
    found: dict[str, tuple[int, int]] = {}
    for filters in asked:
        costs = []
        for scope in scopes:
            said = plan_cost.said(lambda: listing.listing(scope, filters, cursor=None, limit=20))  # noqa: B023
            costs.append(plan_cost.cost([each for each in said if "ORDER BY" in each[0]]))
        found[str(filters)] = (max(pages for pages, _rows in costs), max(rows for _pages, rows in costs))
    return found


class TestCost:
    """Ten times the rows: no more rows looked at, hardly a page more."""

    @pytest.fixture
    def engine_name(self) -> str:
        """Plans of PostgreSQL only."""
        return "postgresql"

    def _twice(self, asked: tuple[listing.Filters, ...]) -> list[dict[str, tuple[int, int]]]:
        people, found = _filled(5, 0), []
        scopes = [Scope.everything("a test"), *(tree.below(unit) for unit in people.units), tree.here(people.units[-1])]
        places = [SimpleNamespace(id=unit.id, number=unit.number) for unit in people.units]
        for many in (400, 3_600):
            with transaction.act("tests"):
                people_model.put(places, many, random.Random(6))
                transaction.audit.record("tests:cadres", "unit", None, tree.root())
            plan_cost.analysed("cadres", "units")
            found.append(_dearest(scopes, asked))
        return found

    def _dear(self, small: dict[str, tuple[int, int]], large: dict[str, tuple[int, int]]) -> list[str]:
        return [f"{name}: {small[name]} then {large[name]} pages and rows" for name, (pages, rows) in large.items()
                if pages > 450 or rows > 300 or pages > 3 * small[name][0] + 40]

    def test_a_page_costs_the_same_however_many_there_are(self, app: Flask) -> None:
        with app.app_context():
            assert self._dear(*self._twice(ASKED)) == []

    def test_a_search_costs_the_same_for_a_rare_word_and_a_common_one(self, app: Flask) -> None:
        with app.app_context():
            assert self._dear(*self._twice(SEARCHED)) == []

    def test_a_search_by_like_is_seen(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(search, "_named", lambda _word, person, typed, where: Aisle(
            person, person.name_reading, person.id, (person.name.like(f"%{typed}%"),), where=where))
        with app.app_context():
            assert self._dear(*self._twice(SEARCHED[1:2]))

    def test_a_dear_way_is_seen(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        """A list by pinyin alone walks past everybody else's people. Its statements are not kept for other tests."""
        for name, build in (("_PAGE", in_order._PAGE._build), ("_TOTAL", in_order._TOTAL._build)):
            monkeypatch.setattr(in_order, name, Prepared(build))
        monkeypatch.setattr(Aisle, "key", property(lambda self: (self.rank, self.model.unit_number, self.row_id)))
        with app.app_context():
            assert self._dear(*self._twice(ASKED[:1]))
