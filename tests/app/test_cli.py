"""The commands: the province founded once, who can do what, the log verified."""

import random

import pytest
import sms_file
import sqlalchemy as sa
from flask import Flask

import rows
from permissions import needs, sealing
from permissions.accounts import Account
from permissions.actions import Action
from permissions.explain import who_can, why
from permissions.identity import principal_of
from permissions.roles import Channel
from tenants import clock, tree
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test asks about everybody")


def run(app: Flask, *words: str) -> tuple[int, str]:
    """A command's exit code and output."""
    done = app.test_cli_runner().invoke(args=list(words))
    assert "Traceback" not in done.output, done.output
    return done.exit_code, done.output


def test_bootstrap_founds_the_province_and_seats_its_first_administrators(app: Flask) -> None:
    code, output = run(app, "bootstrap", "--administrator", "张三:19911110001", "--administrator", "李四:199 1111 0002")
    assert code == 0, output
    world = World(app)
    lines = sms_file.sent(world)
    assert {line["to"] for line in lines} == {"19911110001", "19911110002"}
    assert not any(line["params"]["password"] in output for line in lines)
    entered = world.api(None).post("/sessions", {"phone": "19911110001", "channel": "pc",
                                                 "password": lines[0]["params"]["password"]})
    assert entered.status_code == 201 and entered.json["must_change_password"]
    assert rows.count(app, "administrators") == rows.count(app, "filings") == 2
    assert rows.count(app, "filings", "acknowledged_at IS NULL") == 0
    assert rows.count(app, "audit_entries", "actor_role = 'system'") == 3


@pytest.mark.parametrize("words", [
    ["--administrator", "甲:19911110001", "--administrator", "乙:19911110002", "--administrator", "丙:19911110003"],
    [], ["--administrator", "张三"], ["--administrator", "张三:12345"], ["--administrator", ":19911110001"],
    ["--administrator", "张三:19911110001", "--administrator", "李四:19911110001"],
])
def test_bootstrap_refuses_what_cannot_be_and_leaves_nothing(app: Flask, words: list[str]) -> None:
    code, _output = run(app, "bootstrap", *words)
    assert code != 0
    assert rows.count(app, "units") == rows.count(app, "accounts") == rows.count(app, "messages") == 0


def test_bootstrap_is_done_once(app: Flask) -> None:
    assert run(app, "bootstrap", "--administrator", "张三:19911110001")[0] == 0
    before = rows.digests(app)
    assert run(app, "bootstrap", "--administrator", "李四:19911110002")[0] == 1
    assert rows.digests(app) == before


def test_a_fresh_instance_has_no_account(app: Flask) -> None:
    assert rows.count(app, "accounts") == rows.count(app, "units") == rows.count(app, "login_sessions") == 0


def test_who_can_answers_by_id_and_code(world: World) -> None:
    code, output = run(world.app, "who-can", "record:create", "320924")
    lines = [line for line in output.splitlines() if "\t" in line]
    assert "rule: 经办人 本单位" in output and output.count("    <- ") >= len(lines)
    assert code == 0 and sorted(line.split("\t")[2] for line in lines) == sorted(
        world.accounts[name] for name in ("clerk", "phone clerk", "column clerk"))
    assert any("[precision_service]" in line for line in lines)
    assert run(world.app, "who-can", "record:create", world.units["射阳"])[1] == output
    for words in (("record:create", "nowhere"), ("record:eat", "320924")):
        assert run(world.app, "who-can", *words)[0] != 0


def test_who_can_agrees_with_the_table_for_every_action_unit_and_account(world: World) -> None:
    with world.app.app_context():
        units = db.session.execute(ALL.select(Unit)).scalars().all()
        accounts = db.session.execute(ALL.select(Account)).scalars().all()
        principals = [principal_of(account, Channel.pc, clock.today()) for account in accounts]
        decided = 0
        for action in Action:
            for unit in units:
                told = {reason.account_id for reason in who_can(action, unit)
                        if reason.columns is None or action in needs.table.UNIT_WIDE}
                allowed = {principal.account.id for principal in principals if needs.allows(principal, action, unit)}
                assert told == allowed, (action, unit.name)
                decided += len(principals)
    assert decided > 10_000


def test_why_names_each_right_and_whether_it_reaches(world: World) -> None:
    with world.app.app_context():
        account = db.session.execute(ALL.select(Account).where(Account.id == world.accounts["chief"])).scalar_one()
        principal = principal_of(account, Channel.pc, clock.today())
        town, province = (tree.unit_by_id(world.units[name], ALL) for name in ("合德镇", "江苏"))
        assert why(principal, Action.RECORD_READ, town) == ["负责人（射阳）：可以"]
        assert "管不到" in why(principal, Action.RECORD_READ, province)[0]
        nobody = db.session.execute(ALL.select(Account).where(Account.id == world.accounts["nobody"])).scalar_one()
        assert why(principal_of(nobody, Channel.pc, clock.today()), Action.RECORD_READ, town) == ["没有任何角色。"]


