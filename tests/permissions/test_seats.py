"""Administrators' seats and their filings (第七条): who may sit, what is filed with whom, and all of it or nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

import factories
from app.administration import seats
from permissions import audit, transaction
from permissions.accounts import Account
from rows import ask, count, digests, run
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test looks at everybody")
KEPT = ("administrators", "filings", "audit_entries")


def person(world: World, name: str, **more: Any) -> str:
    """A staff member of a unit who may be seated, unless told otherwise."""
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units[name])).scalar_one()
        account = factories.staff(unit=unit)
        for field, value in more.items():
            setattr(account, field, value)
        transaction.audit.record("tests:person", "account", account.id, unit)
        return str(account.id)


def seat(world: World, who: str, name: str, account: str) -> Any:
    """Appoint over the API."""
    return world.api(f"{who} administrator").post(f"/units/{world.units[name]}/administrators",
                                                  {"account_id": account})


def filed(world: World, account: str) -> list[tuple[Any, ...]]:
    """act, receiver, acknowledged by, of everything filed about an account."""
    names = {unit_id: name for name, unit_id in world.units.items()}
    people = {account_id: who for who, account_id in world.accounts.items()}
    rows = ask(world.app, "SELECT account_id, act, receiver_unit_id, acknowledged_by, acknowledged_at FROM filings "
                          "ORDER BY filed_at, id")
    return [(act, names[str(receiver)], people.get(str(by)), at is not None)
            for whom, act, receiver, by, at in rows if whom == account]


def test_the_superior_s_own_act_is_acknowledged_by_acting(world):
    account = person(world, "合德镇")
    made = seat(world, "射阳", "合德镇", account)
    assert (made.status_code, made.json["seat"], made.json["account_id"]) == (201, 2, account)
    api = world.api("射阳 administrator")
    assert api.delete(f"/units/{world.units['合德镇']}/administrators/{account}").status_code == 204
    mine = "射阳 administrator"
    assert sorted(filed(world, account)) == [("appoint", "射阳", mine, True), ("remove", "射阳", mine, True)]


def test_an_act_from_higher_up_waits_for_the_superior_s_word(world):
    account = person(world, "合德镇")
    assert seat(world, "盐城", "合德镇", account).status_code == 201
    assert filed(world, account) == [("appoint", "射阳", None, False)]
    waiting = world.api("射阳 administrator").get("/filings?acknowledged=false").json
    assert [each["account_id"] for each in waiting["items"]] == [account]
    path = f"/filings/{waiting['items'][0]['id']}/acknowledge"
    assert world.api("合德镇 administrator").post(path).status_code == 403
    assert world.api("东台 administrator").post(path).status_code == 404
    assert world.api("county auditor").post(path).status_code == 403
    done = world.api("射阳 administrator").post(path)
    assert done.status_code == 200 and done.json["acknowledged_by"] == world.accounts["射阳 administrator"]
    again = world.api("射阳 administrator").post(path)
    assert (again.status_code, again.json["code"]) == (409, "already_acknowledged")
    assert world.api("射阳 administrator").get("/filings?acknowledged=false").json["total"] == 0


def test_only_the_superior_s_own_administrators_acknowledge(world):
    """盐城 appointed in 合德镇 past 射阳: the word is 射阳's; without anybody there it is the next above's, 盐城's."""
    assert seat(world, "江苏", "合德镇", person(world, "合德镇")).status_code == 201
    (waiting,) = world.api("射阳 administrator").get("/filings?acknowledged=false").json["items"]
    path = f"/filings/{waiting['id']}/acknowledge"
    assert [world.api(f"{who} administrator").post(path).status_code for who in ("盐城", "江苏")] == [403, 403]
    run(world.app, f"DELETE FROM administrators WHERE unit_id = '{world.units['射阳']}'")  # noqa: S608
    assert [world.api(f"{who} administrator").post(path).status_code for who in ("江苏", "盐城")] == [403, 200]


def test_a_filing_goes_along_with_a_unit_that_moves(world):
    assert seat(world, "盐城", "合德镇", person(world, "合德镇")).status_code == 201
    moved = world.api("盐城 administrator").post(f"/units/{world.units['合德镇']}/move",
                                               {"parent_id": world.units["东台"]})
    assert moved.status_code == 200, moved.text
    (waiting,) = world.api("东台 administrator").get("/filings?acknowledged=false").json["items"]
    path = f"/filings/{waiting['id']}/acknowledge"
    assert [world.api(f"{who} administrator").post(path).status_code for who in ("射阳", "东台")] == [404, 200]


def test_the_province_files_to_itself(world):
    account = person(world, "江苏")
    with world.app.app_context(), transaction.act("bootstrap"):
        root = db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units["江苏"])).scalar_one()
        who = db.session.execute(WHOLE.select(Account).where(Account.id == account)).scalar_one()
        seats.seat_in(root, who, by=None)
        audit.record("administrator:appoint", "administrator", account, root)
    assert filed(world, account) == [("appoint", "江苏", None, True)]


@pytest.mark.parametrize("more", [
    {"on_establishment": False}, {"in_service": False}, {"trained_on": None}, {"state": "suspended"},
    {"state": "closed"},
])
def test_who_is_not_eligible_is_told_the_article(world, more):
    account = person(world, "合德镇", **more)
    before = digests(world.app, but=["audit_entries"])
    made = seat(world, "射阳", "合德镇", account)
    assert made.status_code == 422
    said = " ".join(made.json["fields"]["account_id"])
    assert "第七条" in said or ("state" in more and "停用" in said)
    assert digests(world.app, but=["audit_entries"]) == before


@pytest.mark.parametrize("who", ["射阳 administrator", "clerk", "cadre", "town cadre", "other clerk",
                                 "province auditor"])
