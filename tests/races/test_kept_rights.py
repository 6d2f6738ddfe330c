"""What a process keeps of rights ends with them: the very next request of every process sees a change, however made."""

from typing import Any

import pytest
from servers import PROCESSES, Servers, call

import factories
from permissions import transaction
from permissions.accounts import Account
from rows import run
from tenants.db import db
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test changes rights")


def everywhere(servers: Servers, token: str, path: str) -> list[int]:
    """The status of one request in every process."""
    return [answer["status"] for answer in servers.race([call("GET", path, token)] * PROCESSES)]


def phone_of(world: World, who: str) -> str:
    """A second session of an account, on the phone."""
    with world.app.app_context(), transaction.act("tests"):
        account = db.session.execute(ALL.select(Account).where(Account.id == world.accounts[who])).scalar_one()
        return factories.token(account, "mobile")


VISITS, LIST = "/records/visits", "/cadres"
CHANGES: dict[str, tuple[str, str, str, int]] = {
    # what is done past every function of ours: by whom it is felt, where, the statement, what it becomes
    "a right deleted": ("clerk", VISITS, "DELETE FROM grants WHERE account_id = '{account}'", 403),
    "a right over yesterday": ("clerk", VISITS, "UPDATE grants SET until = '2026-06-09' WHERE account_id = '{account}'",
                               403),
    "a right of another column": ("clerk", VISITS, "UPDATE grants SET columns = '[\"local\"]' "
                                  "WHERE account_id = '{account}'", 403),
    "a right of the other end": ("clerk", VISITS, "UPDATE grants SET channel = 'mobile' "
                                 "WHERE account_id = '{account}'", 403),
    "a right of another role": ("chief", "/audit", "UPDATE grants SET role = 'auditor' WHERE account_id = '{account}'",
                                200),
    "a seat vacated": ("射阳 administrator", LIST, "DELETE FROM administrators WHERE account_id = '{account}'", 403),
    "the account suspended": ("clerk", VISITS, "UPDATE accounts SET state = 'suspended' WHERE id = '{account}'", 401),
    "the end closed": ("clerk", VISITS, "UPDATE accounts SET pc_grant = {false} WHERE id = '{account}'", 403),
    "a password to be changed": ("clerk", VISITS, "UPDATE accounts SET must_change_password = {true} "
                                 "WHERE id = '{account}'", 403),
    "the session ended": ("clerk", VISITS, "UPDATE login_sessions SET revoked_at = '2026-06-10 02:00:00+00' "
                          "WHERE account_id = '{account}'", 401),
    "the session run out": ("clerk", VISITS, "UPDATE login_sessions SET expires_at = '2026-06-10 01:00:00+00' "
                            "WHERE account_id = '{account}'", 401),
    "the unit closed": ("town clerk", VISITS, "UPDATE units SET status = 'closed' WHERE id = '{town}'", 403),
}


def change(world: World, name: str, engine_name: str) -> None:
    """Make a change by raw SQL: no version is raised by anybody, and no function of ours is called."""
    who, _path, statement, _status = CHANGES[name]
    words = ("TRUE", "FALSE") if engine_name == "postgresql" else ("1", "0")
    run(world.app, statement.format(account=world.accounts[who], town=world.units["合德镇"], true=words[0],
                                    false=words[1]))


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_by_whatever_hand_holds_in_every_process_at_once(servers, world, engine_name, name):
    who, path, _statement, status = CHANGES[name]
    token = world.tokens[who]
    before = everywhere(servers, token, path)
    assert len(set(before)) == 1 and before[0] != status
    change(world, name, engine_name)
    assert everywhere(servers, token, path) == [status] * PROCESSES


def test_the_acts_of_the_api_hold_in_every_process_at_once(servers, world):
    api, token = world.api("射阳 administrator"), world.tokens["clerk"]
    phone = phone_of(world, "clerk")
    assert everywhere(servers, token, VISITS) == everywhere(servers, phone, VISITS) == [200] * PROCESSES
    path = f"/accounts/{world.accounts['clerk']}"
    grant = api.get(f"{path}/grants").json["items"][0]["id"]
    assert api.delete(f"{path}/grants/{grant}").status_code == 204
    assert everywhere(servers, token, VISITS) == everywhere(servers, phone, VISITS) == [403] * PROCESSES
    given = api.post(f"{path}/grants", {"role": "clerk", "unit_id": world.units["射阳"]})
    assert given.status_code == 201
    assert everywhere(servers, token, VISITS) == [200] * PROCESSES
    assert world.api("clerk").delete("/sessions/current").status_code == 204
    assert everywhere(servers, token, VISITS) == [401] * PROCESSES
    assert api.post(f"{path}/resend").status_code == 200
    assert everywhere(servers, phone, VISITS) == [401] * PROCESSES


def test_a_moved_unit_is_out_of_sight_in_every_process_at_once(servers, world):
    token, path = world.tokens["射阳 administrator"], f"/units/{world.units['合德镇']}"
    assert everywhere(servers, token, path) == [200] * PROCESSES
    moved = world.api("盐城 administrator").post(f"{path}/move", {"parent_id": world.units["东台"]})
    assert moved.status_code == 200
    assert everywhere(servers, token, path) == [404] * PROCESSES
    assert everywhere(servers, world.tokens["东台 administrator"], path) == [200] * PROCESSES


PLANTED: dict[str, Any] = {"keep_by_token": "a right deleted", "forget_the_account": "the account suspended",
                           "forget_the_unit": "the unit closed"}


@pytest.mark.parametrize("fault", PLANTED)
def test_rights_kept_too_long_are_noticed(servers, world, engine_name, fault):
    """Planted: the key of what is kept leaves something out, as a forgotten version would."""
    servers.plant(fault)
    who, path, _statement, status = CHANGES[PLANTED[fault]]
    assert set(everywhere(servers, world.tokens[who], path)) == {200}
    change(world, PLANTED[fault], engine_name)
    assert status not in everywhere(servers, world.tokens[who], path)
