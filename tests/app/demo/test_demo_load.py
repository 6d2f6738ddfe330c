"""The demonstration province in a database, on both engines: complete, consistent, dated by the product's own rules."""

import json
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app import registry
from app.administration import seats
from app.cli.audit import anchor
from app.deadlines import verdict
from app.deadlines.rules import judge
from app.demo import load as loader
from app.opinions import owed
from app.opinions.model import Answer, Opinion
from app.outbox import Message
from app.people import store as people
from app.people.model import Cadre
from app.records import store as records
from app.records.calendar import due_of
from app.records.model import Record, RecordPerson
from app.records.ruling import Ruling
from app.schemas.strict import load as checked
from app.values.id_number import IdNumber, disagreements
from app.values.partial_date import PartialDate
from engines import Store
from permissions import passwords, sealing
from permissions.accounts import Account
from permissions.audit import AuditEntry
from permissions.grants import Filing, Grant, Seat
from tenants import clock, tree
from tenants.db import Base, db
from tenants.models import Unit
from tenants.scope import Scope

NOW = "2026-11-21T10:00:00+08:00"
CADRES, RECORDS = 500, 1500
ALL = Scope.everything("tests look at everything")


@dataclass
class Province:
    """The application on the loaded province, with the accounts the file tells."""

    app: Flask
    told: list[dict[str, Any]]

    def account(self, role: str, unit: str, **more: Any) -> dict[str, Any]:
        """The first account of the file with this role in the unit whose name begins so."""
        return next(each for each in self.told if each["role"] == role and each["unit"].startswith(unit)
                    and all(each.get(name) == value for name, value in more.items()))

    def log_in(self, account: dict[str, Any], channel: str | None = None) -> Any:
        """The answer of the API to the account's password."""
        return self.app.test_client().post("/api/v1/sessions", json={
            "phone": account["phone"], "password": account["password"], "channel": channel or account["channel"]})


def load(app: Flask) -> Path:
    """A small load; needs a context and a clock."""
    return loader.load(app.config["SETTINGS"].instance, registry.modules(), cadre_total=CADRES, record_total=RECORDS,
                       say=lambda _line: None)


@pytest.fixture
def province(store: Store) -> Iterator[Province]:
    """The province, loaded once per engine and put back before each test."""
    if not store.has("province"):
        store.reset("empty")
        clock.configure(NOW)
        with store.app.app_context():
            told = json.loads(load(store.app).read_text(encoding="utf-8"))
        store.keep("province", told)
    store.reset("province")
    clock.configure(NOW)
    yield Province(store.app, store.kept("province"))
    store.rest()


def rows(model: type[Base], *wanted: Any) -> list[Any]:
    """Every row of a model."""
    return list(db.session.execute(ALL.select(model).where(*wanted)).scalars())


def count(model: type[Base], *wanted: Any) -> int:
    """How many rows a model has."""
    return int(db.session.execute(ALL.select(model, sa.func.count()).where(*wanted)).scalar_one())


def test_everything_planned_is_there(province: Province) -> None:
    with province.app.app_context():
        said = rows(AuditEntry, AuditEntry.action == "demo:load")[0].after
        assert said == {"units": count(Unit), "staff": count(Account, Account.kind == "staff"),
                        "cadres": CADRES, "records": RECORDS}
        assert said["units"] > 1900 and said["staff"] > 3000
        assert (count(Cadre), count(Record)) == (CADRES, RECORDS)
        assert count(RecordPerson) > RECORDS and count(Grant) > 2000 and count(Opinion) > 30
        for module in registry.modules().values():
            own = module.record.__table__
            stored = db.session.execute(ALL.mark(sa.select(sa.func.count()).select_from(own))).scalar_one()
            assert stored == count(Record, Record.module == module.key) > 0


def test_the_tree_is_numbered_in_order(province: Province) -> None:
    with province.app.app_context():
        units = {unit.code: unit for unit in rows(Unit)}
        by_id = {unit.id: unit for unit in units.values()}
        assert all(unit.path == f"{by_id[unit.parent_id].path}{unit.id}/" for unit in by_id.values() if unit.parent_id)
        county = units["320924"]
        below = [unit.number for unit in by_id.values() if unit.path.startswith(county.path)]
        assert tree.ranges_below(county) == ((county.number, max(below)),)


