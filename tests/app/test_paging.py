"""Pages of every list: whole, stable, with honest totals; a cursor that was made up is a 400 and nothing else."""

import base64
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import factories
from app.opinions.model import Opinion
from app.paging import decode, encode, like, page_of
from permissions import transaction
from tenants import clock, provision, tree
from tenants.db import db
from tenants.errors import Malformed
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test fills lists")
LISTS = {
    "/accounts": "射阳 administrator", "/cadres": "射阳 administrator", "/filings": "射阳 administrator",
    "/audit": "射阳 administrator", "/opinions": "射阳 administrator", "/records/visits": "射阳 administrator",
    "/units?q=T": "射阳 administrator",
}
MADE_UP: list[Any] = [
    [], {}, None, "x", 7, [1], ["a"], [1, 2, 3], [None, None], [True, "a"], ["2026-06-10", "a"],
    ["2026-06-10T10:00:00", "a"], ["0001-01-01T00:00:00+08:00", "a"], ["9999-12-31T23:59:59-08:00", "a"],
    ["2026-06-10T10:00:00+08:00", "\x00"], ["\ud800", "a"], ["a", "\ud800"], ["王" * 300, "a"], [2**70], [-(2**70)],
    [1.5], ["2026-06-10T10:00:00+08:00", 7], [["a"], "a"], [{"a": 1}, "a"], ["NaN"],
]

MOMENTS = st.dates(date(1901, 1, 2), date(2200, 1, 1)).map(lambda day: datetime.combine(day, time(3, 4, 5, 6), UTC))


def _fill(world: World, many: int) -> None:
    """`many` more rows on each list, all at one moment and under one name, so that ties are tested too."""
    with world.app.app_context(), transaction.act("tests"):
        county = tree.unit_by_id(world.units["射阳"], ALL)
        for _each in range(many):
            cadre = factories.cadre(unit=county, name="王同名")
            account = factories.cadre_account(cadre=cadre, unit=county)
            factories.record(unit=county, cadre=cadre, ended_on=date(2026, 6, 1))
            factories.administrator(unit=provision.open_unit(
                county, kind="township", name="T镇", code=f"T-{new_number()}"))
            db.session.add(Opinion(unit_id=county.id, unit_number=county.number, account_id=account.id,
                                   cadre_id=cadre.id, text="同意", created_at=clock.now()))
            transaction.audit.record("tests:fill", "unit", None, county)


def new_number() -> str:
    """Something no other code of this run is."""
    return factories.next_phone()[-7:]


def walk(world: World, path: str, limit: int) -> list[str]:
    """Every id of a list, page by page."""
    api, found, cursor = world.api(LISTS[path]), [], None
    while True:
        more = f"limit={limit}&cursor={cursor}" if cursor else f"limit={limit}"
        page = api.get(path + ("&" if "?" in path else "?") + more)
        assert page.status_code == 200, page.text
        found += [each["id"] for each in page.json["items"]]
        cursor = page.json["next"]
        if not cursor:
            return found


@pytest.mark.parametrize("path", LISTS)
def test_every_row_comes_exactly_once_whatever_the_page_size(world: World, path: str) -> None:
    _fill(world, 12)
    whole = walk(world, path, 200)
    assert len(whole) == len(set(whole)) >= 12
    if path != "/audit":  # reading the log is itself logged, so it grows while it is read
        assert walk(world, path, 5) == whole and walk(world, path, len(whole)) == whole
        total = world.api(LISTS[path]).get(path).json["total"]
        assert total == len(whole)
    else:
        assert set(whole) <= set(walk(world, path, 7))


@pytest.mark.parametrize("path", LISTS)
def test_a_made_up_cursor_is_refused(world: World, path: str) -> None:
    api = world.api(LISTS[path])
    raw = [base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=") for value in MADE_UP]
    for cursor in (*raw, "x", "====", "%00", "A", "e30", "王", base64.urlsafe_b64encode(b"\xff\xfe").decode()):
        bare, _mark, fixed = path.partition("?")
        answer = api.get(bare, query_string=dict([fixed.split("=")] if fixed else []) | {"cursor": cursor})
        assert answer.status_code in (200, 400), (cursor, answer.status_code)
        if answer.status_code == 200:
            assert isinstance(answer.json["items"], list)


@given(st.one_of(st.tuples(st.dates(date(1900, 1, 1), date(2200, 12, 31)), st.text("abc-_", max_size=22)),
                 st.tuples(MOMENTS, st.text("abc", max_size=5)),
                 st.tuples(st.integers(-(2**63), 2**63 - 1))))
def test_a_key_comes_back_from_its_cursor(key: tuple[Any, ...]) -> None:
    types = tuple(datetime if isinstance(part, datetime) else type(part) for part in key)
    assert decode(encode(key), types) == key


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_cursor(text: str) -> None:
    for types in ((date, str), (datetime, str), (int,), (str, str)):
        try:
            found = decode(text, types)
        except Malformed:
            continue
        assert found is None or len(found) == len(types)


def test_a_page_has_a_next_only_when_there_is_more() -> None:
    rows = list(range(5))
    assert page_of(rows, 5, lambda row: (row,), 5).next is None
    more = page_of(rows, 4, lambda row: (row,), 5)
    assert more.items == [0, 1, 2, 3] and decode(more.next, (int,)) == (3,)
    assert page_of([], 4, lambda row: (row,), 0).next is None


def test_wildcards_are_ordinary_characters() -> None:
    assert like("100%_\\") == "%100\\%\\_\\\\%"


def test_the_log_is_paged_by_days_of_shanghai(world: World) -> None:
    later = world.at("2026-06-11T00:00:00+08:00")  # still the 10th in UTC
    administrator = later.api("射阳 administrator")
    body = {"parent_id": world.units["射阳"], "kind": "township", "name": "午夜镇", "code": "M-1"}
    administrator.post("/units", body)
    made = "/audit?action=unit:open"
    assert administrator.get(f"{made}&from=2026-06-11&to=2026-06-11").json["total"] == 1
    assert administrator.get(f"{made}&from=2026-06-10&to=2026-06-10").json["total"] == 0
    assert administrator.get(f"{made}&to={date(2026, 6, 11) + timedelta(days=1)}").json["total"] == 1
