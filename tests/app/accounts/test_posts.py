"""Several posts under one number: the switch narrows to one of them, gives nothing, lasts as long as the session."""

from dataclasses import replace
from typing import Any

import pytest
from account_forms import send_with

import factories
from permissions import identity, second_factor, transaction
from permissions.accounts import Account
from permissions.roles import Channel, Role
from rows import ask
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test looks at everybody")


def _unit(world: World, name: str) -> Unit:
    return db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units[name])).scalar_one()


@pytest.fixture
def twice(world: World) -> World:
    """The county's clerk is also chief of 东台: two posts in two units."""
    with world.app.app_context(), transaction.act("tests"):
        clerk = db.session.execute(WHOLE.select(Account).where(Account.id == world.accounts["clerk"])).scalar_one()
        factories.grant(account=clerk, unit=_unit(world, "东台"), role="chief")
        transaction.audit.record("tests:post", "account", clerk.id, _unit(world, "东台"))
    return world


def roles(world: World) -> list[tuple[str, str]]:
    found: Any = world.api("clerk").get("/me").json["roles"]
    return sorted((each["role"], each["unit_id"]) for each in found)


def choose(world: World, name: str | None) -> Any:
    return world.api("clerk")("PUT", "/me/post", {"unit_id": world.units[name] if name else None})


def test_each_post_sees_its_own_unit_and_all_together_see_both(twice):
    here, there = twice.units["射阳"], twice.units["东台"]
    assert [each["unit_id"] for each in twice.api("clerk").get("/me/posts").json["items"]] == [here, there]
    both = roles(twice)
    cadres = {each["id"] for each in twice.api("clerk").get("/cadres").json["items"]}
    assert {twice.cadres["cadre"], twice.cadres["other cadre"]} <= cadres
    assert choose(twice, "东台").json == {"current": there} and roles(twice) == [("chief", there)]
    assert twice.api("clerk").get(f"/cadres/{twice.cadres['cadre']}").status_code == 404
    assert twice.api("clerk").get(f"/cadres/{twice.cadres['other cadre']}").status_code == 200
    body = {"unit_id": here, "ended_on": "2026-06-08", **factories.FIELDS["visits"], "cadre_ids": [
        twice.cadres["cadre"]]}
    assert twice.api("clerk").post("/records/visits", body).status_code in (403, 404), "the clerk's post is put aside"
    assert choose(twice, "射阳").status_code == 200 and roles(twice) == [("clerk", here)]
    assert twice.api("clerk").post("/records/visits", body).status_code == 201
    assert choose(twice, None).json == {"current": None} and roles(twice) == both


def test_it_gives_no_right_and_belongs_to_one_session(twice):
    for name in ("盐城", "合德镇", "南通"):
        assert choose(twice, name).status_code == 422, "no post of mine there"
    before = roles(twice)
    assert choose(twice, "东台").status_code == 200
    fresh = twice.at("2026-06-10T11:00:00+08:00")
    assert roles(fresh) == before, "another session works at all posts"


def test_a_post_that_ends_leaves_the_others(twice):
    assert choose(twice, "东台").status_code == 200
    account = twice.accounts["clerk"]
    grant = ask(twice.app, f"SELECT id FROM grants WHERE account_id = '{account}' AND role = 'chief'")[0][0]  # noqa: S608
    assert twice.api("盐城 administrator").delete(f"/accounts/{account}/grants/{grant}").status_code == 204
    assert roles(twice) == [("clerk", twice.units["射阳"])]
    assert twice.api("clerk").get("/me/posts").json["current"] is None


def test_the_switch_stands_in_the_head_of_whoever_has_several_posts(twice):
    browser = twice.browser("clerk")
    assert 'action="/post"' in browser.get("/desk/").text
    assert 'action="/post"' not in twice.browser("other clerk").get("/desk/").text
    assert send_with(browser, "/post", {"unit_id": twice.units["东台"]}).status_code == 303
    home = browser.get("/desk/").text
    assert "现在办理 东台" in home and 'aria-current="true"' in home
    tree = browser.get("/desk/units").text
    assert f"/desk/units/{twice.units['东台']}" in tree and f"/desk/units/{twice.units['射阳']}" not in tree
    assert send_with(browser, "/post", {"unit_id": twice.units["盐城"]}).status_code == 303
    assert "没有岗位" in browser.get("/desk/").text
    assert send_with(browser, "/post", {"unit_id": ""}).status_code == 303
    assert "一起看" in browser.get("/desk/").text


def test_an_export_is_made_for_the_post_it_was_asked_in(twice):
    assert choose(twice, "东台").status_code == 200
    asked = twice.api("clerk").post("/cadres/export", {"purpose": "核对走访名单"})
    assert asked.status_code == 202, asked.text
    params = ask(twice.app, "SELECT params FROM jobs")[0][0]
    assert twice.units["东台"] in str(params)


def test_an_administrator_owes_the_second_factor_at_every_post(world, monkeypatch):
    with world.app.app_context(), transaction.act("tests"):
        boss = db.session.execute(WHOLE.select(Account).where(
            Account.id == world.accounts["射阳 administrator"])).scalar_one()
        factories.grant(account=boss, unit=_unit(world, "合德镇"), role="clerk")
        transaction.audit.record("tests:post", "account", boss.id, _unit(world, "合德镇"))
        settings = replace(world.app.config["SETTINGS"], second_factor=True)
        monkeypatch.setitem(world.app.config, "SETTINGS", settings)
        whole = identity.principal_of(boss, Channel.pc, clock.today())
        clerk = whole.at_post(world.units["合德镇"])
        assert [each.role for each in clerk.held] == [Role.clerk], "the seat is put aside"
        assert second_factor.demanded(whole) and second_factor.demanded(clerk)
