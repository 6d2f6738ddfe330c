"""Reading the log: inside one's own subtree, superiors unnamed and not to be probed for, nothing sensitive (G6)."""

import json
from typing import Any

import pytest
from sqlalchemy import true
from stage import PARENT, upward

import factories
from app import audit_log, outbox
from permissions import audit, transaction
from rows import ask, count
from second_lock import filter_off, policies_open
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test writes at every unit")
READERS = {"江苏 administrator": "江苏", "盐城 administrator": "盐城", "南通 administrator": "南通",
           "射阳 administrator": "射阳", "东台 administrator": "东台", "合德镇 administrator": "合德镇",
           "射阳教育局 administrator": "射阳教育局", "province auditor": "江苏", "county auditor": "射阳"}
CLOSED = ("clerk", "column clerk", "chief", "reviewer", "nobody", "phone clerk", "cadre", "town cadre")


@pytest.fixture
def written(world: World) -> World:
    """An entry at every unit, by the system."""
    with world.app.app_context(), transaction.act("tests"):
        for name, unit_id in world.units.items():
            unit = db.session.execute(WHOLE.select(Unit).where(Unit.id == unit_id)).scalar_one()
            audit.record("tests:canary", "unit", name, unit)
    return world


def read(world: World, who: str, words: str = "") -> Any:
    """The log as a principal gets it."""
    return world.api(who).get(f"/audit?limit=200{words}")


def places(world: World, who: str, words: str = "") -> set[str]:
    """Names of the units whose canary a principal sees."""
    found = read(world, who, f"&action=tests:canary{words}").json
    assert found["total"] == len(found["items"])
    return {each["object_id"] for each in found["items"]}


@pytest.mark.parametrize("who", READERS)
def test_everybody_reads_their_own_subtree_exactly(written, who):
    seat = READERS[who]
    below = {name for name in PARENT if seat in upward(name)}
    assert places(written, who) == below
    for name in PARENT:
        answer = read(written, who, f"&unit={written.units[name]}&action=tests:canary")
        if name in below:
            assert {each["object_id"] for each in answer.json["items"]} == {
                each for each in below if name in upward(each)}
        else:
            assert answer.status_code == 404


def test_a_reader_with_too_wide_a_scope_is_caught(written, monkeypatch):
    """Planted: the list forgets the scope's clause, and the database's own lock is open too."""
    filter_off(monkeypatch)
    policies_open(monkeypatch)
    assert places(written, "射阳 administrator") != {name for name in PARENT if "射阳" in upward(name)}


@pytest.mark.parametrize("who", CLOSED)
def test_nobody_else_reads_it(written, who):
    assert read(written, who).status_code == 403


def by_the_superior(world: World) -> tuple[str, str]:
    """An entry at 合德镇 by the administrator of 盐城, and one by 射阳's own; the two accounts."""
    path = f"/units/{world.units['合德镇']}"
    assert world.api("盐城 administrator").patch(path, {"name": "合德甲镇"}).status_code == 200
    assert world.api("射阳 administrator").patch(path, {"name": "合德乙镇"}).status_code == 200
    return world.accounts["盐城 administrator"], world.accounts["射阳 administrator"]


def test_a_superior_is_not_named(world):
    above, own = by_the_superior(world)
    entries = read(world, "射阳 administrator", "&action=unit:update").json["items"]
    shown = {(each["actor"], each["actor_name"], each["actor_unit"], each["actor_role"]) for each in entries}
    assert shown == {(None, None, None, "administrator"),
                     (own, "射阳管理员", world.units["射阳"], "administrator")}
    town = read(world, "合德镇 administrator", "&action=unit:update")
    assert {each["actor"] for each in town.json["items"]} == {None}
    for secret in (above, own, "盐城管理员", "射阳管理员", world.units["盐城"]):
        assert secret not in town.text
    assert above in read(world, "盐城 administrator", "&action=unit:update").text


def test_a_superior_cannot_be_probed_for(world):
    above, own = by_the_superior(world)
    assert read(world, "射阳 administrator", f"&actor={own}&action=unit:update").json["total"] == 1
    nobody = read(world, "射阳 administrator", f"&actor={'A' * 22}")
    for foreign in (above, world.accounts["东台 administrator"], world.accounts["province auditor"]):
        probed = read(world, "射阳 administrator", f"&actor={foreign}")
        assert (probed.status_code, probed.json) == (200, nobody.json)
    assert read(world, "盐城 administrator", f"&actor={above}&action=unit:update").json["total"] == 1


