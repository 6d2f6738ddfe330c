"""Cadre files: what is asked, what must agree, what is masked, and what the disk may know."""

import json
from datetime import date
from typing import Any

import pytest

import factories
import rows
from app.people import store
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test looks behind the masks")
DATES = ("1990-07-01", "1986-07-01", "1940-07-01", "1947-04-15", "1900-12-31", "2000-02-29", "1988-04-10")


def body(world: World, **more: Any) -> dict[str, Any]:
    """The least a file needs."""
    return {"unit_id": world.units["射阳"], "name": "孙 建国", "id_number": factories.id_number(),
            "retirement_type": "tuixiu"} | more


def made(world: World, **more: Any) -> dict[str, Any]:
    """A file as the API gave it back to the administrator."""
    answer = world.api("射阳 administrator").post("/cadres", body(world, **more))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


WHOLE = {"sex": "1", "ethnicity": "01", "political_status": "01", "joined_party_on": "1965",
         "started_work_on": "1958-07", "retired_on": "2000-03-31", "former_unit": "射阳县农业局",
         "former_post": "局长", "branch": "第一支部", "mobile": "199 0000 4321", "address": "射阳县合德镇人民路1号",
         "health_status": "1", "life_status": "living"}


def test_a_file_gives_back_what_was_put_in_and_masks_what_is_sensitive(world: World) -> None:
    number = factories.id_number(born=date(1938, 1, 15), serial=7)
    shown = made(world, id_number=number, birth_date="1938-01-15", **WHOLE)
    for name, value in WHOLE.items():
        if name not in ("mobile", "address", "health_status"):
            assert shown[name] == value, name
    assert shown["id_number"] == f"320999********{number[-4:]}" and shown["mobile"] == "199****4321"
    assert (shown["address"], shown["health_status"], shown["health_status_label"]) == ("***", "***", "***")
    assert (shown["sex_label"], shown["ethnicity_label"], shown["retirement_type_label"]) == ("男", "汉族", "退休")
    for reader in ("射阳 administrator", "盐城 administrator", "clerk", "chief", "province auditor"):
        assert world.api(reader).get(f"/cadres/{shown['id']}").json == shown, reader
    for hidden in (number, "19900004321", "人民路"):
        assert hidden not in json.dumps(world.api("clerk").get("/cadres").json, ensure_ascii=False)


def test_birth_and_sex_follow_the_number_when_not_given(world: World) -> None:
    shown = made(world, id_number=factories.id_number(born=date(1939, 2, 3), female=True))
    assert (shown["birth_date"][:7], shown["sex_label"]) == ("1939-02", "女")


@pytest.mark.parametrize("typed", ["1938", "1938-01", "1938-01-15"])
def test_an_imprecise_birth_that_agrees_is_kept_as_typed(world: World, typed: str) -> None:
    number = factories.id_number(born=date(1938, 1, 15), serial=400)  # serials move the birth by whole days
    assert number[6:14] == "19380116"
    wanted = typed.replace("-15", "-16")
    assert made(world, id_number=number, birth_date=wanted)["birth_date"] == wanted


@pytest.mark.parametrize("day", DATES)
def test_a_date_is_a_date(world: World, day: str) -> None:
    """1 July and summer time (M13): what goes in as a day comes out as that day, through JSON and both engines."""
    shown = made(world, id_number=factories.id_number(born=date(1900, 1, 1), serial=0), joined_party_on=day,
                 retired_on=day)
    again = world.api("clerk").get(f"/cadres/{shown['id']}").json
    assert (again["joined_party_on"], again["retired_on"]) == (day, day)
    assert rows.ask(world.app, f"SELECT retired_on FROM cadres WHERE id = '{shown['id']}'") == [(day,)]  # noqa: S608
    born = made(world, id_number=factories.id_number(born=date.fromisoformat(day), serial=1), birth_date=day)
    assert world.api("clerk").get(f"/cadres/{born['id']}").json["birth_date"] == day


