"""What may be asked and put in about templates of roles, and about why somebody may or may not."""

from app.columns import COLUMNS
from app.schemas.fields import Code, Columns, Line, Reference
from app.schemas.queries import PageQuery
from app.schemas.strict import Strict
from permissions import table
from permissions.actions import Action
from permissions.narrowing import actions_of
from permissions.roles import GRANTABLE, Role

ENDS = {"both": "电脑端和手机端", "pc": "电脑端", "mobile": "手机端"}
ASKED = {action.value: action.value for action in Action if table.reach(action, Role.cadre) is not table.Reach.SELF}
NARROWED = {action: action for role in GRANTABLE for action in sorted(actions_of(role))}


class TemplateQuery(PageQuery):
    """The templates that may be used at a unit."""

    unit = Reference("单位")


class TemplateChange(Strict):
    """A template narrowed or renamed; null means all that its original allows."""

    name = Line("模板名称", longest=50, required=True)
    actions = Columns("操作", NARROWED)
    columns = Columns("栏目", COLUMNS)
    channel = Code("使用端", ENDS, load_default="both", allow_none=False)


class TemplateBody(TemplateChange):
    """A template of a unit, or its narrower copy of a superior's."""

    unit_id = Reference("单位", required=True)
    role = Code("角色", {role.value: role.label for role in GRANTABLE}, required=True)
    parent_id = Reference("上级模板")


class WhyQuery(Strict):
    """An act, where, and for which column."""

    action = Code("操作", ASKED, required=True)
    unit = Reference("单位")
    column = Code("栏目", dict(COLUMNS))
