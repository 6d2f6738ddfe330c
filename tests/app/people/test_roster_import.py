"""A roster over the API: faults at their row and column, good rows in, the rest back in the sender's own file."""

import io
import json

import openpyxl
import pytest

from app import outbox
from app.people import roster_reading
from permissions.accounts import Account
from permissions.audit import AuditEntry
from roster_files import ALL, FIRST_ROW, PLACES, counted, planted, reported, roster, rows_of, send
from tenants.db import db
from world import World

MANY = 40


@pytest.mark.parametrize("at_once", [roster_reading.AT_ONCE, 3])
def test_every_fault_at_its_row_and_column_and_only_bad_rows_come_back(
        world: World, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(roster_reading, "AT_ONCE", at_once)
    county, made, before = world.api("射阳 administrator"), planted(world), counted(world)
    answer = send(county, made)
    assert answer.status_code == 200, answer.text
    assert reported(answer.json) == sorted(made.planted)
    good = MANY - len(made.bad_rows)
    assert (answer.json["total"], answer.json["ok"], answer.json["failed"]) == (MANY, good, len(made.bad_rows))
    assert answer.json["ignored_columns"] == ["序号", "备注"]
    with_phone = sum(1 for place in range(MANY) if FIRST_ROW + place not in made.bad_rows and made.get(place, "mobile"))
    assert answer.json["accounts_opened"] == with_phone
    assert counted(world) == (before[0] + good, before[1] + with_phone, before[2] + with_phone)

    back = county.get(answer.json["error_file"].removeprefix("/api/v1"))
    assert back.status_code == 200 and "attachment" in back.headers["Content-Disposition"]
    lines = rows_of(back.data)
    assert lines[2][-1] == "错误说明"
    assert [line[0] for line in lines[3:]] == [row - FIRST_ROW + 1 for row in made.bad_rows]
    assert all(line[-1].startswith(f"第 {row} 行：") for line, row in zip(lines[3:], made.bad_rows, strict=True))
    assert "姓名：请填写姓名。" in lines[3][-1]


def test_what_came_in_is_what_stood_there(world: World) -> None:
    county = world.api("射阳 administrator")
    made = roster(3, phones=False)
    made.put(0, "name", "阿依古丽·𠮷")
    made.put(0, "mobile", "＋86 199-1234 5678")
    made.put(0, "id_number", made.get(0, "id_number").lower())
    made.put(0, "started_work_on", 195807)
    made.put(0, "political_status", "党员")
    made.put(1, "unit", "合德镇")
    made.put(2, "unit", "320924-Z01")
    answer = send(county, made)
    assert answer.json["ok"] == 3, answer.text
    listed = {item["name"]: item for item in county.get("/cadres?limit=50").json["items"]}
    first = listed["阿依古丽·𠮷"]
    assert first["mobile"] == "199****5678" and first["started_work_on"] == "1958-07"
    assert first["political_status_label"] == "中共党员" and first["unit_id"] == world.units["射阳"]
    assert listed[made.get(1, "name")]["unit_id"] == world.units["合德镇"]
    assert listed[made.get(2, "name")]["unit_id"] == world.units["射阳教育局"]
    with world.app.app_context():
        account = db.session.execute(ALL.select(Account).where(Account.cadre_id == first["id"])).scalar_one()
        assert (account.phone, account.state, account.kind) == ("19912345678", "opened", "cadre")
        assert outbox.drain() == 1
        said = json.loads(outbox.sms_file().read_text(encoding="utf-8").splitlines()[-1])
    entered = world.api(None).post("/sessions", {"phone": "19912345678", "password": said["params"]["password"],
                                                 "channel": "mobile"})
    assert entered.status_code == 201 and entered.json["must_change_password"]
    found = county.get(f"/cadres?q={made.get(1, 'id_number')}").json
    assert found["total"] == 1 and found["items"][0]["id_number"].count("*") == 8


def test_old_numbers_of_fifteen_digits_are_converted(world: World) -> None:
    made = roster(2, phones=False)
    cards = [made.get(place, "id_number") for place in range(2)]
    made.put(0, "id_number", cards[0][:6] + cards[0][8:17])
    made.put(1, "id_number", int(cards[1][:6] + cards[1][8:17]))
    county = world.api("射阳 administrator")
    assert send(county, made).json["ok"] == 2
    assert all(county.get(f"/cadres?q={card}").json["total"] == 1 for card in cards)


def test_a_trial_writes_nothing_and_says_the_same(world: World) -> None:
    county, made, before = world.api("射阳 administrator"), planted(world), counted(world)
    tried = send(county, made, "?dry_run=true")
    assert tried.status_code == 200 and tried.json["dry_run"]
    assert counted(world) == before
    done = send(county, made, "?dry_run=false")
    same = ("total", "ok", "failed", "accounts_opened", "errors")
    assert [tried.json[name] for name in same] == [done.json[name] for name in same]


def test_abort_brings_in_all_or_nothing(world: World) -> None:
    county, made, before = world.api("射阳 administrator"), roster(20), counted(world)
    made.plant(19, "name", "  ", "姓名", "required")
    refused = send(county, made, "?on_error=abort")
    assert (refused.json["ok"], refused.json["failed"], refused.json["accounts_opened"]) == (0, 1, 0)
    assert counted(world) == before
    made.put(19, "name", "王老")
    assert send(county, made, "?on_error=abort").json["ok"] == 20
    assert counted(world)[0] == before[0] + 20


def test_importing_again_changes_nothing_and_names_nobody(world: World) -> None:
    county, made = world.api("射阳 administrator"), roster(12)
    assert send(county, made).json["ok"] == 12
    before = counted(world)
    again = send(county, made).json
    assert (again["ok"], again["failed"], again["accounts_opened"]) == (0, 12, 0)
    assert {(each["column"], each["code"]) for each in again["errors"]} == {("身份证号", "already_on_file")}
    assert counted(world) == before
    elsewhere = send(world.api("东台 administrator"), made).json
    assert {each["code"] for each in elsewhere["errors"]} == {"id_number_taken"}
    assert "射阳" not in json.dumps(elsewhere, ensure_ascii=False)


def test_nothing_sensitive_lies_about_in_clear(world: World) -> None:
    made = planted(world)
    made.put(0, "address", "某街道石榴花园 77 号")
    answer = send(world.api("射阳 administrator"), made)
    known = [card for place in range(MANY) if len(card := str(made.get(place, "id_number"))) == 18]
    phones = [phone for place in range(MANY) if len(phone := str(made.get(place, "mobile"))) == 11]
    secrets = [*known, *phones, "石榴花园"]
    assert not [word for word in secrets if word in answer.text]
    with world.app.app_context():
        instance = world.app.config["SETTINGS"].instance
        entries = db.session.execute(ALL.select(AuditEntry).where(AuditEntry.action == "cadre:import")).scalars().all()
        assert {entry.after["cadres"] for entry in entries if "cadres" in entry.after} == {MANY - len(made.bad_rows)}
        dump = "".join(str(row) for table in ("cadres", "accounts", "messages", "jobs", "audit_entries")
                       for row in db.session.connection().exec_driver_sql(f"SELECT * FROM {table}"))  # noqa: S608
    stored = [path.read_bytes() for path in instance.rglob("*") if path.is_file()]
    assert list((instance / "imports").iterdir())
    for word in secrets:
        assert word not in dump
        assert not [1 for content in stored if word.encode() in content]


def test_the_same_key_imports_once(world: World) -> None:
    county, data = world.api("射阳 administrator"), roster(4).xlsx()
    answers = [send(county, data, headers={"Idempotency-Key": "import-1"}) for _turn in range(2)]
    assert [answer.json["ok"] for answer in answers] == [4, 4] and answers[0].json == answers[1].json


def test_a_template_filled_in_comes_through(world: World) -> None:
    county = world.api("射阳 administrator")
    got = county.get("/cadres/import-template")
    assert got.status_code == 200 and got.data[:2] == b"PK"
    book = openpyxl.load_workbook(io.BytesIO(got.data))
    page = book.worksheets[0]
    heads = {str(cell.value).lstrip("*"): cell.column for cell in page[2]}
    assert [str(cell.value) for cell in page[2]][:3] == ["*姓名", "*身份证号", "*离退休类型"]
    for number, row in enumerate(roster(2).rows, start=4):
        for label, key in (("姓名", "name"), ("身份证号", "id_number"), ("离退休类型", "retirement_type")):
            page.cell(number, heads[label]).value = row[PLACES[key]]
    stream = io.BytesIO()
    book.save(stream)
    answer = send(county, stream.getvalue())
    assert (answer.json["total"], answer.json["ok"]) == (2, 2), answer.text