@pytest.mark.parametrize(("change", "field"), [
    ({"id_number": "320999194003010018"}, "id_number"),  # the check digit
    ({"id_number": "32099919400301001"}, "id_number"),
    ({"id_number": "32099919401301001X"}, "id_number"),
    ({"id_number": ""}, "id_number"),
    ({"id_number": 320999}, "id_number"),
    ({"name": ""}, "name"),
    ({"name": "x" * 51}, "name"),
    ({"name": "王\u202e五"}, "name"),
    ({"retirement_type": "fired"}, "retirement_type"),
    ({"retirement_type": None}, "retirement_type"),
    ({"birth_date": "1940-13"}, "birth_date"),
    ({"birth_date": "1950"}, "birth_date"),
    ({"sex": "2"}, "sex"),
    ({"sex": "3"}, "sex"),
    ({"mobile": "12345678901"}, "mobile"),
    ({"mobile": "+1 650 253 0000"}, "mobile"),
    ({"started_work_on": "1930"}, "started_work_on"),
    ({"started_work_on": "1970", "retired_on": "1960-05"}, "retired_on"),
    ({"ethnicity": "99"}, "ethnicity"),
    ({"life_status": None}, "life_status"),
    ({"shoe_size": 42}, "shoe_size"),
    ({"name_reading": "x"}, "name_reading"),
    ({"contact_account_id": "A" * 22}, "contact_account_id"),
])
def test_what_cannot_be_accepted_is_named_and_changes_nothing(world: World, change: dict[str, Any], field: str) -> None:
    before = rows.digests(world.app)
    sent = body(world, id_number=factories.id_number(born=date(1940, 3, 1))) | change
    answer = world.api("射阳 administrator").post("/cadres", sent)
    assert answer.status_code == 422 and field in answer.json["fields"], answer.text
    assert rows.digests(world.app) == before


def test_an_id_number_is_on_file_once_and_the_refusal_names_nobody(world: World) -> None:
    number = factories.id_number(born=date(1941, 5, 6))
    made(world, id_number=number, name="密名甲")
    above, other = world.api("射阳 administrator"), world.api("东台 administrator")
    spaced = f"{number[:6]} {number[6:14]}　{number[14:].replace('X', 'x')}"
    for api, unit in ((above, "射阳"), (above, "合德镇"), (other, "东台")):
        for typed in (number, spaced):
            refused = api.post("/cadres", body(world, unit_id=world.units[unit], id_number=typed, name="密名乙"))
            assert (refused.status_code, refused.json["code"]) == (409, "id_number_taken"), refused.text
            assert "密名甲" not in refused.text and "射阳" not in refused.text
    assert rows.count(world.app, "cadres", "name LIKE '密名%'") == 1


def test_a_file_given_back_with_its_masks_keeps_what_they_hide(world: World) -> None:
    number = factories.id_number(born=date(1938, 1, 15))
    shown = made(world, id_number=number, mobile="19900004321", address="射阳县一号", health_status="2")
    administrator = world.api("射阳 administrator")
    path = f"/cadres/{shown['id']}"
    given_back = {name: value for name, value in shown.items()
                  if name not in ("id", "version", "unit_id") and not name.endswith("_label")}
    changed = administrator.patch(path, given_back | {"former_post": "书记"})
    assert changed.status_code == 200, changed.text
    assert changed.json == shown | {"former_post": "书记", "version": 2}
    for typed in (number, "19900004321"):
        assert administrator.get("/cadres", query_string={"q": typed}).json["total"] == 1
    assert administrator.patch(path, {"address": "5*301室"}).status_code == 200
    assert administrator.patch(path, {"mobile": None}).json["mobile"] is None
    assert administrator.get("/cadres", query_string={"q": "19900004321"}).json["total"] == 0
    for wrong in ({"mobile": "199****0000"}, {"health_status": "**"}, {"id_number": None}):
        assert administrator.patch(path, wrong).status_code == 422, wrong
    with world.app.app_context():
        assert store.get(shown["id"], ALL).address == "5*301室"


def test_a_change_that_contradicts_the_number_is_refused(world: World) -> None:
    shown = made(world, id_number=factories.id_number(born=date(1938, 1, 15)))
    administrator = world.api("射阳 administrator")
    path = f"/cadres/{shown['id']}"
    for change, field in (({"birth_date": "1939"}, "birth_date"), ({"sex": "2"}, "sex"),
                          ({"id_number": factories.id_number(born=date(1950, 1, 1))}, "birth_date"),
                          ({"unit_id": world.units["合德镇"]}, "unit_id"), ({"name": None}, "name")):
        refused = administrator.patch(path, change)
        assert refused.status_code == 422 and field in refused.json["fields"], change
    assert administrator.get(path).json == shown


