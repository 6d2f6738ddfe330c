"""Every act of management × every position: nobody reaches up, aside or to themselves (第六条, B1, B2, B5)."""

import pytest
from stage import ACTS, PARENT, Stage, allowed, set_stage

import factories
from permissions import guard, needs, table, transaction
from permissions.accounts import Account
from permissions.actions import Action
from rows import count, digests
from tenants import tree
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test looks at everybody")
LOG = ("audit_entries",)
SEATS = ("江苏", "盐城", "射阳", "合德镇", "射阳教育局")
OTHERS = ("province auditor", "county auditor", "clerk", "phone clerk", "column clerk", "chief", "reviewer", "nobody",
          "cadre")


@pytest.fixture
def stage(world: World) -> Stage:
    """The named province with somebody to act on everywhere."""
    return set_stage(world)


def sweep_refused(stage: Stage, principal: str, seat: str | None) -> tuple[list[str], int]:
    """Try everything that is not allowed; what got through, and how many were tried."""
    api, through, tried = stage.world.api(principal), [], 0
    for name in PARENT if seat is not None else ("江苏", "盐城", "射阳", "东台", "合德镇", "合德敬老院"):
        for act, (_reach, do) in ACTS.items():
            if seat is not None and allowed(act, seat, name):
                continue
            answer = do(stage, api, name)
            tried += 1
            if answer.status_code not in (403, 404):
                through.append(f"{principal}: {act} at {name}: {answer.status_code}")
    return through, tried


def test_no_administrator_reaches_beyond_their_subtree(stage):
    before = digests(stage.world.app, but=LOG)
    through, tried = [], 0
    for seat in SEATS:
        found, asked = sweep_refused(stage, f"{seat} administrator", seat)
        through, tried = through + found, tried + asked
    assert through == []
    assert tried > 1_000
    assert digests(stage.world.app, but=LOG) == before
    refused = count(stage.world.app, "audit_entries", "result = 'refused'")
    assert refused == tried, "every refusal stands in the log"


def test_nobody_else_manages_anything(stage):
    """Roles that only read may see what the table gives them; everything that changes something is closed to them."""
    before = digests(stage.world.app, but=LOG)
    reading = {"see administrators", "see the log"}
    for principal in OTHERS:
        through, _tried = sweep_refused(stage, principal, None)
        assert [each for each in through if each.split(": ")[1].split(" at ")[0] not in reading] == []
        assert not through or principal in ("province auditor", "county auditor", "chief")
    assert digests(stage.world.app, but=LOG) == before


def test_allow_is_as_exact_as_deny(stage):
    """A17: what the rule gives an administrator, every act at every unit below, is done."""
    api = stage.world.api("射阳 administrator")
    refused = []
    for act, (_reach, do) in ACTS.items():
        for name in PARENT:
            if act == "close" and name in ("合德镇", "黄沙港镇"):
                continue  # the others need a place to go
            if act == "acknowledge" and PARENT[name] in ("合德镇", "射阳教育局"):
                continue  # their own superiors have an administrator, who answers
            if allowed(act, "射阳", name):
                answer = do(stage, api, name)
                if answer.status_code not in (200, 201, 204):
                    refused.append(f"{act} at {name}: {answer.status_code} {answer.text}")
    assert refused == []


def everybody_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: objects are found in the whole tree and the right is not asked."""
    monkeypatch.setattr(guard, "sight", lambda *_told, **_more: WHOLE)
    monkeypatch.setattr(needs, "require", lambda *_told: None)


def own_unit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: strictly below includes one's own unit."""
    for action in (Action.ADMINISTRATOR_APPOINT, Action.UNIT_UPDATE):
        monkeypatch.setitem(table.TABLE, action, (*table.TABLE[action][:4], table.B, table.Reach.NO))