def test_due_dates_are_those_of_the_loaded_calendar(province: Province) -> None:
    with province.app.app_context():
        modules, root = registry.modules(), tree.root()
        for record in rows(Record):
            due = due_of(modules[record.module], record.ended_on, root)
            said = verdict.decide(lambda day, key=record.module: due_of(modules[key], day, root), record.ended_on,
                                  record.held_ended_on, record.extended_to)
            assert (record.due_on, record.corrected_due_on) == (said.on, said.stated)
            if record.held_ended_on is None:
                assert (record.first_due_on, record.due_provisional) == (due.on, due.provisional)
            if record.entered_at is not None:
                assert record.entered_on == clock.local(record.entered_at).date() >= record.ended_on
                assert record.entered_at < clock.now() and record.created_by == record.entered_by


def test_superiors_and_units_have_something_to_answer(province: Province) -> None:
    with province.app.app_context():
        late = [each for each in rows(Record) if each.timeliness(clock.today()).value == "late" and each.late_reason]
        assert {each.late_ruling or each.asks for each in late} == {"late", "confirmed", "returned"}
        assert {each.kind for each in rows(Ruling)} >= {"late_confirmed", "late_returned"}
        state = Counter(("answered" if each.answered_at else
                         owed.state_of(each, owed.answer_by(each, tree.root().path))) for each in rows(Opinion))
        assert state["answered"] > state["waiting"] > 0 and 0 < state["overdue"] < 12, state
        answers = list(rows(Answer))
        assert {each.number for each in answers} == {1, 2} and any(each.seen_at is None for each in answers)


def test_the_shares_of_outcomes_leave_something_to_find(province: Province) -> None:
    with province.app.app_context():
        outcomes = Counter(judge(each.due_on, each.entered_on, clock.today()).value for each in rows(Record))
    settled = RECORDS - outcomes["pending"]
    assert set(outcomes) == {"on_time", "late", "overdue", "pending"}
    assert 0.82 < outcomes["on_time"] / settled < 0.96
    assert outcomes["late"] > outcomes["overdue"] > RECORDS / 200


def test_records_are_such_as_the_forms_take(province: Province) -> None:
    """Loaded rows pass the schemas, name people of their own unit, and read as if typed in."""
    with province.app.app_context():
        cadre_units = {cadre.id: (cadre.unit_id, cadre.unit_number) for cadre in rows(Cadre)}
        for module in registry.modules().values():
            schema = module.schema()
            found = rows(module.record)
            links = records.people_of([each.id for each in found[:400]], ALL)
            for record in found[:400]:
                people_of = [link for link, _name in links[record.id]]
                values = records.current_values(module, record, people_of)
                if record.entered_at is not None:
                    assert schema.missing_for_entry(values) == {}
                raw = {name: value.isoformat() if hasattr(value, "isoformat") else value
                       for name, value in values.items() if value not in (None, [])}
                assert checked(schema, raw | {"ended_on": record.ended_on.isoformat()}, partial=True)
                assert all(cadre_units[link.cadre_id] == (record.unit_id, record.unit_number) for link in people_of)
                text = records.described(module, schema, values, [name for _link, name in links[record.id]])
                assert (record.summary, record.search) == text


def test_files_agree_with_their_numbers_and_lie_encrypted(province: Province) -> None:
    with province.app.app_context():
        cadres = rows(Cadre)
        for cadre in cadres:
            number = IdNumber.parse(cadre.id_number, clock.today())
            assert disagreements(number, PartialDate(cadre.birth_date), cadre.sex) == []
            assert cadre.name_reading and cadre.name_initials
        wanted = cadres[7]
        assert people.by_id_numbers([wanted.id_number], ALL) == {wanted.id_number: wanted}
        table = Cadre.__table__
        columns = [sa.type_coerce(table.c[name], sa.String) for name in ("id_number", "mobile", "address")]
        raw = db.session.execute(ALL.mark(sa.select(*columns))).all()
        clear = {value for cadre in cadres for value in (cadre.id_number, cadre.mobile, cadre.address) if value}
        assert not clear.intersection(value for row in raw for value in row)


def test_every_seat_is_filed_with_the_superior(province: Province) -> None:
    with province.app.app_context():
        units = {unit.id: unit for unit in rows(Unit)}
        accounts = {account.id: account for account in rows(Account, Account.kind == "staff")}
        filings = {(each.account_id, each.unit_id, each.seat): each for each in rows(Filing)}
        seated = rows(Seat)
        assert len(seated) == len(filings) > 600
        for seat in seated:
            unit = units[seat.unit_id]
            filing = filings[seat.account_id, seat.unit_id, seat.seat]
            assert filing.receiver_unit_id == (unit.parent_id or unit.id) and filing.filed_at == seat.since
            assert seats.eligibility(accounts[seat.account_id], unit) == []
            if filing.filed_by:
                giver = next(each for each in seated if each.account_id == filing.filed_by)
                assert unit.path.startswith(units[giver.unit_id].path) and giver.unit_id != unit.id
        waiting = [each for each in filings.values() if each.acknowledged_at is None]
        assert 10 < len(waiting) < len(filings) / 8
        assert {"320900", "320924", "320981"} <= {units[each.receiver_unit_id].code for each in waiting}


