"""Whatever changes rights or the tree wants a password not older than a quarter of an hour, on every way in (C11)."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.schemas.rights import ASKED
from permissions import guard, sessions, table
from permissions.actions import Action
from world import World

SAFE = {"GET", "HEAD", "OPTIONS"}
# Written down a second time: the acts of issue "rights changes, unmasking, bulk export", with the tree they hang on.
WEIGHTY = {
    "account:open", "account:update", "administrator:appoint", "administrator:nominate", "administrator:remove",
    "cadre:export", "cadre:import", "cadre:unmask", "grant:create", "grant:delete", "record:export", "unit:close",
    "unit:move", "unit:open", "unit:update",
}


def _ways(app: Flask) -> Iterator[tuple[str, str, guard.Mark]]:
    for rule in app.url_map.iter_rules():
        mark = app.view_functions[rule.endpoint].__guard__  # type: ignore[attr-defined]
        for method in sorted((rule.methods or set()) - SAFE):
            yield method, _filled(app, rule), mark


def _filled(app: Flask, rule: Rule) -> str:
    parts = {name: _part(rule, name) for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, parts)


def _part(rule: Rule, name: str) -> str:
    kept = getattr(rule._converters[name], "items", None)  # one of several words
    return sorted(kept)[0] if kept else "x" * 22


def _unasked(world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], int]:
    """The weighty ways that did not ask an owner who was last seen an hour ago; and how many were tried."""
    monkeypatch.setattr(sessions, "proved", lambda *_told: False)
    monkeypatch.setitem(world.app.config, "WTF_CSRF_ENABLED", False)
    api, page = world.api("盐城 administrator"), world.browser("盐城 administrator")
    silent, tried = [], 0
    for method, path, mark in _ways(world.app):
        if mark.action is None or mark.action.value not in WEIGHTY:
            continue
        tried += 1
        if path.startswith("/api/v1"):
            answer = api(method, path.removeprefix("/api/v1"), {})
            asked = answer.status_code == 403 and answer.json["code"] == "proof_required"
        else:
            answer = page.open(path, method=method)
            asked = answer.status_code == 403 and "请再输一次密码" in answer.text
        if not asked:
            silent.append(f"{method} {path}: {answer.status_code}")
    return silent, tried


def test_every_way_to_a_right_asks_on_both_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    silent, tried = _unasked(world, monkeypatch)
    assert silent == []
    assert tried >= 80


def test_the_class_is_the_table() -> None:
    assert {action.value for action in table.PROVED} == WEIGHTY
    assert table.GIVES_RIGHTS <= table.PROVED, "whatever ends in a right is proved"


@pytest.mark.parametrize("action", [Action.UNIT_CLOSE, Action.UNIT_MOVE, Action.UNIT_OPEN, Action.UNIT_UPDATE])
def test_an_action_left_out_would_be_seen(world: World, monkeypatch: pytest.MonkeyPatch, action: Action) -> None:
    """Planted: one of them is forgotten in the table."""
    monkeypatch.setattr(table, "PROVED", table.PROVED - {action})
    assert _unasked(world, monkeypatch)[0]


def test_a_merging_filled_in_wrongly_stands_in_the_log(world: World) -> None:
    before = world.api("province auditor").get("/audit?action=unit:open").json["total"]
    into, other = world.units["合德镇"], world.units["东台"]
    answer = world.api("盐城 administrator").post(f"/units/{into}/merge", {"unit_ids": [other], "role": "chief"})
    assert answer.status_code == 422
    told = world.api("province auditor").get("/audit?action=unit:open").json
    assert told["total"] == before + 1 and told["items"][0]["result"] == "refused"


def test_the_page_and_the_api_tell_verdict_origin_rule_and_proof_for_every_action(world: World) -> None:
    boss, clerk = world.api("盐城 administrator"), world.accounts["clerk"]
    page = world.browser("盐城 administrator")
    assert set(ASKED) >= WEIGHTY and len(ASKED) == len(set(Action) - {Action.OPINION_LEAVE, Action.OWN_FILE_READ})
    for action in ASKED:
        told = boss.get(f"/accounts/{clerk}/explain", query_string={"action": action})
        assert told.status_code == 200 and told.json["rule"], action
        assert told.json["proof"] is (action in WEIGHTY), action
        assert len(told.json["ends"]) == 2
        assert all(each["reasons"] and all(ground["origin"] for ground in each["reasons"])
                   for each in told.json["ends"]), action
        shown = page.get("/desk/why", query_string={"account": clerk, "action": action}).text
        may = [each["passes"] for each in told.json["ends"]]
        assert shown.count("notice-good") == sum(may) and "规则：谁可以" in shown and "授权来源" in shown, action
        assert ("超过 15 分钟" in shown) is (action in WEIGHTY), action


def test_the_command_tells_chain_and_rule_for_every_action(world: World) -> None:
    runner = world.app.test_cli_runner()
    for action in Action:
        said = runner.invoke(args=["who-can", action.value, "320924"])
        lines = said.output.splitlines()
        assert said.exit_code == 0 and lines[-1].startswith(f"# {action.value} @ 射阳: "), said.output
        assert "rule: " in lines[-1] and ("15 minutes" in lines[-1]) is (action.value in WEIGHTY)
        people = [place for place, line in enumerate(lines) if "\t" in line]
        assert all(lines[place + 1].startswith("    <- ") for place in people), action
        assert people or lines[-1].partition(": ")[2].startswith("nobody"), action
