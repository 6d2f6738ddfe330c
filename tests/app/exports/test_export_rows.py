"""An export holds the rows of the list, under the same filters and the same scope; whoever forgets one is caught."""

import random
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from export_files import exported, fill, listed

import app.exports.wanted as wanted_of
from app import jobs
from app.exports import asking, work
from app.exports.wanted import Wanted
from app.people import listing as people
from app.records import listing as records
from tenants.scope import Scope
from world import World

WHO = ("江苏 administrator", "射阳 administrator", "county auditor", "clerk", "column clerk", "chief", "town clerk")
FILTERS = ("", "from=2026-05-25", "to=2026-06-03", "timeliness=overdue", "timeliness=pending", "timeliness=late",
           "timeliness=on_time", "q=家中2", "from=2026-05-20&to=2026-06-06&q=合德")
CADRE_FILTERS = ("", "q=合德", "retirement_type=tuixiu", "life_status=deceased", "q=sheyang")
UNITS = (None, "射阳", "合德镇", "东台")


@pytest.fixture
def calls(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(world.app.extensions, "wake", lambda _job: None)
    monkeypatch.setattr(work, "CHUNK", 4)
    jobs.stopping.clear()


def queries(world: World, filters: tuple[str, ...], seed: int, many: int) -> Iterator[tuple[str, str]]:
    """(who, query): a choice out of every combination."""
    every = list(product(WHO, filters, UNITS))
    random.Random(seed).shuffle(every)
    for who, narrowed, unit in every[:many]:
        parts = [narrowed] if narrowed else []
        yield who, "&".join(parts + ([f"unit={world.units[unit]}"] if unit else []))


def mismatches(world: World, seed: int, many: int) -> Iterator[str]:
    """Every difference between lists and exports; a list that is refused is refused as an export too."""
    for path, filters in (("/records/visits", FILTERS), ("/cadres", CADRE_FILTERS)):
        for who, query in queries(world, filters, seed, many):
            asked = world.api(who).get(f"{path}?{query}")
            if asked.status_code != 200:
                refused = world.api(who).post(f"{path}/export?{query}", {"purpose": "核对走访名单"})
                if refused.status_code != asked.status_code:
                    yield f"{who} {path}?{query}: {refused.status_code}, the list {asked.status_code}"
                continue
            rows = exported(world, who, f"{path}/export?{query}")
            got, want = sorted(map(_of_sheet, rows)), sorted(map(_of_list, listed(world, who, f"{path}?{query}")))
            if got != want:
                yield f"{who} {path}?{query}: {len(got)} rows, the list {len(want)}"


def _of_sheet(row: dict[str, Any]) -> tuple[str, ...]:
    if "姓名" in row:
        return str(row["姓名"]), str(row["身份证号"]), str(row["手机号码"]), str(row["家庭住址"])
    return str(row["结束日期"])[:10], str(row["地点或医院"]), str(row["及时性"]), str(row["看望对象"])


def _of_list(row: dict[str, Any]) -> tuple[str, ...]:
    if "id_number" in row:
        return row["name"], row["id_number"], str(row["mobile"]), str(row["address"])
    return row["ended_on"], row["place"], row["timeliness_label"], "、".join(each["name"] for each in row["people"])


def test_an_export_holds_the_rows_of_the_list(world: World, calls: None) -> None:
    fill(world)
    assert not list(mismatches(world, 1, 14))


def _forget_filters(patch: pytest.MonkeyPatch) -> None:
    empty = {people.Filters: people.Filters(), records.Filters: records.Filters()}
    real = wanted_of._filters
    patch.setattr(wanted_of, "_filters", lambda module, kept: empty[type(real(module, kept))])


def _forget_unit(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Wanted, "inside", Wanted.scope)


def _forget_scope(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Wanted, "inside", lambda _self: Scope.of([(0, 2**63 - 1)]))
    patch.setattr(work, "reaches", lambda _now, _then: True)
    patch.setattr(asking, "reaches", lambda _now, _then: True)


def _lose_a_chunk(patch: pytest.MonkeyPatch) -> None:
    real = work._rows

    def rows(*args: Any) -> Iterator[Any]:
        for place, row in enumerate(real(*args)):
            if place != 4:
                yield row

    patch.setattr(work, "_rows", rows)


@pytest.mark.parametrize("fault", [_forget_filters, _forget_unit, _forget_scope, _lose_a_chunk])
def test_the_comparison_catches(world: World, calls: None, monkeypatch: pytest.MonkeyPatch,
                                fault: Callable[[pytest.MonkeyPatch], None]) -> None:
    fill(world)
    fault(monkeypatch)
    assert list(mismatches(world, 1, 14))
