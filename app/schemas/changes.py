"""What may be put into changes of the tree: merging, and what is ordered for a day to come."""

from app.schemas.fields import Code, Day, Line, Reference, References
from app.schemas.queries import PageQuery
from app.schemas.strict import Strict

KINDS = {"move": "移动", "close": "撤销", "rename": "更名", "merge": "合并"}
STATES = {"waiting": "等待生效", "done": "已生效", "failed": "未能生效", "cancelled": "已取消"}


class MergeBody(Strict):
    """Units that are merged into another, and what that is called from then on."""

    unit_ids = References("并入的单位", required=True)
    name = Line("合并后的名称", longest=100)


class ChangeBody(Strict):
    """A change for a day to come; which of the units and names it wants depends on its kind."""

    kind = Code("调整", KINDS, required=True)
    unit_id = Reference("单位", required=True)
    effective_on = Day("生效日期", required=True)
    parent_id = Reference("新的上级单位")
    successor_id = Reference("接收单位")
    unit_ids = References("并入的单位")
    name = Line("名称", longest=100)


class ChangeQuery(PageQuery):
    """Planned changes of a unit and those below it."""

    unit = Reference("单位")
    state = Code("状态", STATES)