def test_two_editors_and_the_log(world: World) -> None:
    shown = made(world, address="射阳县一号", mobile="19900004321")
    administrator = world.api("射阳 administrator")
    path = f"/cadres/{shown['id']}"
    assert administrator.patch(path, {"former_post": "甲"}, headers={"If-Match": '"1"'}).json["version"] == 2
    stale = administrator.patch(path, {"former_post": "乙"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json["code"]) == (409, "stale")
    log = administrator.get("/audit?action=cadre:update").json["items"]
    (change,) = [each for each in log if each["result"] == "ok"]
    assert (change["before"].get("former_post"), change["after"]["former_post"]) == (None, "甲")
    assert change["after"]["changed"] == ["former_post"]
    told = str(rows.ask(world.app, "SELECT * FROM audit_entries"))
    assert "射阳县一号" not in told and "19900004321" not in told


def test_the_list_is_by_pinyin_and_found_by_it(world: World) -> None:
    for name in ("欧阳震华", "阿不都·热西提", "赵四", "曾国"):
        made(world, name=name)
    administrator = world.api("射阳 administrator")
    names = [each["name"] for each in administrator.get("/cadres?limit=200").json["items"]]
    order = [name for name in names if name in ("欧阳震华", "阿不都·热西提", "赵四", "曾国")]
    assert order == ["阿不都·热西提", "欧阳震华", "曾国", "赵四"]
    for typed, wanted in (("ouyang", "欧阳震华"), ("oyzh", "欧阳震华"), ("热西", "阿不都·热西提"), ("ZENG", "曾国")):
        found = administrator.get("/cadres", query_string={"q": typed}).json["items"]
        assert wanted in [each["name"] for each in found]
    assert administrator.get("/cadres?q=%25").json["total"] == 0


def test_filters_and_totals_stay_inside_the_scope(world: World) -> None:
    made(world, life_status="deceased", retirement_type="lixiu")
    made(world, unit_id=world.units["合德镇"], retirement_type="lixiu")
    for reader, total in (("射阳 administrator", 5), ("clerk", 3), ("town clerk", 2), ("盐城 administrator", 6),
                          ("南通 administrator", 0), ("东台 administrator", 1)):
        assert world.api(reader).get("/cadres").json["total"] == total, reader
    administrator = world.api("射阳 administrator")
    assert administrator.get("/cadres?retirement_type=lixiu").json["total"] == 2
    assert administrator.get("/cadres?retirement_type=lixiu&life_status=living").json["total"] == 1
    assert administrator.get(f"/cadres?unit={world.units['合德镇']}").json["total"] == 2
    for bad in ("retirement_type=x", "unit=x", "sex=1", "q=a&q=b"):
        assert administrator.get(f"/cadres?{bad}").status_code == 400


def test_only_administrators_of_the_unit_or_above_write(world: World) -> None:
    shown = made(world)
    for principal, status in (("clerk", 403), ("chief", 403), ("province auditor", 403), ("nobody", 404),
                              ("合德镇 administrator", 404), ("东台 administrator", 404), ("cadre", 403)):
        api = world.api(principal)
        assert api.patch(f"/cadres/{shown['id']}", {"former_post": "x"}).status_code == status, principal
        refused = api.post("/cadres", body(world))
        assert refused.status_code in (403, 404), principal
    assert world.api("盐城 administrator").patch(f"/cadres/{shown['id']}", {"former_post": "x"}).status_code == 200
    assert world.api("town clerk").get(f"/cadres/{shown['id']}").status_code == 404


def test_nothing_sensitive_lies_in_clear_in_the_database(world: World) -> None:
    numbers = [factories.id_number(born=date(1938, 1, 15)) for _each in range(5)]
    for place, number in enumerate(numbers):
        made(world, id_number=number, mobile=f"1990000432{place}", address=f"密址CANARY{place}", health_status="3")
    administrator = world.api("射阳 administrator")
    administrator.post("/cadres", body(world, id_number=numbers[0]))
    administrator.get("/cadres", query_string={"q": numbers[0]})
    told = "".join(str(row) for table in rows.tables() for row in rows.ask(world.app, f"SELECT * FROM {table}"))  # noqa: S608
    files = b"".join(path.read_bytes() for path in world.app.config["SETTINGS"].instance.rglob("*") if path.is_file())
    for canary in (*numbers, *(f"1990000432{place}" for place in range(5)), "密址CANARY"):
        assert canary not in told and canary.encode() not in files
    stored = rows.ask(world.app, "SELECT id_number, id_number_key FROM cadres")
    assert len({row[0] for row in stored}) == len({row[1] for row in stored}) == len(stored)


def test_an_id_number_in_another_rows_column_does_not_open(world: World) -> None:
    shown = made(world, address="射阳县一号", health_status="2")
    rows.run(world.app, f"UPDATE cadres SET address = health_status WHERE id = '{shown['id']}'")  # noqa: S608
    world.app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        answer = world.api("clerk").get(f"/cadres/{shown['id']}")
    finally:
        world.app.config["PROPAGATE_EXCEPTIONS"] = None
    assert answer.status_code == 500 and "2" not in (answer.json.get("address") or "")
