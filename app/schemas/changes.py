"""What may be put into changes of the tree: merging, and what is ordered for a day to come."""

from collections.abc import Sequence

from app.schemas.bodies import AHEAD
from app.schemas.fields import Code, Day, Flag, Line, Reference, References, Sure
from app.schemas.queries import PageQuery
from app.schemas.strict import Strict

KINDS = {"move": "移动", "close": "撤销", "rename": "更名", "merge": "合并", "split": "拆分"}
STATES = {"waiting": "等待生效", "done": "已生效", "failed": "未能生效", "cancelled": "已取消"}


class MergeBody(Strict):
    """Units that are merged into another, and what that is called from then on."""

    unit_ids = References("并入的单位", required=True)
    name = Line("合并后的名称", longest=100)


class MergeForm(MergeBody):
    """Merging on the console, once what will happen has been read; `told` is what was read, as one word."""

    name = Line("合并后的名称", longest=100, help="不填表示接收单位的名称不变")
    effective_on = Day("生效日期", help=AHEAD)
    sure = Sure("我已看过上面的变化")
    told = Line("看到的变化", longest=64, widget="hidden")


class _Joined(References):
    """Several ids in a query, with commas between."""

    def from_form(self, values: Sequence[str]) -> list[str]:
        return [each for value in values for each in value.split(",") if each]


class MergeAsked(Strict):
    """A merge that is only thought of."""

    unit_ids = _Joined("并入的单位，用逗号分开", required=True)


THEIRS = {"none": "记录都留在本单位", "theirs": "只关于转入人员的记录，一并转入新单位"}


class SplitBody(Strict):
    """A unit that goes on as itself, and a new one that takes over what is chosen."""

    name = Line("新单位的名称", longest=100, required=True)
    code = Line("新单位的代码", longest=32, required=True)
    unit_ids = References("转入的下级单位")
    cadre_ids = References("转入的离退休干部")
    account_ids = References("转入的工作人员")
    records = Code("服务记录", THEIRS, load_default="none", allow_none=False, widget="radio")
    dry_run = Flag("只看会发生什么", load_default=False)


class SplitForm(SplitBody):
    """Splitting on the console; `told` is what was read, as one word."""

    effective_on = Day("生效日期", help=AHEAD)
    sure = Sure("我已看过上面的变化")
    told = Line("看到的变化", longest=64, widget="hidden")


class MergeQuery(Strict):
    """Choosing the units to be merged: by a part of the name, those ticked, whether to go on."""

    q = Line("单位名称或代码", longest=50)
    unit_ids = References("并入的单位")
    step = Code("下一步", {"look": "看会发生什么"})


class ChangeBody(Strict):
    """A change for a day to come; which of the units and names it wants depends on its kind."""

    kind = Code("调整", KINDS, required=True)
    unit_id = Reference("单位", required=True)
    effective_on = Day("生效日期", required=True)
    parent_id = Reference("新的上级单位")
    successor_id = Reference("接收单位")
    unit_ids = References("并入的单位，或转入新单位的下级单位")
    name = Line("名称", longest=100)
    code = Line("新单位的代码", longest=32)
    cadre_ids = References("转入的离退休干部")
    account_ids = References("转入的工作人员")
    records = Code("服务记录", THEIRS)


class ChangeQuery(PageQuery):
    """Planned changes of a unit and those below it."""

    unit = Reference("单位")
    state = Code("状态", STATES)


PAST_STATES = {"open": "正常", "closed": "已撤销", "coming": "尚未设立"}


class PastQuery(Strict):
    """The tree of a day: below a unit, by a name ever borne, by the state of that day."""

    on = Day("哪一天")
    unit = Reference("单位")
    q = Line("单位名称或代码", longest=50)
    state = Code("当日状态", PAST_STATES)
    cursor = Line("翻页标记", longest=400)
