"""A move does exactly what its preview said: each line measured before and after, over random people, rights, rules."""

import os
import random
from collections import Counter
from typing import Any

import pytest
from test_reports import NAMES, scatter
from test_rules_page import SET, open_world  # noqa: F401 - a fixture among them

import factories
import rows
from app import registry
from app.administration import move_preview
from app.obligations import scheduler
from permissions import audit, transaction
from permissions.accounts import Account
from permissions.grants import Grant
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import TREE, World

ALL = Scope.everything("a test measures a move")
SEEDS = range(40) if os.environ.get("YINLING_TEST_FULL") else range(2)
PLACES = [("射阳", "南通"), ("合德镇", "东台"), ("合德镇", "海安"), ("射阳教育局", "盐城经开区"), ("东台", "南通"),
          ("海安", "盐城"), ("合德敬老院", "安丰镇"), ("射阳中学", "盐城市直"), ("省直下属", "黄沙港镇")]


def unit(world: World, name: str) -> Unit:
    """A unit's row."""
    return db.session.execute(ALL.select(Unit).where(Unit.id == world.units[name])).scalar_one()


def furnish(world: World, walk: random.Random) -> None:
    """Grants across the tree, filings that wait, and tighter rules here and there."""
    with world.app.app_context(), transaction.act("tests"):
        for place in range(25):
            home, held = unit(world, walk.choice(NAMES)), unit(world, walk.choice(NAMES))
            account = factories.staff(unit=home, name=f"某{place}")
            factories.grant(account=account, unit=held, role=walk.choice(("clerk", "chief", "reviewer", "auditor")))
        audit.record("tests:furnish", "unit", None, unit(world, "江苏"))
    for name in ("盐城", "南通", "东台", "合德镇"):
        said = world.browser(f"{name} administrator").post(
            f"/desk/units/{world.units[name]}/rules/{walk.choice(('visits', 'hardship_aid'))}",
            data=SET | {"confirmed": "yes", "since": "2026-01-01", "amount": str(walk.randint(1, 3))})
        assert said.status_code in (303, 422), said.text  # one that does not tighten is refused


def measured(world: World) -> dict[str, Any]:
    """What stands in the tables."""
    with world.app.app_context():
        paths = dict(rows.ask(world.app, "SELECT id, path FROM units"))
        due = {row[0]: (row[1], row[2], str(row[3]), row[4]) for row in rows.ask(
            world.app, "SELECT id, module, unit_id, due_on, entered_at IS NULL AND deleted_at IS NULL FROM records")}
        return {
            "paths": paths, "due": due, "grants": set(rows.ask(world.app, "SELECT id FROM grants")),
            "accounts": rows.ask(world.app, "SELECT id, unit_id, state, kind FROM accounts ORDER BY id"),
            "cadres": rows.ask(world.app, "SELECT id, unit_id FROM cadres ORDER BY id"),
            "seats": rows.ask(world.app, "SELECT account_id, unit_id, seat FROM administrators ORDER BY id"),
            "filings": dict(rows.ask(world.app, "SELECT id, receiver_unit_id FROM filings WHERE acknowledged_at IS NULL"
                                     )),
        }


def totals(world: World, name: str) -> dict[str, int]:
    """Records by kind in the report of a unit over all time."""
    told = world.api("province auditor").get("/reports/timeliness", query_string={
        "unit": world.units[name], "from": "2000-01-01", "to": "2099-12-31"}).json
    found: Counter[str] = Counter()
    for row in told["rows"]:
        found[row["module"]] += row["total"]
    return {key: found[key] for key in registry.modules()}


@pytest.mark.usefixtures("open_world")
@pytest.mark.parametrize("seed", SEEDS)
def test_after_the_move_exactly_what_the_preview_said(world: World, seed: int) -> None:
    walk = random.Random(seed)
    scatter(world, 60, seed)
    furnish(world, walk)
    name, to = PLACES[seed % len(PLACES)]
    before_name = next(parent for unit_name, parent, _kind, _code in TREE if unit_name == name)
    province = world.api("江苏 administrator")
    before, was, will = measured(world), totals(world, before_name), totals(world, to)
    digests = rows.digests(world.app)
    answer = province.get(f"/units/{world.units[name]}/move-preview", query_string={"parent_id": world.units[to]})
    assert answer.status_code == 200, answer.text
    told = answer.json
    assert rows.digests(world.app, but=("login_sessions",)) == {
        key: value for key, value in digests.items() if key != "login_sessions"}, "a preview changed rows"
    moved = province.post(f"/units/{world.units[name]}/move", {"parent_id": world.units[to]})
    assert moved.status_code == 200, moved.text
    after = measured(world)

    gone = {unit_id for unit_id in before["paths"] if before["paths"][unit_id] != after["paths"][unit_id]}
    assert told["units"] == len(gone)
    assert told["cadres"] == sum(unit_id in gone for _id, unit_id in after["cadres"])
    for kind, key in (("staff", "staff"), ("cadre", "cadre_accounts")):
        assert told[key] == sum(row[1] in gone and row[3] == kind for row in after["accounts"])
    assert [before[key] for key in ("accounts", "cadres", "seats")] == [
        after[key] for key in ("accounts", "cadres", "seats")]
    assert len(told["administrators"]) == sum(row[1] in gone for row in after["seats"])
    assert {(each["grant_id"],) for each in told["rights"]} == before["grants"] - after["grants"]
    assert after["grants"] <= before["grants"]
    open_now = {key: row for key, row in before["due"].items() if row[3] and row[1] in gone}
    assert told["open_records"] == len(open_now)
    changed = Counter((row[0], row[2], after["due"][key][2]) for key, row in before["due"].items()
                      if after["due"][key] != row)
    assert Counter({(each["module"], each["before"], each["after"]): each["records"] for each in told["redated"]}
                   ) == changed
    assert told["redated_records"] == sum(changed.values()) and (changed or name != "射阳")
    assert told["filings"] == sum(after["filings"][key] != value for key, value in before["filings"].items())
    _reports(world, (before_name, to), (was, will), told, shared=before["paths"][world.units[to]].startswith(
        before["paths"][world.units[before_name]]))
    _sight(world, name, told)


