"""为什么能、为什么不能: somebody, an act, a unit; the verdict, each right's part in it and its origin, and the rule."""

from typing import Any

from flask import Blueprint, request

from app.administration import accounts, units, why
from app.administration.why import End
from app.columns import COLUMNS
from app.schemas.fields import Code, Line, Reference
from app.schemas.strict import Strict
from app.web import right_words, words
from app.web.forms import asked
from app.web.render import page
from permissions import explain, guard, table
from permissions.accounts import Account
from permissions.actions import Action
from permissions.guard import my_scope
from permissions.phone import mask_phone
from permissions.roles import PC, Role
from tenants.models import Unit

ACTION_WORDS = {action.value: words.ACTIONS[action.value] for action in Action
                if table.reach(action, Role.cadre) is not table.Reach.SELF}
blueprint = Blueprint("desk_why", __name__, url_prefix="/desk")


FOUND = 50


class WhyQuery(Strict):
    """Who, what, where."""

    q = Line("姓名、拼音或手机号码", longest=50)
    account = Reference("人员")
    unit = Reference("单位")
    action = Code("操作", ACTION_WORDS)
    column = Code("栏目", dict(COLUMNS))


@blueprint.get("/why")
@guard.guard(Action.GRANT_READ, channels=PC)
def index() -> str:
    """The question, and its answer for people and units inside my reach."""
    my_scope(Action.GRANT_READ)
    found = asked(WhyQuery.kept())
    account = accounts.seen(found["account"]) if found.get("account") else None
    unit = units.seen(found["unit"]) if found.get("unit") else accounts.unit_of(account) if account else None
    if account is not None:
        guard.require(Action.GRANT_READ, accounts.unit_of(account))
    action = Action(found["action"]) if found.get("action") else None
    answers = _answers(account, action, unit, found.get("column")) if account and action and unit else []
    return page(
        "desk/why.html", title="为什么能、为什么不能", unit=unit, account=account, asked_unit=unit, answers=answers,
        sub="选一名人员、一项操作，看系统按哪条规则判断", fields=_fields(found, account, unit),
        action_said=ACTION_WORDS[action] if action else None, rule=explain.rule(action) if action else [],
        proof=action in table.PROVED,
        reset_href=request.path)


def _fields(found: dict[str, Any], account: Account | None, unit: Unit | None) -> list[dict[str, Any]]:
    q = found.get("q")
    result = accounts.listing(my_scope(Action.GRANT_READ), accounts.Filters(kind="staff", q=q, living=True),
                              cursor=None, limit=FOUND)
    people = {each.id: each for each in ([account] if account is not None else []) + list(result.items)}
    told = f"请选择（共 {result.total:,} 人，列前 {FOUND} 人）" if result.total > FOUND else "请选择"
    return [
        {"name": "q", "label": "查找人员", "widget": "search", "value": q, "maxlength": 50,
         "placeholder": "姓名、拼音或手机号码"},
        {"name": "account", "label": "人员", "widget": "select", "value": account.id if account else None,
         "choices": [(each.id, f"{each.name}　{mask_phone(each.phone)}") for each in people.values()],
         "placeholder": told if result.total else "没有找到"},
        {"name": "unit", "widget": "hidden", "value": unit.id if unit else None},
        {"name": "action", "label": "操作", "widget": "select", "choices": list(ACTION_WORDS.items()),
         "value": found.get("action"), "placeholder": "请选择"},
        {"name": "column", "label": "栏目", "widget": "select", "choices": list(COLUMNS.items()),
         "value": found.get("column"), "placeholder": "不分栏目"}]


def _answers(account: Account, action: Action, unit: Unit, column: str | None) -> list[dict[str, Any]]:
    return [_answer(each) for each in why.both_ends(account, action, unit, column)]


def _answer(end: End) -> dict[str, Any]:
    """The verdict on one end, each right's part in it and where it came from."""
    origins = right_words.origins([each.standing.right.id for each in end.shown], guard.sight(Action.ACCOUNT_READ))
    return {"end": right_words.ENDS[end.channel], "passes": end.verdict.passes, "door": end.verdict.door,
            "hidden": end.hidden,
            "grounds": [{"title": right_words.role_said(each.standing), "allows": each.allows, "words": each.words,
                         "origin": origins[each.standing.right.id]} for each in end.shown]}
