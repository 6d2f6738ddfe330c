"""The holes of others replayed (must show 3): each request refused, each refusal in the log, not one row changed."""

import pytest
from flask import Flask
from known_holes import COUNTY, HOLES, TOWN, Hole

import app.administration.accounts as accounts
from permissions import guard, needs, table
from rows import ask, count, digests
from world import World

LOG = ("audit_entries", "idempotency_keys", "login_sessions")


@pytest.fixture
def forms_without_token(store: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms are sent as the pages would send them; the token against foreign pages is proved elsewhere."""
    application: Flask = store.app  # type: ignore[attr-defined]
    monkeypatch.setitem(application.config, "WTF_CSRF_ENABLED", False)


def replay(world: World, hole: Hole) -> tuple[list[str], int]:
    """What went through or left no line in the log, and how many requests were sent."""
    through, sent = [], 0
    for each in hole.tries(world):
        lines = count(world.app, "audit_entries", "result = 'refused'")
        status, text = each.send(world)
        sent += 1
        if status not in (400, 403, 404, 409, 422):
            through.append(f"{each}: {status} {text[:120]}")
        elif count(world.app, "audit_entries", "result = 'refused'") != lines + 1:
            through.append(f"{each}: {status}, and not one line in the log")
    return through, sent


@pytest.mark.usefixtures("forms_without_token")
@pytest.mark.parametrize("hole", HOLES, ids=lambda hole: hole.name.replace(" ", "_"))
def test_a_hole_of_others_is_closed_and_whoever_tries_is_written_down(world, capsys, engine_name, hole):
    before = digests(world.app, but=LOG)
    through, sent = replay(world, hole)
    assert through == []
    assert digests(world.app, but=LOG) == before
    with capsys.disabled():
        print(f"\n{engine_name}: {hole.name}: {sent} requests refused, {sent} lines in the log, 0 rows changed")  # noqa: T201
    said = ask(world.app, "SELECT DISTINCT actor IS NULL, action FROM audit_entries WHERE result = 'refused'")
    assert said
    assert not any(nameless for nameless, _action in said)


def test_rights_taken_are_gone_at_the_next_request(world):
    """RuoYi 2026-04: whoever was online kept what had been taken; and its empty condition, which meant everything."""
    path = f"/units/{world.units['合德镇']}/administrators/{world.accounts[TOWN]}"
    assert world.api(TOWN).get("/accounts").status_code == 200
    assert world.api(COUNTY).delete(path).status_code == 204
    for what in ("/accounts", "/units", "/cadres", "/records/visits", "/filings", "/audit"):
        assert world.api(TOWN).get(what).status_code == 403, what


def asked_of_nobody(patch: pytest.MonkeyPatch) -> None:
    """Planted: what is seen may be done."""
    patch.setattr(needs, "require", lambda *_told: None)


def over_anybody(patch: pytest.MonkeyPatch) -> None:
    """Planted: one's own account and a fellow's are like any other."""
    patch.setattr("permissions.giving.check_person", lambda *_told: None)
    patch.setattr(accounts, "require_over", lambda account, *_told: accounts.unit_of(account))


def unlogged(patch: pytest.MonkeyPatch) -> None:
    """Planted: refusals are forgotten."""
    patch.setattr(guard, "log_refusal", lambda _refusal: None)


def mistyped_unlogged(patch: pytest.MonkeyPatch) -> None:
    """Planted: what was slipped into a body is taken for a slip."""
    patch.setattr(table, "GIVES_RIGHTS", frozenset())


@pytest.mark.usefixtures("forms_without_token")
@pytest.mark.parametrize("plant", [asked_of_nobody, over_anybody, unlogged, mistyped_unlogged])
def test_an_open_hole_is_seen(world, monkeypatch, plant):
    plant(monkeypatch)
    assert any(replay(world, hole)[0] for hole in HOLES[1:3] + HOLES[5:6])