def test_the_accounts_of_the_file_log_in_on_their_channel(province: Province) -> None:
    roles = Counter((each["role"], each.get("first_login", False)) for each in province.told)
    assert roles == {("auditor", False): 1, ("administrator", False): 7, ("chief", False): 1, ("reviewer", False): 1,
                     ("clerk", False): 3, ("clerk", True): 1, ("cadre", False): 4, ("cadre", True): 1}
    assert len({each["password"] for each in province.told}) == len(province.told)
    for each in province.told:
        answer = province.log_in(each)
        assert answer.status_code == 201, (each["role"], each["unit"], answer.text)
        assert answer.json["must_change_password"] is bool(each.get("first_login"))
        if not each.get("first_login"):
            headers = {"Authorization": f"Bearer {answer.json['token']}"}
            mine = province.app.test_client().get("/api/v1/me", headers=headers).json
            assert mine is not None and (mine["account"]["name"], mine["unit"]["id"]) == (each["name"], each["unit_id"])


def test_a_first_password_is_for_once_and_for_three_days(province: Province) -> None:
    clerk, cadre = (province.account(role, "射阳", first_login=True) for role in ("clerk", "cadre"))
    assert province.log_in(clerk).status_code == 201
    assert province.log_in(clerk).status_code == 401
    clock.configure((clock.now() + timedelta(hours=72, minutes=1)).isoformat())
    assert province.log_in(cadre).status_code == 401


def test_the_clerk_without_a_grant_stays_off_the_pc(province: Province) -> None:
    clerk = province.account("clerk", "射阳", channel="mobile")
    assert province.log_in(clerk, "pc").json["code"] == "channel_closed"


def test_nobody_else_has_a_password_and_no_message_was_queued(province: Province) -> None:
    with province.app.app_context():
        phones = {each["phone"] for each in province.told}
        others = [each for each in rows(Account) if each.phone not in phones]
        assert len(others) > 3000 and len({each.password_hash for each in others}) == len(others)
        assert all(passwords.is_initial(each) and each.initial_until is None for each in others)
        assert count(Message) == 0


def test_the_log_has_recent_entries_and_verifies(province: Province) -> None:
    with province.app.app_context():
        actions = Counter((each.action, each.result) for each in rows(AuditEntry))
        assert actions["record:create", "ok"] > 20 and actions["session:open", "refused"] > 5
        assert {"administrator:appoint", "opinion:leave", "session:open", "demo:load"} <= {key for key, _ in actions}
    runner = province.app.test_cli_runner()
    assert runner.invoke(args=["audit", "seal"]).exit_code == 0
    verified = runner.invoke(args=["audit", "verify"])
    assert verified.exit_code == 0 and "0 not sealed yet" in verified.output, verified.output


def test_a_second_load_and_a_real_system_are_refused(province: Province, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = province.app.test_cli_runner()
    again = runner.invoke(args=["demo", "load"])
    assert again.exit_code == 1 and "只能装入空的数据库" in again.output
    monkeypatch.setitem(province.app.config, "SETTINGS", replace(province.app.config["SETTINGS"], demo=False))
    real = runner.invoke(args=["demo", "load"])
    assert real.exit_code == 1 and "YINLING_DEMO=1" in real.output


def test_what_fails_leaves_nothing_and_leftovers_do_no_harm(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.configure(NOW)
    monkeypatch.setattr(loader, "load_records", lambda register, modules: 1 / 0)
    folder = app.config["SETTINGS"].instance
    file = folder / "demo_accounts.json"
    file.unlink(missing_ok=True)
    with app.app_context():
        with pytest.raises(ZeroDivisionError):
            load(app)
        assert [count(model) for model in (Unit, Account, Cadre, Grant, Filing, AuditEntry)] == [0] * 6
        assert not file.exists()
    monkeypatch.undo()
    monkeypatch.setattr("app.cli.demo.SMALL", (CADRES, RECORDS))
    file.write_text("old", encoding="utf-8")
    file.chmod(0o644)
    with app.app_context():
        anchor().write_text('{"seq": 99999, "digest": "of a database that is gone"}', encoding="utf-8")
    done = app.test_cli_runner().invoke(args=["demo", "load", "--small"])
    assert done.exit_code == 0 and "已写入数据库" in done.output, done.output
    assert len(json.loads(file.read_text(encoding="utf-8"))) == 19
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and not list(folder.glob("*.new"))
    with app.app_context():
        sealing.seal(anchor())
        assert sealing.verify(anchor()).whole
