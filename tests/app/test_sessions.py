"""Sessions: who I am, how they end, and that a right taken back is gone at the next request."""

import sms_file
from test_login import PHONE, enter, settled

import rows
from world import Api, World


def test_a_session_says_who_i_am(world: World) -> None:
    said = world.api("column clerk").get("/me").json
    assert said["roles"] == [{"role": "clerk", "unit_id": world.units["射阳"], "columns": ["precision_service"],
                              "channel": "pc"}]
    assert said["account"]["id"] == world.accounts["column clerk"] and said["unit"]["id"] == world.units["射阳"]
    assert "****" in said["account"]["phone"] and said["must_change_password"] is False
    assert world.api("射阳 administrator").get("/me").json["roles"][0]["role"] == "administrator"
    assert [each["role"] for each in world.api("cadre").get("/me").json["roles"]] == ["cadre"]


def test_leaving_ends_this_session_and_no_other(world: World) -> None:
    first, own = settled(world)
    second = Api(world.app.test_client(), enter(world, PHONE, own).json["token"])
    assert first.delete("/sessions/current").status_code == 204
    assert first.get("/me").status_code == 401 and second.get("/me").status_code == 200


def test_a_new_password_ends_the_other_sessions(world: World) -> None:
    first, own = settled(world)
    others = [Api(world.app.test_client(), enter(world, PHONE, own, channel).json["token"])
              for channel in ("pc", "mobile")]
    assert first("PUT", "/me/password", {"old": own, "new": "quite-another-74"}).status_code == 204
    assert first.get("/me").status_code == 200
    for other in others:
        assert (other.get("/me").status_code, other.get("/me").json["code"]) == (401, "signed_out")
    assert enter(world, PHONE, own).status_code == 401 and enter(world, PHONE, "quite-another-74").status_code == 201


def test_a_suspended_account_is_out_at_once_and_in_again_when_reactivated(world: World) -> None:
    api, own = settled(world)
    administrator = world.api("射阳 administrator")
    account = api.get("/me").json["account"]["id"]
    assert administrator.post(f"/accounts/{account}/suspend").json["state"] == "suspended"
    assert api.get("/me").status_code == 401
    assert enter(world, PHONE, own).json["code"] == "wrong_credentials"
    assert administrator.post(f"/accounts/{account}/resend").json["code"] == "suspended"
    assert administrator.post(f"/accounts/{account}/reactivate").json["state"] == "active"
    assert api.get("/me").status_code == 401, "an ended session stays ended"
    assert enter(world, PHONE, own).status_code == 201
    assert administrator.post(f"/accounts/{account}/reactivate").status_code == 409


def test_a_resent_password_kills_the_old_one_and_every_session(world: World) -> None:
    api, own = settled(world)
    account = api.get("/me").json["account"]["id"]
    assert world.api("射阳 administrator").post(f"/accounts/{account}/resend").json["must_change_password"]
    assert api.get("/me").status_code == 401 and enter(world, PHONE, own).status_code == 401
    first = sms_file.password_for(world, PHONE)
    world.api("射阳 administrator").post(f"/accounts/{account}/resend")
    second = sms_file.password_for(world, PHONE)
    assert enter(world, PHONE, first).status_code == 401 and enter(world, PHONE, second).status_code == 201


def test_an_end_taken_away_closes_at_the_next_request(world: World) -> None:
    api, own = settled(world)
    phone = Api(world.app.test_client(), enter(world, PHONE, own, "mobile").json["token"])
    account = api.get("/me").json["account"]["id"]
    administrator = world.api("射阳 administrator")
    administrator.patch(f"/accounts/{account}", {"pc_grant": False})
    assert (api.get("/me").status_code, api.get("/me").json["code"]) == (403, "channel_closed")
    assert phone.get("/me").status_code == 200
    administrator.patch(f"/accounts/{account}", {"pc_grant": True, "mobile_access": False})
    assert api.get("/me").status_code == 200 and phone.get("/me").status_code == 403


def test_a_right_taken_back_is_gone_at_the_next_request(world: World) -> None:
    api, _own = settled(world)
    administrator = world.api("射阳 administrator")
    account = api.get("/me").json["account"]["id"]
    given = administrator.post(f"/accounts/{account}/grants", {"role": "clerk", "unit_id": world.units["射阳"]})
    assert given.status_code == 201 and api.get("/records/visits").status_code == 200
    assert administrator.delete(f"/accounts/{account}/grants/{given.json['id']}").status_code == 204
    assert (api.get("/records/visits").status_code, api.get("/me").json["roles"]) == (403, [])


def test_a_right_until_a_day_holds_through_that_day(world: World) -> None:
    api, own = settled(world)
    account = api.get("/me").json["account"]["id"]
    given = {"role": "clerk", "unit_id": world.units["射阳"], "until": "2026-06-12"}
    assert world.api("射阳 administrator").post(f"/accounts/{account}/grants", given).status_code == 201
    for now, status in (("2026-06-12T23:59:59+08:00", 200), ("2026-06-13T00:00:00+08:00", 403)):
        later = world.at(now)
        fresh = Api(world.app.test_client(), enter(later, PHONE, own).json["token"])
        assert fresh.get("/records/visits").status_code == status, now


def test_sessions_live_twelve_hours_at_the_pc_and_thirty_days_on_the_phone(world: World) -> None:
    _api, own = settled(world)
    pc, mobile = (Api(world.app.test_client(), enter(world, PHONE, own, channel).json["token"])
                  for channel in ("pc", "mobile"))
    world.at("2026-06-10T21:59:59+08:00")
    assert pc.get("/me").status_code == 200
    world.at("2026-06-10T22:00:00+08:00")
    assert pc.get("/me").status_code == 401 and mobile.get("/me").status_code == 200
    world.at("2026-07-10T10:00:00+08:00")
    assert mobile.get("/me").status_code == 401


def test_a_token_is_known_to_its_owner_only(world: World) -> None:
    settled(world)
    stored = str(rows.ask(world.app, "SELECT * FROM login_sessions"))
    assert not any(token in stored for token in world.tokens.values())
    mine = world.tokens["clerk"]
    for token in ("", "x", "x" * 43, "\u00fc" * 30, mine[:-1], f"{mine}x", "x" * 5000):
        nobody = Api(world.app.test_client(), None)
        header = f"Bearer {token}".encode().decode("latin-1")
        assert nobody.get("/me", headers={"Authorization": header}).status_code == 401, token
    for header in ("Basic abc", "Bearer", world.tokens["clerk"], f"Token {world.tokens['clerk']}"):
        assert Api(world.app.test_client(), None).get("/me", headers={"Authorization": header}).status_code == 401
    assert Api(world.app.test_client(), None).get(f"/me?token={world.tokens['clerk']}").status_code == 401


def test_the_api_never_takes_the_browsers_cookie(world: World) -> None:
    assert world.browser("clerk").get("/api/v1/me").status_code == 401
