"""Nobody gives a right he does not hold, by any path there is (B2); every action is judged, does it end in a right."""

from collections.abc import Iterator
from random import Random

import pytest
from doing import Doing
from flask import Flask
from ground import Ground, cheap_passwords, grow
from paths import Sweep, Unfilled, Way, ways

import app.administration.seats as seats
from permissions import giving, guard, needs, table
from permissions.accounts import Account
from permissions.actions import Action
from permissions.roles import Role
from tenants.db import db
from tenants.scope import Scope

# What ends in no right, opens no end and moves nothing that rights hang on. A new action stands here or in the table.
NO_RIGHT = {
    "account:read", "administrator:read", "audit:read", "cadre:create", "cadre:export", "cadre:read", "cadre:unmask",
    "cadre:update", "calendar:update", "deadline:explain", "filing:acknowledge", "filing:read", "grant:read",
    "nomination:read", "opinion:answer", "opinion:leave", "opinion:read", "own_file:read",
    "record:confirm", "record:create",
    "record:delete", "record:export", "record:extend", "record:oversee", "record:read", "record:reopen",
    "record:update", "report:freeze", "report:timeliness", "rule:update", "unit:read",
}
SEED = 11


@pytest.fixture
def ground(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """An empty database to grow a province in; forms as the pages would send them."""
    cheap_passwords(monkeypatch)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    made = Ground(app)
    yield made
    made.close()


def callers(doing: Doing) -> list[str]:
    """At a PC: an administrator of the middle of the tree, and somebody with a right but no seat."""
    rules = doing.made.rules
    at_pc = [name for name, each in rules.sessions.items()
             if each.channel == "pc" and rules.accounts[each.account].lives and rules.accounts[each.account].pc]
    seated = [name for name in at_pc if 2 <= len(rules.reach(name, "appoint")) < len(rules.units) - 2]
    granted = [name for name in at_pc if rules.seat_of(rules.sessions[name].account) is None
               and rules.rights(rules.sessions[name].account, "pc")]
    return [seated[0], granted[0]]


def got_through(doing: Doing, wanted: list[Way]) -> tuple[list[str], int, int]:
    """What was given and should not have been; how many were tried, how many changed something."""
    found, tried, accepted = [], 0, 0
    for who in callers(doing):
        sweep = Sweep(doing, who)
        for way in wanted:
            found += list(sweep.through(way, Random(f"{way.rule.rule} {way.method}")))
        tried, accepted = tried + sweep.tried, accepted + sweep.accepted
    return found, tried, accepted


def test_no_path_gives_what_is_not_held(ground, engine_name, capsys):
    doing = Doing.begin(ground, grow(ground, SEED))
    every = ways(doing)
    found, tried, accepted = got_through(doing, [way for way in every if way.gives])
    assert found == []
    assert accepted > 20, "what is his to give is given"
    with capsys.disabled():
        print(f"\n{engine_name}: {tried} tries on the {sum(way.gives for way in every)} ways that end in a right, "  # noqa: T201
              f"{accepted} gave what was theirs to give, 0 gave anything else")


def test_nothing_else_gives_a_right_at_all(ground):
    doing = Doing.begin(ground, grow(ground, SEED))
    others = [way for way in ways(doing) if not way.gives and way.mark.kind == "guarded"]
    found, tried, _accepted = got_through(doing, others)
    assert found == []
    assert tried > 300


def test_every_action_is_judged():
    known = {action.value for action in table.GIVES_RIGHTS}
    assert known | NO_RIGHT == {action.value for action in Action}, "does the new action end in a right?"
    assert not known & NO_RIGHT


def everybody_gives(patch: pytest.MonkeyPatch) -> str:
    """Planted: everything is in sight, the table lets everything be handed out, and single rights are not asked."""
    patch.setattr(guard, "sight", lambda *_told, **_more: Scope.everything("a planted fault"))
    patch.setattr(needs, "may_hand_out", lambda *_told: True)
    patch.setattr(giving, "_check_home", lambda *_told: None)
    patch.setattr(needs, "require", lambda *_told: None)
    return "grants"


def by_the_way(patch: pytest.MonkeyPatch) -> str:
    """Planted: a removal leaves the remover an auditor of the unit above: a path nobody thought of."""
    real = seats.remove

    def remove(unit, account_id, **more):
        real(unit, account_id, **more)
        everywhere = Scope.everything("a planted fault")
        account = db.session.execute(everywhere.select(Account).where(Account.id == account_id)).scalar_one()
        db.session.add(giving.Grant(account_id=account.id, unit_id=unit.id, unit_number=unit.number,
                                    role=Role.auditor.value, channel="both", given_at=account.opened_at))
        account.pc_grant = True
        db.session.add(giving.Grant(account_id=giving.audit.acting().principal.account.id, unit_id=unit.id,
                                    unit_number=unit.number, role="chief", channel="both",
                                    given_at=account.opened_at))
        db.session.flush()

    patch.setattr(seats, "remove", remove)
    return "administrators/<account_id>"


@pytest.mark.parametrize("plant", [everybody_gives, by_the_way])
def test_a_planted_path_is_seen(ground, monkeypatch, plant):
    doing = Doing.begin(ground, grow(ground, SEED))
    part = plant(monkeypatch)
    found, _tried, _accepted = got_through(doing, [way for way in ways(doing) if part in way.rule.rule])
    assert found


def test_a_part_nobody_can_fill_is_noticed(ground):
    doing = Doing.begin(ground, grow(ground, SEED))
    way = next(way for way in ways(doing) if "grant_id" in way.rule.arguments)
    sweep = Sweep(doing, callers(doing)[0])
    with pytest.raises(Unfilled):
        sweep._part("something_new", way.rule, "u0", "a0", Random(1))