def test_only_the_unit_s_own_staff_are_seated_there(world, who):
    made = seat(world, "盐城", "合德镇", world.accounts[who])
    assert made.status_code == 422 and list(made.json["fields"]) == ["account_id"]
    assert count(world.app, "filings", "acknowledged_at IS NULL") == 0


def test_the_third_is_refused_and_a_place_freed_is_a_place(world):
    accounts = [person(world, "合德镇") for _ in range(3)]
    assert seat(world, "射阳", "合德镇", accounts[0]).json["seat"] == 2
    full = seat(world, "射阳", "合德镇", accounts[1])
    assert (full.status_code, full.json["code"]) == (409, "seats_full") and "第七条" in full.json["message"]
    assert seat(world, "射阳", "合德镇", accounts[0]).json["code"] == "already_seated"
    path = f"/units/{world.units['合德镇']}/administrators/{world.accounts['合德镇 administrator']}"
    assert world.api("射阳 administrator").delete(path).status_code == 204
    assert world.api("射阳 administrator").delete(path).status_code == 404
    assert seat(world, "射阳", "合德镇", accounts[2]).json["seat"] == 1


def test_a_removed_administrator_has_no_right_at_the_next_request(world):
    town = world.api("合德镇 administrator")
    assert town.get("/accounts").status_code == 200
    path = f"/units/{world.units['合德镇']}/administrators/{world.accounts['合德镇 administrator']}"
    assert world.api("射阳 administrator").delete(path).status_code == 204
    assert town.get("/accounts").json["code"] == "forbidden"
    assert town.get("/me").json["roles"] == []


def test_a_seated_administrator_is_removed_before_being_suspended(world):
    path = f"/accounts/{world.accounts['合德镇 administrator']}/suspend"
    assert world.api("射阳 administrator").post(path).json["code"] == "still_seated"


def test_a_closed_unit_has_no_administrators_and_its_removals_are_filed(world):
    account = person(world, "黄沙港镇")
    seat(world, "射阳", "黄沙港镇", account)
    closed = world.api("射阳 administrator").post(f"/units/{world.units['黄沙港镇']}/close",
                                                {"successor_id": world.units["合德镇"]})
    assert closed.status_code == 200, closed.text
    assert [each[0] for each in filed(world, account)].count("remove") == 1
    assert seat(world, "射阳", "黄沙港镇", account).json["code"] == "closed"


@contextmanager
def breaking(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> Iterator[None]:
    """A function that fails, as if the process died there."""
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, lambda *_told, **_more: (_ for _ in ()).throw(OSError("died here")))
        yield


CHANGES: dict[str, Callable[[World, str, str], Any]] = {
    "appoint": lambda world, fresh, _sitting: seat(world, "射阳", "合德镇", fresh),
    "remove": lambda world, _fresh, sitting: world.api("射阳 administrator").delete(
        f"/units/{world.units['合德镇']}/administrators/{sitting}"),
    "close": lambda world, _fresh, _sitting: world.api("射阳 administrator").post(
        f"/units/{world.units['合德镇']}/close", {"successor_id": world.units["黄沙港镇"]}),
}
DEATHS = [(seats, "_file"), (audit, "record"), (seats.tree, "superior"), (seats, "_sits_in")]


@pytest.mark.parametrize("change", CHANGES)
def test_seat_filing_and_entry_are_written_together_or_not_at_all(world, monkeypatch, change):
    """B9, G3: died between the seat and its filing, between the filing and the entry, or before the commit."""
    fresh, sitting = person(world, "合德镇"), world.accounts["合德镇 administrator"]
    before = digests(world.app)
    for owner, name in DEATHS:
        with breaking(monkeypatch, owner, name):
            assert CHANGES[change](world, fresh, sitting).status_code == 500
        assert digests(world.app) == before, name
    with breaking(monkeypatch, transaction, "finish_act"):
        assert CHANGES[change](world, fresh, sitting).status_code == 500
    assert digests(world.app) == before
    assert CHANGES[change](world, fresh, sitting).status_code in (200, 201, 204)
    after = digests(world.app)
    assert {name for name in KEPT if after[name] != before[name]} == set(KEPT)


def test_an_appointment_without_its_filing_is_caught(world, monkeypatch):
    """Planted: the filing is forgotten; the seat then stands alone."""
    monkeypatch.setattr(seats, "_file", lambda *_told: None)
    before = digests(world.app)
    assert seat(world, "射阳", "合德镇", person(world, "合德镇")).status_code == 201
    after = digests(world.app)
    assert after["administrators"] != before["administrators"] and after["filings"] == before["filings"]


def test_an_appointment_without_its_entry_is_no_appointment(world, monkeypatch):
    """Planted: the entry is forgotten; the commit refuses (Unlogged) and nothing stays."""
    account = person(world, "合德镇")
    before = digests(world.app)
    monkeypatch.setattr(audit, "record", lambda *_told, **_more: None)
    assert seat(world, "射阳", "合德镇", account).status_code == 500
    assert digests(world.app) == before


SEAT = ("INSERT INTO administrators (id, account_id, seat, since, unit_id, unit_number) "
        "SELECT 'x', '%s', %s, since, unit_id, unit_number FROM administrators WHERE unit_id = '%s'")


@pytest.mark.parametrize("number", [0, 1, 3, -1])
def test_a_seat_too_many_cannot_be_written_by_raw_sql_either(world, number):
    account = person(world, "合德镇")
    with pytest.raises(IntegrityError):
        run(world.app, SEAT % (account, number, world.units["合德镇"]))
    run(world.app, SEAT % (account, 2, world.units["合德镇"]))
    assert count(world.app, "administrators", "id = 'x'") == 1