def test_the_log_is_sealed_verified_and_its_tail_counted(world: World) -> None:
    for number in range(5):
        world.api("射阳 administrator").post("/units", {"parent_id": world.units["射阳"], "kind": "township",
                                                       "name": f"镇{number}", "code": f"V-{number}"})
    waiting = rows.count(world.app, "audit_entries")
    assert run(world.app, "audit", "verify") == (0, f"OK: 0 sealed entries whole, {waiting} not sealed yet\n")
    assert run(world.app, "audit", "seal")[1] == f"{waiting} entries sealed\n"
    world.api("射阳 administrator").get("/audit")
    assert run(world.app, "audit", "verify") == (0, f"OK: {waiting} sealed entries whole, 1 not sealed yet\n")


@pytest.mark.parametrize("fault", ["altered", "removed", "moved", "tail cut", "seal removed"])
def test_verify_names_the_first_bad_entry(world: World, fault: str) -> None:
    for number in range(6):
        world.api("射阳 administrator").post("/units", {"parent_id": world.units["射阳"], "kind": "township",
                                                       "name": f"镇{number}", "code": f"V-{number}"})
    run(world.app, "audit", "seal")
    sealed = [str(row[0]) for row in rows.ask(world.app, "SELECT entry_id FROM audit_seals ORDER BY seq")]
    victim = random.Random(7).choice(sealed[1:-1])
    place = sealed.index(victim) + 1
    _unlock(world.app)
    _tamper(world.app, fault, victim=victim, place=place, last=sealed[-1])
    code, output = run(world.app, "audit", "verify")
    assert code == 1 and "first bad entry" in output
    if fault == "altered":
        assert victim in output and f"{place - 1} sealed entries before it are whole" in output
    elif fault == "moved":
        assert sealed[place] in output  # the entry that now stands where another stood
    elif fault == "tail cut":
        assert f"after {len(sealed) - 1}" in output
    else:
        assert sealed[place] in output and f"{place - 1} sealed entries" in output


def _tamper(app: Flask, fault: str, *, victim: str, place: int, last: str) -> None:
    gone = [("DELETE FROM audit_seals WHERE entry_id = :id", {}), ("DELETE FROM audit_entries WHERE id = :id", {})]
    statements: dict[str, list[tuple[str, dict[str, object]]]] = {
        "altered": [("UPDATE audit_entries SET actor_name = 'x' WHERE id = :id", {})],
        "removed": gone,
        "tail cut": [(statement, {"id": last}) for statement, _none in gone],
        "moved": [("UPDATE audit_seals SET seq = :to WHERE seq = :seq", {"to": to, "seq": seq})
                  for seq, to in ((place, 999), (place + 1, place), (999, place + 1))],
        "seal removed": [("DELETE FROM audit_seals WHERE seq = :seq", {"seq": place})],
    }
    with app.app_context(), db.engine.begin() as connection:
        for statement, values in statements[fault]:
            connection.execute(sa.text(statement), values or {"id": victim})


def _unlock(app: Flask) -> None:
    """Take the triggers away, as somebody with the database in hand could."""
    with app.app_context(), db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET session_replication_role = replica")
            for table in ("audit_entries", "audit_seals"):
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            return
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'"
                                           " AND tbl_name LIKE 'audit%'").scalars().all()
        for name in names:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries",
                                       "UPDATE audit_seals SET digest = 'x'", "DELETE FROM audit_seals"])
def test_the_database_refuses_to_change_the_log(world: World, statement: str) -> None:
    run(world.app, "audit", "seal")
    before = rows.digests(world.app)
    with pytest.raises(Exception, match=r"append-only|audit"):
        rows.run(world.app, statement)
    assert rows.digests(world.app) == before


def test_two_sealers_do_not_fork_the_chain(world: World) -> None:
    with world.app.app_context():
        assert sealing.seal() > 0 and sealing.seal() == 0
        assert sealing.verify().whole


@pytest.mark.parametrize("words", [["audit", "--help"], ["bootstrap", "--help"], ["who-can", "--help"],
                                   ["calendar", "--help"], ["doctor", "--help"], ["worker", "--help"]])
def test_every_command_says_what_it_does(app: Flask, words: list[str]) -> None:
    code, output = run(app, *words)
    assert code == 0 and "Usage:" in output
