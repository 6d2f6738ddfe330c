"""What may be put into sessions, units, accounts, seats and opinions."""

from app.schemas.fields import Code, Day, Flag, Line, Reference, Sure, Text, Whole
from app.schemas.person import PersonName
from app.schemas.strict import Strict
from tenants.models import KIND_LABELS

KINDS = {kind.value: text for kind, text in KIND_LABELS.items()}
FATES = {"rehome": "继续有效，改由接手人负责", "freeze": "全部冻结，以后逐项解冻或重新授予"}
AHEAD = "不填表示现在就办；填以后的日子，到那天 0 时自动办理，之前可以取消"
EMPLOYMENT = {"full_time": "专职", "part_time": "兼职"}


class Secret(Line):
    """A password: taken as typed, never shown again."""

    widget = "password"

    def _deserialize(self, value: object, attr: object, data: object, **kwargs: object) -> str:
        if not isinstance(value, str) or not value or len(value) > self.longest:
            raise self.make_error("invalid")
        return value

    def to_form(self, value: object) -> str:
        return ""


class LoginBody(Strict):
    """Logging in."""

    phone = Line("手机号码", longest=64, required=True, widget="tel")
    password = Secret("密码", longest=200, required=True)
    channel = Code("使用端", {"pc": "电脑端", "mobile": "手机端"}, required=True, widget="hidden")
    device = Line("设备凭证", longest=400, help="上次登录成功时给的；带上它，别人试错密码不会拖慢您")


class CodeAskBody(Strict):
    """Asking for a code by SMS."""

    phone = Line("手机号码", longest=64, required=True, widget="tel")


class SecondStepBody(Strict):
    """The code that a half-done log-in still owes."""

    challenge = Line("登录凭证", longest=100, required=True)
    code = Line("验证码", longest=30, required=True)
    device = Line("设备凭证", longest=400)


class FactorCodeBody(Strict):
    """A code of an authenticator that is being bound."""

    code = Line("验证器上的 6 位数字", longest=30, required=True)


class ProofBody(Strict):
    """Once more that it is the owner: the password, or a code of the authenticator."""

    password = Secret("密码", longest=200)
    code = Line("验证码", longest=30)


class CodeBody(Strict):
    """Redeeming a code."""

    code = Line("短信里的 6 个数字", longest=20, required=True)


class PasswordBody(Strict):
    """Changing one's own password."""

    old = Secret("原密码", longest=200, required=True)
    new = Secret("新密码", longest=200, required=True)


class EndSessionBody(Strict):
    """Ending one of my sessions, or all others."""

    session_id = Line("登录", longest=22)
    others = Flag("其他全部", load_default=False)


class UnitBody(Strict):
    """Opening a unit."""

    parent_id = Reference("上级单位", required=True, widget="hidden")
    kind = Code("单位类别", KINDS, required=True)
    name = Line("单位名称", longest=100, required=True)
    code = Line("单位代码", longest=32, required=True, help="全省唯一，如行政区划代码或统一社会信用代码")


class UnitChange(Strict):
    """Amending a unit."""

    name = Line("单位名称", longest=100, required=True)
    code = Line("单位代码", longest=32, required=True)
    valid_from = Day("起始日期", required=True)
    valid_to = Day("终止日期")


class UnitForm(UnitChange):
    """Amending a unit on the console; a new name may be put down for a day to come."""

    effective_on = Day("新名称的生效日期", help="不填表示现在就改；填以后的日子，到那天 0 时只改名称，之前可以取消")


class MoveBody(Strict):
    """Moving a unit."""

    parent_id = Reference("新的上级单位", required=True, widget="unit")


class MoveForm(MoveBody):
    """Moving a unit on the console, once what will happen has been read."""

    effective_on = Day("生效日期", help=AHEAD)
    sure = Sure("我已看过上面的变化")


class CloseBody(Strict):
    """Closing a unit."""

    successor_id = Reference("接收单位", widget="unit")


class CloseForm(CloseBody):
    """Closing a unit on the console, at once or on a day to come."""

    effective_on = Day("生效日期", help=AHEAD)


class FreezeBody(Strict):
    """A report to be kept as it is now."""

    class Meta:
        unknown = "raise"
        include = {"from": Day("截止日从", required=True)}

    unit_id = Reference("单位", required=True, widget="hidden")
    to = Day("到", required=True)
    module = Line("记录种类", longest=40)
    as_of = Day("按哪天的隶属关系")
    title = Line("标题", longest=100, help="不填时用单位名称和统计期间")


class SeatBody(Strict):
    """Appointing an administrator."""

    account_id = Reference("工作人员", required=True)


