"""Filters of lists: what a query string may say."""

from app.columns import COLUMNS
from app.deadlines.rules import LABELS
from app.paging import MOST
from app.schemas.fields import Code, Columns, Day, Flag, Line, Reference, Whole
from app.schemas.strict import Strict
from permissions.roles import GRANTABLE

OPINION_STATES = {"waiting": "待答复", "overdue": "逾期未答复", "answered": "已答复"}


class PageQuery(Strict):
    """Every list."""

    cursor = Line("翻页标记", longest=400)
    limit = Whole("每页条数", least=1, most=MOST)


class UnitQuery(Strict):
    """The tree; searching is paged."""

    parent = Reference("上级单位")
    q = Line("单位名称或代码", longest=50)
    closed = Code("连同已撤销的", {"true": "是", "false": "否"})
    cursor = Line("翻页标记", longest=400)
    limit = Whole("每页条数", least=1, most=MOST)


class AccountQuery(PageQuery):
    """Accounts."""

    unit = Reference("单位")
    kind = Code("类别", {"staff": "工作人员", "cadre": "离退休干部"})
    q = Line("姓名、拼音、首字母或手机尾号", longest=50)
    state = Code("状态", {"opened": "未登录过", "active": "使用中", "suspended": "已停用", "closed": "已注销"})


class UnsignedQuery(PageQuery):
    """Staff who have yet to sign the commitment."""

    unit = Reference("单位")
    state = Code("账号状态", {"opened": "未登录过", "active": "使用中"})


class CadreQuery(PageQuery):
    """Cadre files."""

    unit = Reference("单位")
    q = Line("姓名、拼音、首字母、手机尾号或身份证号", longest=50)
    retirement_type = Code("离退休类型", "retirement_type")
    life_status = Code("是否在世", "life_status")


class RecordQuery(PageQuery):
    """Records of one kind; the period is on `ended_on`."""

    class Meta:
        unknown = "raise"
        include = {"from": Day("开始日期")}

    unit = Reference("单位")
    to = Day("结束日期")
    timeliness = Code("及时性", {key.value: text for key, text in LABELS.items()})
    odd = Flag("只看异常录入")
    q = Line("关键字", longest=50)


class OversightQuery(PageQuery):
    """What a superior should look at."""

    unit = Reference("单位")
    what = Code("看什么", {"asked": "待处理", "late": "逾期补录", "correction": "改期", "extension": "延期申请",
                        "odd": "异常录入", "moved": "改过结束日期", "replanned": "改过计划日期",
                        "backdated": "登记时已逾期", "deleted": "已删除", "recreated": "删后重录"})


class FilingQuery(PageQuery):
    """报备."""

    unit = Reference("单位")
    acknowledged = Flag("已确认")
    overdue = Flag("逾期未确认")


class NominationQuery(PageQuery):
    """提名."""

    unit = Reference("单位")
    state = Code("情况", {"open": "待上级办理", "seated": "已任命", "refused": "未同意", "withdrawn": "已撤回"})


class OpinionQuery(PageQuery):
    """意见建议."""

    unit = Reference("单位")
    state = Code("情况", OPINION_STATES)


class MoveQuery(Strict):
    """A move that is only thought of."""

    parent_id = Reference("新的上级单位", required=True)


class ReportQuery(Strict):
    """The timeliness report; the period is on `due_on`, inclusive."""

    class Meta:
        unknown = "raise"
        include = {"from": Day("开始日期", required=True)}

    unit = Reference("单位", required=True)
    to = Day("结束日期", required=True)
    module = Line("记录种类", longest=40)
    as_of = Day("按哪一天的隶属关系")


class FrozenQuery(PageQuery):
    """Frozen reports of a unit and those below it."""

    unit = Reference("单位")


class ExplainQuery(Strict):
    """Why a date is due."""

    ended_on = Day("工作结束日期", required=True)
    module = Line("记录种类", longest=40, required=True)
    unit = Reference("单位")


class RulesQuery(Strict):
    """The deadline rules of a unit for work that ends on a day."""

    unit = Reference("单位")
    on = Day("起算日期")


class AuditQuery(PageQuery):
    """The log; the period is on the Shanghai date of the act."""

    class Meta:
        unknown = "raise"
        include = {"from": Day("开始日期")}

    unit = Reference("单位")
    to = Day("结束日期")
    actor = Reference("操作人")
    action = Line("操作", longest=40)


class GrantBody(Strict):
    """A right to hand out."""

    role = Code("角色", {role.value: role.label for role in GRANTABLE}, required=True)
    unit_id = Reference("单位", required=True, widget="hidden")
    columns = Columns("栏目", COLUMNS, help="不选表示全部栏目")
    channel = Code("使用端", {"both": "电脑端和手机端", "pc": "电脑端", "mobile": "手机端"}, load_default="both",
                   allow_none=False)
    since = Day("起始日期", help="不填表示马上生效；填将来的日期，到那天才生效")
    until = Day("截止日期", help="不填表示长期")
    template_id = Reference("角色模板", help="选了模板，就只有模板里的操作、栏目和使用端；模板收窄，这项权限也跟着收窄")


class GrantChange(GrantBody):
    """A right changed: what is left out stays. Role and unit may be sent along, and are refused when they differ."""

    role = Code("角色", {role.value: role.label for role in GRANTABLE}, allow_none=False)
    unit_id = Reference("单位", allow_none=False, widget="hidden")