def test_probing_is_caught_when_the_filter_forgets_the_scope(world, monkeypatch):
    """Planted: any actor may be asked for."""
    above, _own = by_the_superior(world)
    monkeypatch.setattr(audit_log, "_known", lambda _scope: true())
    assert read(world, "射阳 administrator", f"&actor={above}").json["total"] > 0


def test_entries_follow_their_unit_and_keep_where_it_hung(written):
    world = written
    before = {row[0] for row in ask(world.app, "SELECT unit_path FROM audit_entries WHERE object_id = '合德敬老院'")}
    moved = world.api("盐城 administrator").post(f"/units/{world.units['合德敬老院']}/move",
                                               {"parent_id": world.units["安丰镇"]})
    assert moved.status_code == 200
    assert "合德敬老院" in places(world, "东台 administrator")
    assert "合德敬老院" not in places(world, "射阳 administrator")
    assert {row[0] for row in ask(world.app, "SELECT unit_path FROM audit_entries WHERE object_id = '合德敬老院'")
            } == before


def test_filters_pages_and_days(written):
    day = "&from=2026-06-10&to=2026-06-10"
    assert read(written, "射阳 administrator", day).json["total"] > 0
    for words in ("&from=2026-06-11", "&to=2026-06-09", "&action=no:such"):
        assert read(written, "射阳 administrator", words).json["total"] == 0
    for words in ("&nothing=1", "&actor=x", "&from=yesterday", "&unit=x", "&action=a&action=b"):
        assert read(written, "射阳 administrator", words).status_code == 400
    api, seen, cursor = written.api("盐城 administrator"), [], ""
    while cursor is not None:
        page = api.get(f"/audit?limit=2&action=tests:canary{'&cursor=' + cursor if cursor else ''}").json
        seen += [each["id"] for each in page["items"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == len([name for name in PARENT if "盐城" in upward(name)])


def test_reading_is_logged_with_what_was_asked(world):
    before = count(world.app, "audit_entries", "action = 'audit:read'")
    read(world, "county auditor", "&action=unit:update")
    read(world, "county auditor", "&unit=x")
    rows = read(world, "射阳 administrator", "&action=audit:read").json["items"]
    assert len(rows) == before + 1
    assert rows[0]["after"] == {"limit": "200", "action": "unit:update"}
    assert rows[0]["actor"] == world.accounts["county auditor"]


def test_the_log_holds_no_number_no_password_and_no_sensitive_value(world):
    """G2: after accounts, files and passwords have come and gone, their values stand nowhere in the log."""
    api, phone, number = world.api("射阳 administrator"), "19912340000", factories.id_number(serial=421)
    opened = api.post("/accounts", {"unit_id": world.units["射阳"], "kind": "staff", "name": "周洁", "phone": phone,
                                    "employment": "full_time", "pc_grant": True})
    api.post(f"/accounts/{opened.json['id']}/resend")
    cadre = api.post("/cadres", {"unit_id": world.units["射阳"], "name": "孙老", "id_number": number,
                                 "retirement_type": "tuixiu", "mobile": "19912349999", "address": "秘密路九号",
                                 "health_status": "3"})
    assert cadre.status_code == 201, cadre.text
    changed = api.patch(f"/cadres/{cadre.json['id']}", {"address": "更秘密的路", "mobile": "19912348888"})
    assert changed.status_code == 200, changed.text
    world.api(None).post("/sessions", {"phone": phone, "password": "guessed-word-1", "channel": "pc"})
    with world.app.app_context():
        outbox.drain()
        words = [json.loads(line)["params"]["password"] for line in
                 outbox.sms_file().read_text(encoding="utf-8").splitlines()]
    dump = "\n".join(repr(row) for row in ask(world.app, "SELECT * FROM audit_entries"))
    assert words and "account:open" in dump and "cadre:update" in dump
    for secret in (phone, number, "19912349999", "19912348888", "秘密路九号", "更秘密的路", "guessed-word-1", *words):
        assert secret not in dump, secret