class NominationBody(Strict):
    """Proposing somebody of the unit's own staff for a seat."""

    account_id = Reference("工作人员", required=True, widget="hidden")
    replaces_id = Reference("接替", widget="select", help="现任系统管理员要离开时，选他；不选表示补空缺的席位")
    reason = Line("理由", longest=200, widget="textarea")


class ReplaceBody(Strict):
    """Putting another in the place of an administrator who leaves."""

    successor_id = Reference("接任人", required=True, widget="select")
    rights = Code("他授予的权限", FATES, load_default="rehome", allow_none=False, widget="radio")
    work = Flag("未办事项一并移交", load_default=True, help="提醒、退回和督办消息，以及他提出的提名，改由接任人办理")
    reason = Line("更换原因", longest=200, widget="textarea", help="如工作调动、退休")


class RemoveBody(Strict):
    """Removing an administrator."""

    rights = Code("他授予的权限", FATES, load_default="rehome", allow_none=False, widget="radio")
    suspend = Flag("同时停用此人的账号", load_default=False,
                   help="所有已登录的设备马上退出；以后恢复账号，也不会恢复席位")


class HandOverBody(Strict):
    """Handing a post over to a colleague."""

    taker_id = Reference("接手人", required=True, widget="select")
    effective_on = Day("生效日期", help="不填表示现在就交接；填以后的日期，到那天 0 时权限自动换人，"
                                          "之前仍由原来的人办理")
    reason = Line("原因", longest=200, widget="textarea")


class StaffAccountBody(Strict):
    """Opening a staff account."""

    unit_id = Reference("单位", required=True, widget="hidden")
    kind = Code("类别", {"staff": "工作人员"}, required=True, widget="hidden")
    name = PersonName("姓名", required=True)
    phone = Line("手机号码", longest=64, required=True, widget="tel", help="本人手机号码，即登录账号")
    employment = Code("专职或兼职", EMPLOYMENT, load_default="full_time", allow_none=False, widget="radio")
    on_establishment = Flag("编制内", load_default=False)
    in_service = Flag("在职", load_default=True)
    trained_on = Day("培训日期")
    pc_grant = Flag("可用电脑端", load_default=False)
    mobile_access = Flag("可用手机端", load_default=True)


class CadreAccountBody(Strict):
    """Opening a cadre's account."""

    unit_id = Reference("单位", required=True, widget="hidden")
    kind = Code("类别", {"cadre": "离退休干部"}, required=True, widget="hidden")
    phone = Line("手机号码", longest=64, required=True, widget="tel", help="本人手机号码，即登录账号")
    cadre_id = Reference("老同志", required=True, widget="hidden")
    mobile_access = Flag("可用手机端", load_default=True)


class AccountChange(Strict):
    """Amending an account; phone, unit and kind never change here."""

    name = PersonName("姓名", required=True)
    employment = Code("专职或兼职", EMPLOYMENT, required=True, widget="radio")
    on_establishment = Flag("编制内", required=True)
    in_service = Flag("在职", required=True)
    trained_on = Day("培训日期")
    pc_grant = Flag("可用电脑端", required=True)
    mobile_access = Flag("可用手机端", required=True)


class TrainingBody(Strict):
    """A training of a member of staff."""

    name = Line("培训名称", longest=100, required=True, help="如：网络安全和系统操作培训")
    held_on = Day("培训日期", required=True)
    hours = Whole("学时", least=1, most=999)
    organiser = Line("主办单位", longest=100)


class PostBody(Strict):
    """Which post is worked in; none for all."""

    unit_id = Reference("岗位所在单位")


class PhoneChangeBody(Strict):
    """Another number for oneself, or for a cadre who cannot ask."""

    phone = Line("新的手机号码", longest=64, required=True, widget="tel", help="11 位手机号码，要是本人自己用的")
    reason = Line("原因", longest=200)


class PhoneChangeForCadre(PhoneChangeBody):
    """The same on somebody's behalf: why is asked for."""

    reason = Line("原因和核实情况", longest=200, required=True, help="如：本人到单位申请，已核对身份证")


class OpinionBody(Strict):
    """An opinion."""

    text = Text("您的意见建议", longest=1000, required=True)


class AnswerBody(Strict):
    """What is answered to an opinion; `replaces` names the answer it corrects."""

    text = Text("答复", longest=1000, required=True)
    replaces = Reference("更正的答复", widget="hidden")


class SubmitBody(Strict):
    """Entering a draft."""

    late_reason = Line("逾期原因", longest=200)




class ExportBody(Strict):
    """What the rows are needed for; `clear` leaves sensitive values unmasked where I may see them so."""

    purpose = Line("用途", longest=100, required=True)
    clear = Flag("敏感信息不遮蔽", load_default=False, allow_none=False)
