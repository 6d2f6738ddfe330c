"""Rights with limits: until a day, for some columns, on one end; a suspended account has none, at once."""

from typing import Any

import pytest

import factories
from app.administration import login
from permissions import passwords, transaction
from permissions.accounts import Account
from rows import count
from tenants import clock
from tenants.db import begin_write, db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test looks at everybody")


def give(world: World, **more: Any) -> Any:
    """Give `nobody` a role at 射阳."""
    body = {"role": "clerk", "unit_id": world.units["射阳"]} | more
    return world.api("射阳 administrator").post(f"/accounts/{world.accounts['nobody']}/grants", body)


def token(world: World, who: str, channel: str) -> Any:
    """The API for a principal on another end."""
    api = world.api(None)
    with world.app.app_context(), transaction.act("tests"):
        account = db.session.execute(WHOLE.select(Account).where(Account.id == world.accounts[who])).scalar_one()
        api.token = factories.token(account, channel)
    return api


def visit(world: World, api: Any, module: str = "visits") -> int:
    """Try to draft a record at 射阳; the status."""
    body = {"unit_id": world.units["射阳"], "ended_on": "2026-06-01", "draft": True}
    return int(api.post(f"/records/{module}", body).status_code)


def test_a_right_ends_after_its_last_day(world):
    assert visit(world, world.api("nobody")) in (403, 404)
    assert give(world, until="2026-06-09").json["fields"].keys() == {"until"}
    assert give(world, until="2026-06-10").status_code == 201
    assert visit(world, world.api("nobody")) == 201
    last = world.at("2026-06-10T23:59:59+08:00")
    assert visit(last, last.api("nobody")) == 201
    over = world.at("2026-06-11T00:00:00+08:00")
    assert visit(over, over.api("nobody")) in (403, 404)
    assert over.api("nobody").get("/me").json["roles"] == []


def test_a_right_for_a_column_opens_that_column_only(world):
    assert give(world, columns=["precision_service"]).status_code == 201
    api = world.api("nobody")
    assert [visit(world, api, module) for module in ("visits", "hardship_aid")] == [201, 201]
    assert visit(world, api, "branch_activities") == visit(world, api, "volunteer_service") == 403
    assert api.get("/records/branch_activities").status_code == 403
    assert api.get("/records/visits").status_code == 200
    assert api.get("/cadres").status_code == 200, "files of cadres are bound to no column"


@pytest.mark.parametrize("columns", [["no_such"], "precision_service", [1], [["precision_service"]]])
def test_columns_are_known_ones(world, columns):
    assert give(world, columns=columns).status_code == 422


@pytest.mark.parametrize(("channel", "pc", "mobile"), [("pc", 201, 403), ("mobile", 403, 201), ("both", 201, 201)])
def test_a_right_for_one_end_counts_on_that_end_only(world, channel, pc, mobile):
    assert give(world, channel=channel).status_code == 201
    seen = {"pc": world.api("nobody"), "mobile": token(world, "nobody", "mobile")}
    for end, expected in (("pc", pc), ("mobile", mobile)):
        assert visit(world, seen[end]) in ((201,) if expected == 201 else (403, 404)), end
        assert bool(seen[end].get("/me").json["roles"]) == (expected == 201)


def test_a_suspended_account_has_no_session_and_no_right_at_once(world):
    admin, path = world.api("射阳 administrator"), f"/accounts/{world.accounts['clerk']}"
    assert visit(world, world.api("clerk")) == 201
    phone = token(world, "clerk", "mobile")
    assert admin.post(f"{path}/suspend").json["state"] == "suspended"
    assert world.api("clerk").get("/me").status_code == phone.get("/me").status_code == 401
    assert admin.post(f"{path}/suspend").json["code"] == "already_suspended"
    assert admin.post(f"{path}/resend").json["code"] == "suspended"
    assert admin.post(f"{path}/reactivate").status_code == 200
    assert admin.post(f"{path}/reactivate").json["code"] == "not_suspended"
    assert world.api("clerk").get("/me").status_code == 401, "old sessions stay dead"
    assert visit(world, token(world, "clerk", "pc")) == 201, "the rights it had come back"


def test_a_right_taken_back_is_gone_at_the_next_request(world):
    grant = give(world).json["id"]
    assert visit(world, world.api("nobody")) == 201
    path = f"/accounts/{world.accounts['nobody']}/grants/{grant}"
    assert world.api("盐城 administrator").delete(path).status_code == 204
    assert visit(world, world.api("nobody")) in (403, 404)


def test_cadres_get_no_roles(world):
    account = world.accounts["cadre"]
    for role in ("clerk", "chief", "reviewer", "auditor"):
        given = world.api("射阳 administrator").post(f"/accounts/{account}/grants", {
            "role": role, "unit_id": world.units["射阳"]})
        assert given.status_code == 422
    assert count(world.app, "grants", f"account_id = '{account}'") == 0


def with_initial(world: World, phone: str) -> str:
    """A staff account of 射阳 with a single-use password; the password."""
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()
        account = factories.staff(unit=unit, phone=phone, name="新人")
        password = passwords.set_initial(account, clock.now())
        transaction.audit.record("tests:opened", "account", account.id, unit)
    return password


def change_password(world: World, phone: str) -> None:
    """The password becomes another one, in a transaction of its own."""
    with world.app.app_context(), transaction.act("tests"):
        account = db.session.execute(WHOLE.select(Account).where(Account.name == "新人")).scalar_one()
        passwords.set_own(account, "nongshi-72-ji", phone)
        unit = db.session.execute(WHOLE.select(Unit).where(Unit.id == account.unit_id)).scalar_one()
        transaction.audit.record("tests:changed", "account", account.id, unit)


def test_a_password_void_by_the_time_of_the_write_opens_nothing(world, monkeypatch):
    """It was right when it was looked at, slowly; it was changed before the session was written (C7)."""
    phone = "19933330001"
    body = {"phone": phone, "password": with_initial(world, phone), "channel": "pc"}
    before = count(world.app, "login_sessions")

    def meanwhile() -> None:
        monkeypatch.setattr(login, "begin_write", begin_write)
        db.session.rollback()
        change_password(world, phone)
        begin_write()

    monkeypatch.setattr(login, "begin_write", meanwhile)
    assert world.api(None).post("/sessions", body).status_code == 401
    assert count(world.app, "login_sessions") == before
    assert world.api(None).post("/sessions", body | {"password": "nongshi-72-ji"}).status_code == 201


def test_a_right_ends_with_its_day_though_the_process_knows_it(world):
    """Nothing is written at midnight: the same session, the same rows, another day."""
    assert give(world, until="2026-06-12").status_code == 201
    api = token(world, "nobody", "mobile")
    assert visit(world, api) == 201
    clock.configure("2026-06-12T23:59:59+08:00")
    assert visit(world, api) == 201
    clock.configure("2026-06-13T00:00:00+08:00")
    assert visit(world, api) in (403, 404)
    assert api.get("/me").json["roles"] == []
    clock.configure("2026-06-12T12:00:00+08:00")
    assert visit(world, api) == 201