def _reports(world: World, ends: tuple[str, str], before: tuple[dict[str, int], ...], told: dict[str, Any], *,
             shared: bool) -> None:
    """The new superior's report gains what the old one's loses, unless it holds both."""
    was, will = before
    before_name, to = ends
    lost = {key: was[key] - value for key, value in totals(world, before_name).items()}
    won = {key: value - will[key] for key, value in totals(world, to).items()}
    assert won == told["records"] and lost == (dict.fromkeys(lost, 0) if shared else told["records"])


def _sight(world: World, name: str, told: dict[str, Any]) -> None:
    """Those who are said to lose it no longer see it; those who gain it do."""
    with world.app.app_context(), transaction.act("tests"):
        for seen, key in ((False, "losing"), (True, "gaining")):
            for each in told[key]:
                account = db.session.execute(ALL.select(Account).where(Account.id == each["account_id"])).scalar_one()
                if db.session.execute(ALL.select(Grant).where(Grant.account_id == account.id)).first() and not seen:
                    continue  # another right of the same person may still reach it
                api = world.api(None)
                api.token = factories.token(account, "pc")
                each["token"] = api.token
        transaction.audit.forget(db.session())
    for seen, key in ((False, "losing"), (True, "gaining")):
        for each in (row for row in told[key] if "token" in row):
            api = world.api(None)
            api.token = each["token"]
            assert (api.get(f"/units/{world.units[name]}").status_code == 200) is seen, (key, each)


@pytest.mark.usefixtures("open_world")
def test_a_planted_fault_in_the_preview_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(move_preview, "_rights", lambda _unit, _parent: ())
    with pytest.raises(AssertionError):
        test_after_the_move_exactly_what_the_preview_said(world, 0)


def test_what_cannot_be_moved_has_no_preview(world: World) -> None:
    for principal, name, to, status in (
            ("江苏 administrator", "射阳", "合德镇", 422), ("江苏 administrator", "射阳", "江苏", 422),
            ("盐城 administrator", "合德镇", "海安", 404), ("盐城 administrator", "盐城", "江苏", 403),
            ("射阳 administrator", "射阳", "盐城", 403), ("clerk", "射阳", "射阳", 403),
            ("南通 administrator", "射阳", "南通", 404)):
        answer = world.api(principal).get(f"/units/{world.units[name]}/move-preview",
                                          query_string={"parent_id": world.units[to]})
        assert answer.status_code == status, (principal, name, to, answer.text)


def test_a_filing_that_waits_goes_over_to_the_new_superior_and_is_announced_there(world: World) -> None:
    world.api("盐城 administrator").delete(f"/units/{world.units['合德镇']}/administrators/"
                                         f"{world.accounts['合德镇 administrator']}")
    waiting = rows.ask(world.app, "SELECT receiver_unit_id FROM filings WHERE acknowledged_at IS NULL")
    assert waiting == [(world.units["射阳"],)]
    with world.app.app_context():
        scheduler.look()
    owed = "SELECT unit_id, generation FROM obligations WHERE kind = 'filing_acknowledgement'"
    assert rows.ask(world.app, owed) == [(world.units["射阳"], 1)]
    world.api("盐城 administrator").post(f"/units/{world.units['合德镇']}/move", {"parent_id": world.units["东台"]})
    waiting = rows.ask(world.app, "SELECT receiver_unit_id FROM filings WHERE acknowledged_at IS NULL")
    assert waiting == [(world.units["东台"],)]
    clock.configure("2026-06-11T10:00:00+08:00")
    with world.app.app_context():
        scheduler.look()
    assert rows.ask(world.app, owed) == [(world.units["东台"], 2)]
    filing = rows.ask(world.app, "SELECT id FROM filings WHERE acknowledged_at IS NULL")[0][0]
    later = world.at("2026-06-11T10:00:00+08:00")
    assert later.api("射阳 administrator").post(f"/filings/{filing}/acknowledge").status_code == 404
    assert later.api("东台 administrator").post(f"/filings/{filing}/acknowledge").status_code == 200