def path_by_half(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: permissions are asked of everybody in the province's path."""
    real = tree.ancestor_ids
    monkeypatch.setattr(needs.tree, "ancestor_ids", lambda path: [*real(path)] + [
        unit.id for unit in db.session.execute(WHOLE.select(Unit).where(Unit.depth == 3)).scalars()])


@pytest.mark.parametrize("plant", [everybody_seen, own_unit_too, path_by_half])
def test_a_planted_fault_is_caught_by_the_sweep(stage, monkeypatch, plant):
    plant(monkeypatch)
    through, _tried = sweep_refused(stage, "射阳 administrator", "射阳")
    assert through


def fellow(world: World) -> tuple[str, str]:
    """A second administrator of 射阳, and a grant they hold."""
    with world.app.app_context(), transaction.act("tests"):
        county = db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()
        account = factories.administrator(unit=county, name="同级")
        grant = factories.grant(account=account, unit=county, role="clerk")
        transaction.audit.record("tests:fellow", "account", account.id, county)
        return str(account.id), str(grant.id)


def test_nobody_changes_their_own_account_rights_or_seat(world):
    colleague, grant = fellow(world)
    api, county = world.api("射阳 administrator"), world.units["射阳"]
    before = digests(world.app, but=LOG)
    for account in (world.accounts["射阳 administrator"], colleague):
        for role in ("clerk", "chief", "reviewer", "auditor"):
            for unit in ("射阳", "合德镇"):
                given = api.post(f"/accounts/{account}/grants", {"role": role, "unit_id": world.units[unit]})
                assert given.status_code == 403, (role, given.text)
        for verb in ("suspend", "reactivate", "resend"):
            assert api.post(f"/accounts/{account}/{verb}").status_code == 403
        assert api.patch(f"/accounts/{account}", {"trained_on": "2026-01-01"}).status_code == 403
        assert api.delete(f"/units/{county}/administrators/{account}").status_code == 403
        assert api.post(f"/units/{county}/administrators", {"account_id": account}).status_code == 403
        below = api.post(f"/units/{world.units['合德镇']}/administrators", {"account_id": account})
        assert below.status_code in (403, 422)
    assert api.delete(f"/accounts/{colleague}/grants/{grant}").status_code == 403
    assert digests(world.app, but=LOG) == before


def test_the_superior_may_what_the_fellow_may_not(world):
    account, _grant = fellow(world)
    api = world.api("盐城 administrator")
    assert api.post(f"/accounts/{account}/grants", {"role": "chief", "unit_id": world.units["射阳"]}).status_code == 201
    assert api.patch(f"/accounts/{account}", {"trained_on": "2026-01-01"}).status_code == 200
    assert api.post(f"/accounts/{account}/resend").status_code == 200
    assert api.post(f"/accounts/{account}/suspend").json["code"] == "still_seated"
    assert api.delete(f"/units/{world.units['射阳']}/administrators/{account}").status_code == 204
    assert api.post(f"/accounts/{account}/suspend").status_code == 200


def test_a_superior_s_people_are_not_even_seen(world):
    api = world.api("射阳 administrator")
    for who in ("盐城 administrator", "江苏 administrator", "东台 administrator", "province auditor", "other clerk"):
        account = world.accounts[who]
        assert api.get(f"/accounts/{account}").status_code == 404
        assert api.post(f"/accounts/{account}/resend").status_code == 404
        given = api.post(f"/accounts/{account}/grants", {"role": "clerk", "unit_id": world.units["射阳"]})
        assert given.status_code == 404
        seated = api.post(f"/units/{world.units['合德镇']}/administrators", {"account_id": account})
        assert seated.status_code == 422 and "第七条" not in seated.text


@pytest.mark.parametrize("role", ["administrator", "cadre", "superuser", "", None, 1, ["clerk"]])
def test_what_is_no_grantable_role_is_no_field_of_a_grant(world, role):
    path = f"/accounts/{world.accounts['nobody']}/grants"
    given = world.api("射阳 administrator").post(path, {"role": role, "unit_id": world.units["射阳"]})
    assert (given.status_code, list(given.json["fields"])) == (422, ["role"])


def test_moving_needs_the_right_at_both_ends(world):
    """B5: out of one's subtree, into it, beside or above oneself: nothing of it."""
    api = world.api("射阳 administrator")
    tries = [("合德敬老院", "安丰镇"), ("安丰镇", "射阳"), ("合德镇", "盐城经开区"), ("射阳", "南通"),
             ("东台", "盐城"), ("盐城", "南通"), ("合德敬老院", "省直片组"), ("省直下属", "合德镇")]
    before = digests(world.app, but=LOG)
    for unit, parent in tries:
        moved = api.post(f"/units/{world.units[unit]}/move", {"parent_id": world.units[parent]})
        assert moved.status_code in (403, 404), (unit, parent, moved.text)
        closed = api.post(f"/units/{world.units[unit]}/close", {"successor_id": world.units[parent]})
        assert closed.status_code in (403, 404), (unit, parent, closed.text)
    assert digests(world.app, but=LOG) == before


def test_a_merge_hands_no_right_to_anybody(world):
    """A right given at a unit ends with it: the administrator who merges gains none, nor does anybody else (B2)."""
    with world.app.app_context(), transaction.act("tests"):
        town = db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units["合德镇"])).scalar_one()
        mine = db.session.execute(WHOLE.select(Account).where(
            Account.id == world.accounts["射阳 administrator"])).scalar_one()
        factories.grant(account=mine, unit=town, role="clerk")
        transaction.audit.record("tests:given", "account", mine.id, town)
    api = world.api("射阳 administrator")
    roles = {(role["role"], role["unit_id"]) for role in api.get("/me").json["roles"]}
    assert ("clerk", world.units["合德镇"]) in roles
    api.post(f"/units/{world.units['合德敬老院']}/move", {"parent_id": world.units["黄沙港镇"]})
    closed = api.post(f"/units/{world.units['合德镇']}/close", {"successor_id": world.units["黄沙港镇"]})
    assert closed.status_code == 200, closed.text
    assert {(role["role"], role["unit_id"]) for role in api.get("/me").json["roles"]} == {
        ("administrator", world.units["射阳"])}
    assert world.api("town clerk").get("/me").json["roles"] == []
    assert world.api("合德镇 administrator").get("/me").json["roles"] == []
