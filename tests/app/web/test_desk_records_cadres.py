"""Cadre files on the console: found, masked, one value shown for a purpose and logged, opened and changed; opinions."""

from collections.abc import Callable

import pytest
from desk_page import Desk, counted_statements, links, said, total_of

import factories
from app.opinions.model import Opinion
from app.people.model import Cadre
from app.people.schema import CadreSchema
from permissions import transaction
from permissions.audit import AuditEntry
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

ALL = Scope.everything("the test looks at what was written")
ROSTER = "/desk/cadres"


def stored(world: World, name: str) -> Cadre:
    with world.app.app_context():
        return db.session.execute(ALL.select(Cadre).where(Cadre.id == world.cadres[name])).scalar_one()


def entries(world: World, action: str) -> list[AuditEntry]:
    with world.app.app_context():
        return list(db.session.execute(ALL.select(AuditEntry).where(AuditEntry.action == action)).scalars())


def test_the_roster_is_searched_and_masked(world: World) -> None:
    chief, cadre = Desk(world, "chief"), stored(world, "cadre")
    page = chief.get(ROSTER)
    assert total_of(page) == 3 and cadre.mobile not in page and cadre.id_number not in page
    assert f"{cadre.mobile[:3]}****" in page
    for q, count in (("射阳老c", 1), ("sheyanglaoc", 1), ("syl", 2), (cadre.id_number, 1), (cadre.mobile, 1),
                     (cadre.id_number[:17], 0), (cadre.mobile[:10], 0), ("%", 0), ("东台", 0)):
        assert total_of(chief.get(ROSTER, q=q)) == count, q
    assert total_of(chief.get(ROSTER, life_status="deceased")) == 0
    assert total_of(chief.get(ROSTER, unit=world.units["合德镇"], retirement_type="tuixiu")) == 1
    chief.get(ROSTER, 404, unit=world.units["东台"])
    chief.get(ROSTER, 400, retirement_type="x")
    Desk(world, "nobody").get(ROSTER, 403)


@pytest.mark.parametrize("inline", [False, True])
def test_one_value_is_shown_for_a_purpose_and_logged(world: World, inline: bool) -> None:
    clerk, cadre = Desk(world, "clerk"), stored(world, "cadre")
    path = f"{ROSTER}/{cadre.id}"
    headers = {"HX-Request": "true"} if inline else {}
    assert cadre.address not in clerk.get(path) and f"{path}/unmask?field=address" in clerk.get(path)
    assert cadre.address not in clerk.client.get(f"{path}/unmask?field=address", headers=headers).text
    refused = clerk.post(f"{path}/unmask", {"field": "address", "purpose": "看"}, 422, headers=headers)
    assert cadre.address not in refused.text and "请写明查看的用途" in refused.text
    assert entries(world, "cadre:unmask") == []
    shown = clerk.post(f"{path}/unmask", {"field": "address", "purpose": "上门走访"}, 200, headers=headers)
    assert cadre.address in shown.text and cadre.mobile not in shown.text
    assert ("<html" in shown.text) is not inline and shown.headers["Cache-Control"] == "no-store"
    assert [each.after for each in entries(world, "cadre:unmask")] == [{"field": "address", "purpose": "上门走访"}]
    health = clerk.post(f"{path}/unmask", {"field": "health_status", "purpose": "上门走访"}, 200)
    assert CadreSchema().fields["health_status"].choices["1"] in said(health.text)
    assert cadre.address not in clerk.get(path)
    clerk.post(f"{path}/unmask", {"field": "name", "purpose": "上门走访"}, 404)
    auditor = Desk(world, "province auditor")
    assert "unmask" not in auditor.get(path)
    auditor.post(f"{path}/unmask", {"field": "address", "purpose": "上门走访"}, 403)
    Desk(world, "other clerk").post(f"{path}/unmask", {"field": "address", "purpose": "上门走访"}, 404)


def test_a_file_is_opened_where_one_may(world: World) -> None:
    county = Desk(world, "射阳 administrator")
    number = factories.id_number()
    values = {"unit_id": world.units["合德镇"], "name": "孙·老", "id_number": number.lower(),
              "retirement_type": "tuixiu", "started_work_on": "1958-07", "mobile": "199 1234 5678"}
    page = county.get(f"{ROSTER}/new", unit=world.units["合德镇"])
    assert f'value="{world.units["合德镇"]}" selected' in page
    wrong = county.post(f"{ROSTER}/new", values | {"name": " ", "sex": "x"}, 422)
    assert "姓名：请填写这一项。" in said(wrong.text) and "性别：请从给出的选项里选择。" in said(wrong.text)
    assert "身份证号：" in said(county.post(f"{ROSTER}/new", values | {"id_number": number[:-1] + "A"}, 422).text)
    made = county.post(f"{ROSTER}/new", values).location
    words = said(county.get(made))
    assert "孙·老" in words and "1958-07" in words and "合德镇" in words and number not in words
    taken = county.post(f"{ROSTER}/new", values, 409)
    assert "这个身份证号已有档案" in said(taken.text)
    county.post(f"{ROSTER}/new", values | {"unit_id": world.units["东台"]}, 404)
    Desk(world, "chief").post(f"{ROSTER}/new", values, 403)
    Desk(world, "clerk").get(f"{ROSTER}/new", 403)


