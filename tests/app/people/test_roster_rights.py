"""An import reaches exactly as far as its sender, its results are his alone, and a lost race is a reported row."""

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func

from app.people import roster_write
from app.people.model import Cadre
from permissions import transaction
from permissions.accounts import Account
from permissions.audit import AuditEntry
from roster_files import ALL, FIRST_ROW, Roster, card_of, counted, date, planted, reported, roster, rows_of, send
from tenants.db import db
from world import World


def test_the_unit_column_reaches_no_further_than_the_sender(world: World) -> None:
    made = roster(5, phones=False)
    for place, named in enumerate(("320981", "东台", "盐城", "320900", "320924100")):
        made.put(place, "unit", named)
    answer = send(world.api("射阳 administrator"), made).json
    assert answer["ok"] == 1
    assert [(each["column"], each["code"]) for each in answer["errors"]] == [("单位", "unknown_unit")] * 4


@pytest.mark.parametrize(("principal", "unit", "status"), [
    ("射阳 administrator", "东台", 404), ("射阳 administrator", "盐城", 404), ("clerk", "射阳", 403),
    ("chief", "合德镇", 403), ("province auditor", "射阳", 403), ("cadre", "射阳", 403), (None, "射阳", 401),
    ("射阳 administrator", "合德敬老院", 200), ("合德镇 administrator", "合德敬老院", 200),
])
def test_who_may_import_where(world: World, principal: str | None, unit: str, status: int) -> None:
    before = counted(world)
    for answer in (send(world.api(principal), roster(1), f"?unit_id={world.units[unit]}"),
                   send(world.api(principal), roster(1, seed=8), unit=world.units[unit])):
        assert answer.status_code == status, answer.text
    assert counted(world)[0] == before[0] + (2 if status == 200 else 0)


def test_without_a_unit_it_is_my_own(world: World) -> None:
    town = world.api("合德镇 administrator")
    assert send(town, roster(2)).json["ok"] == 2
    assert town.get(f"/cadres?unit={world.units['合德镇']}").json["total"] == 3
    assert send(world.api("clerk"), roster(2)).status_code == 403


@pytest.mark.parametrize("query", [
    "?dry_run=1", "?dry_run=yes", "?dry_run=", "?dry_run=True", "?dry_run=true&dry_run=false", "?on_error=stop",
    "?unit_id=1", "?mode=skip", "?unit=x", "?dry_run=%00",
])
def test_odd_queries_are_refused(world: World, query: str) -> None:
    assert send(world.api("射阳 administrator"), roster(1), query).status_code == 400


def test_odd_bodies_are_refused(world: World) -> None:
    county, before = world.api("射阳 administrator"), counted(world)
    assert county.post("/cadres/import", {"file": "x"}).status_code == 415
    assert county("POST", "/cadres/import").status_code == 415
    assert county("POST", "/cadres/import", data={"unit": world.units["射阳"]}).status_code == 415
    two = {"file": [(io.BytesIO(b"x"), "a.xlsx"), (io.BytesIO(b"x"), "b.xlsx")]}
    assert county("POST", "/cadres/import", data=two).json["fields"] == {"file": ["一次只能导入一个文件。"]}
    assert send(county, roster(1), role="administrator").status_code == 422
    assert send(county, roster(1), unit="x").status_code == 422
    assert send(county, roster(1), unit=world.units["射阳"], unit_id=world.units["射阳"]).status_code == 400
    for content, status in ((b"", 422), (b"a,b\n1,2", 415), (b"PK\x03\x04 broken", 422), (b"<html>", 415),
                            (b"\x00" * (21 * 1024 * 1024), 413), (b"\x00" * (26 * 1024 * 1024), 413)):
        answer = send(county, content)
        assert answer.status_code == status, answer.text
        assert any("\u4e00" <= each <= "\u9fff" for each in answer.json["message"])
    assert counted(world) == before


def test_sheets_without_what_is_needed_are_refused(world: World) -> None:
    county, made = world.api("射阳 administrator"), roster(2)
    answer = send(county, Roster([]))
    assert (answer.status_code, answer.json["code"]) == (422, "no_rows")
    for row in made.rows:
        row[1] = row[2] = None
    book = made.xlsx()
    assert send(county, book).json["failed"] == 2
    answer = send(county, roster(2).xlsx().replace(b"PK", b"QK", 1))
    assert answer.status_code == 415


