"""角色模板 on the console: pushed down, copied narrower, narrowed for everybody at once, withdrawn."""

from html import unescape

from admin_desk import Desk, logged, rows

import factories
from permissions import audit, transaction
from permissions.accounts import Account
from permissions.grants import Grant, RoleTemplate
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

ALL = Scope.everything("tests")
NARROW = {"name": "只看党建", "columns": "party_garden", "channel": "both",
          "actions": ["record:read", "record:create", "unit:read"]}


def the_template(world: World, name: str) -> RoleTemplate:
    """A template by name."""
    (found,) = rows(world, RoleTemplate, RoleTemplate.name == name)
    made: RoleTemplate = found
    return made


def made(world: World) -> tuple[str, str]:
    """The province's template and a clerk of 合德镇 who holds by it: (template id, account id)."""
    above = Desk(world, "江苏 administrator")
    assert above.send("/desk/templates/new?role=clerk", NARROW).status_code == 303
    template = the_template(world, "只看党建").id
    holder = world.accounts["town clerk"]
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == world.units["合德镇"])).scalar_one()
        account = db.session.execute(ALL.select(Account).where(Account.id == holder)).scalar_one()
        for held in db.session.execute(ALL.select(Grant).where(Grant.account_id == holder)).scalars():
            db.session.delete(held)
        factories.grant(account=account, unit=unit, role="clerk", template_id=template)
        audit.record("tests:grant", "grant", None, unit)
    return template, holder


def test_a_template_narrows_what_its_holder_may(world: World) -> None:
    made(world)
    api = world.api("town clerk")
    assert api.get("/records/branch_activities").status_code == 200
    assert api.get("/records/visits").status_code == 403
    assert api.get("/cadres").status_code == 403
    page = Desk(world, "射阳 administrator").text(f"/desk/accounts/{world.accounts['town clerk']}/rights")
    assert "只看党建" in page and "按模板" in page


def test_narrowing_it_is_felt_at_the_next_request_and_widening_is_refused(world: World) -> None:
    template, _holder = made(world)
    above = Desk(world, "江苏 administrator")
    wider = above.send(f"/desk/templates/{template}", {**NARROW, "columns": ["party_garden", "precision_service"]})
    assert wider.status_code == 409 and "只能收窄" in unescape(wider.text)
    done = above.send(f"/desk/templates/{template}", {**NARROW, "actions": ["unit:read"]})
    assert done.status_code == 303
    assert world.api("town clerk").get("/records/branch_activities").status_code == 403
    assert logged(world, "template:amend")[-1].object_id == template


def test_a_copy_may_only_be_narrower(world: World) -> None:
    template, _holder = made(world)
    desk = Desk(world, "射阳 administrator")
    path = f"/desk/templates/new?copy={template}&unit={world.units['射阳']}"
    assert "精准服务" not in desk.text(path).partition("<main")[2].partition('name="columns"')[2][:400]
    refused = desk.send(path, {**NARROW, "name": "想放宽", "actions": ["record:delete"]})
    assert refused.status_code == 422 and "只能从上级模板已有的操作里选" in unescape(refused.text)
    assert desk.send(path, {"name": "本县的", "channel": "mobile"}).status_code == 303
    copy = the_template(world, "本县的")
    assert (copy.parent_id, copy.columns, copy.channel) == (template, ["party_garden"], "mobile")
    assert set(copy.actions or []) == set(NARROW["actions"])


def test_withdrawn_it_gives_nothing(world: World) -> None:
    template, holder = made(world)
    above = Desk(world, "江苏 administrator")
    assert "1 项" in above.text(f"/desk/templates/{template}/withdraw")
    assert above.send(f"/desk/templates/{template}/withdraw").status_code == 303
    assert world.api("town clerk").get("/records/branch_activities").status_code == 403
    assert "模板不适用" in above.text(f"/desk/accounts/{holder}/rights")
    assert above.send(f"/desk/templates/{template}/withdraw").status_code == 409


def test_who_is_below_sees_it_and_may_not_touch_it(world: World) -> None:
    template, _holder = made(world)
    desk = Desk(world, "射阳 administrator")
    page = desk.text("/desk/templates")
    assert "只看党建" in page and "照此制定本单位的模板" in page
    assert desk.get(f"/desk/templates/{template}").status_code == 404
    assert desk.get(f"/desk/templates/new?copy={template}&unit={world.units['东台']}").status_code == 404