def test_only_what_was_typed_anew_changes(world: World) -> None:
    county, before = Desk(world, "射阳 administrator"), stored(world, "cadre")
    path = f"{ROSTER}/{before.id}/edit"
    page = county.get(path)
    assert before.mobile not in page and before.address not in page and "保持不变" in page
    same = {"name": before.name, "id_number": f"320999********{before.id_number[-4:]}", "mobile": "199****0001",
            "address": "***", "health_status": "***", "sex": before.sex, "birth_date": before.birth_date,
            "retirement_type": "tuixiu", "started_work_on": "1958-07", "life_status": "living", "version": "1"}
    county.post(path, same)
    assert entries(world, "cadre:update") == []
    county.post(path, same | {"former_post": "主任", "sex": "", "birth_date": "", "address": "人民路 8 号"})
    now = stored(world, "cadre")
    assert (now.former_post, now.address, now.mobile, now.id_number) == (
        "主任", "人民路 8 号", before.mobile, before.id_number)
    assert (now.sex, now.birth_date, now.health_status) == (before.sex, before.birth_date, before.health_status)
    assert [sorted(each.after["changed"]) for each in entries(world, "cadre:update")] == [["address", "former_post"]]
    stale = county.post(path, same | {"former_post": "副主任"}, 409)
    assert "刚刚被别人改过" in said(stale.text) and 'value="副主任"' in stale.text
    county.post(path, same | {"version": "", "started_work_on": "1930"}, 422)
    county.post(path, same | {"version": "", "name": ""}, 422)
    Desk(world, "clerk").post(path, same, 403)
    Desk(world, "东台 administrator").get(path, 404)


def test_what_was_done_for_a_person_reaches_as_far_as_my_columns(world: World) -> None:
    clock.configure("2026-06-10T10:00:00+08:00")
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()
        who = db.session.get(Cadre, world.cadres["cadre"], execution_options={"scope": ALL})
        for module in ("visits", "branch_activities"):
            factories.record(module=module, unit=unit, cadre=who, ended_on=clock.today())
        transaction.audit.record("tests:records", "unit", None, unit)
    path = f"{ROSTER}/{world.cadres['cadre']}"
    assert len(links(Desk(world, "chief").get(path), "/desk/records/")) > 0
    whole, part = said(Desk(world, "clerk").get(path)), said(Desk(world, "column clerk").get(path))
    assert "日常走访" in whole and "主题党日" in whole
    assert "日常走访" in part and "主题党日" not in part and "录入支部活动" not in part


def test_opinions_are_read_by_the_unit_and_above(world: World) -> None:
    with world.app.app_context(), transaction.act("tests"):
        for name, where in (("cadre", "射阳"), ("town cadre", "合德镇"), ("other cadre", "东台")):
            unit = db.session.execute(ALL.select(Unit).where(Unit.id == world.units[where])).scalar_one()
            for place in range(12):
                db.session.add(Opinion(unit_id=unit.id, unit_number=unit.number, account_id=world.accounts[name],
                                       cadre_id=world.cadres[name], text=f"{where}<b>意见{place}</b>",
                                       created_at=clock.now()))
            transaction.audit.record("tests:opinions", "unit", None, unit)
    clerk, chief = Desk(world, "clerk"), Desk(world, "chief")
    assert "&lt;b&gt;" in clerk.client.get("/desk/opinions").text
    first = chief.get("/desk/opinions")
    assert total_of(first) == 24 and total_of(clerk.get("/desk/opinions")) == 12
    assert "东台" not in said(first) and "合德镇" in said(first) and "射阳老c" in said(first)
    assert total_of(chief.get("/desk/opinions", unit=world.units["合德镇"])) == 12
    assert said(chief.get(links(first, "cursor=")[0])).count("意见") >= 4
    chief.get("/desk/opinions", 404, unit=world.units["东台"])
    Desk(world, "province auditor").get("/desk/opinions", 403)


def test_statements_do_not_grow_with_files(world: World, record_property: Callable[[str, object], None]) -> None:
    chief, numbers = Desk(world, "chief"), []
    for more in (1, 12):
        with world.app.app_context(), transaction.act("tests"):
            unit = db.session.execute(ALL.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()
            for place in range(more):
                factories.cadre(unit=unit, name=f"钱{place}")
            transaction.audit.record("tests:cadres", "unit", None, unit)
        chief.get(ROSTER)
        with counted_statements(world) as sent:
            chief.get(ROSTER)
        numbers.append(len(sent))
    assert numbers[0] == numbers[1], numbers
    record_property("statements", numbers[1])