def _between(world: World, monkeypatch: pytest.MonkeyPatch, other: Roster) -> None:
    """Have another county bring in a roster between the check and the write of the next import."""
    write: Callable[..., Any] = roster_write.write
    turns: list[int] = []

    def beaten(batch: Any, scope: Any) -> Any:
        if not turns:
            turns.append(1)
            transaction.undo()
            with world.app.app_context():
                assert send(world.api("东台 administrator"), other).json["failed"] == 0
            transaction.begin(writes=True)
        return write(batch, scope)

    monkeypatch.setattr(roster_write, "write", beaten)


def test_a_row_that_loses_a_race_is_reported(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made, other = roster(6), roster(6)
    other.rows = [other.rows[1], other.rows[3]]
    other.put(1, "id_number", card_of(date(1935, 5, 5), 1, female=False))
    other.put(1, "birth_date", None)
    other.put(1, "sex", None)
    _between(world, monkeypatch, other)
    county = world.api("射阳 administrator")
    answer = send(county, made)
    assert answer.status_code == 200 and answer.json["ok"] == 4, answer.text
    assert reported(answer.json) == [(FIRST_ROW + 1, "身份证号", "id_number_taken"),
                                     (FIRST_ROW + 3, "手机号码", "phone_taken")]
    back = county.get(answer.json["error_file"].removeprefix("/api/v1"))
    assert [line[0] for line in rows_of(back.data)[3:]] == [2, 4]
    with world.app.app_context():
        orphans = db.session.execute(ALL.select(Account, func.count()).where(
            Account.kind == "cadre", Account.cadre_id.not_in(ALL.select(Cadre, Cadre.id)))).scalar_one()
    assert orphans == 0


def test_all_or_nothing_holds_in_a_race(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made, before = roster(6), counted(world)
    _between(world, monkeypatch, Roster(made.rows[2:3]))
    answer = send(world.api("射阳 administrator"), made, "?on_error=abort").json
    assert (answer["ok"], answer["failed"], answer["accounts_opened"]) == (0, 1, 0)
    assert counted(world)[0] == before[0] + 1


def test_the_error_file_is_the_senders_alone(world: World) -> None:
    county = world.api("射阳 administrator")
    path = send(county, planted(world)).json["error_file"].removeprefix("/api/v1")
    job = path.rpartition("/")[0]
    for other in ("盐城 administrator", "东台 administrator", "clerk"):
        assert world.api(other).get(path).status_code == 404
        assert world.api(other).get(job).status_code == 404
    assert world.api("cadre").get(path).status_code == world.api("cadre").get(job).status_code == 403
    assert county.get(job).json["state"] == "done" and "_error_name" not in json.dumps(county.get(job).json)
    assert county.get(path).status_code == 200
    with world.app.app_context():
        noted = db.session.execute(ALL.select(AuditEntry).where(AuditEntry.action == "cadre:import_errors")).scalars()
        assert [entry.actor for entry in noted] == [world.accounts["射阳 administrator"]]


def test_the_same_people_sent_by_several_at_once_come_in_once(world: World) -> None:
    """Four imports at the same moment, from two counties and in different orders: the database decides, row by row."""
    made, before = roster(60).rows, counted(world)
    orders = (made, made[::-1], made[30:] + made[:30], made[::2] + made[1::2])
    data = [Roster(list(rows)).xlsx() for rows in orders]
    senders = ("射阳 administrator", "东台 administrator", "盐城 administrator", "合德镇 administrator")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda turn: send(world.api(senders[turn]), data[turn]), range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4, [answer.text for answer in answers]
    assert sum(answer.json["ok"] for answer in answers) == 60 == counted(world)[0] - before[0]
    assert {each["code"] for answer in answers for each in answer.json["errors"]} <= {
        "id_number_taken", "already_on_file", "phone_taken"}
    assert sum(answer.json["accounts_opened"] for answer in answers) == counted(world)[1] - before[1] == 48
