"""Changes of the same unit at once: one after the other or refused, never half of two, never a 5xx (A10, B5)."""

from typing import Any

import pytest
from servers import call

from rows import ask, count

pytestmark = pytest.mark.xdist_group("races of changes")
ROUNDS = 3


def sound(world: Any) -> None:
    """Every path is its superior's with the own id, and nothing lies in a closed unit."""
    paths = {row[0]: row[1:] for row in ask(world.app, "SELECT id, path, parent_id FROM units")}
    assert all(path == f"{paths[above][0] if above else '/'}{unit_id}/" for unit_id, (path, above) in paths.items())
    for table in ("records", "cadres", "accounts", "administrators"):
        within = "unit_id IN (SELECT id FROM units WHERE status = 'closed')"
        assert count(world.app, table, within) == 0, table


def act(world: Any, verb: str, unit: str, **body: Any) -> dict[str, Any]:
    """One call by the city's administrator; units by name."""
    ids = {name: [world.units[each] for each in value] if isinstance(value, list) else world.units.get(value, value)
           for name, value in body.items()}
    return call("POST", f"/units/{world.units[unit]}/{verb}", world.tokens["盐城 administrator"], ids)


PAIRS = {
    "merge against move": ([("merge", "安丰镇", {"unit_ids": ["合德镇"]}), ("move", "合德镇", {"parent_id": "东台"})],
                           {(200, 200), (200, 409)}),
    "merge against merge": ([("merge", "安丰镇", {"unit_ids": ["合德镇"]}),
                             ("merge", "黄沙港镇", {"unit_ids": ["合德镇"]})], {(200, 409), (409, 200)}),
    "two into each other": ([("merge", "黄沙港镇", {"unit_ids": ["合德镇"]}),
                             ("merge", "合德镇", {"unit_ids": ["黄沙港镇"]})], {(200, 409), (409, 200)}),
    "split against close": ([
        ("split", "合德镇", {"unit_ids": ["合德敬老院"], "name": "新镇", "code": "N-1"}),
        ("close", "合德镇", {"successor_id": "安丰镇"})], {(201, 200), (409, 200)}),
    "split against split": ([
        ("split", "合德镇", {"unit_ids": ["合德敬老院"], "name": "新镇", "code": "N-1"}),
        ("split", "合德镇", {"unit_ids": ["合德敬老院"], "name": "新街", "code": "N-2"})], {(201, 422), (422, 201)}),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_two_changes_of_one_unit_at_once(servers, world, pair):
    calls, allowed = PAIRS[pair]
    answers = servers.race([act(world, verb, unit, **body) for verb, unit, body in calls for _ in range(ROUNDS)])
    by_call = [answers[place * ROUNDS:(place + 1) * ROUNDS] for place in range(len(calls))]
    best = tuple(min(each["status"] for each in some) for some in by_call)
    assert best in allowed, answers
    assert all(each["status"] < 500 for each in answers), answers
    won = [sum(each["status"] in (200, 201) for each in some) for some in by_call]
    assert max(won) <= (ROUNDS if "move" in pair else 1), "the same change was done twice"
    sound(world)
