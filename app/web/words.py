"""What the log's codes are called in Chinese: actions, things, refusals, fields and their values; in one place."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from app import registry
from app.columns import COLUMNS
from app.people.schema import CadreSchema
from app.records.ruling import LABELS
from app.records.standing import ODDITIES
from app.schemas.bodies import KINDS, AccountChange, CadreAccountBody, StaffAccountBody, UnitBody, UnitChange
from app.schemas.fields import Code, Fen, Named, is_id
from app.schemas.queries import AuditQuery, GrantBody
from permissions.accounts import STATE_LABELS
from permissions.roles import CHANNEL_LABELS, Role
from tenants import clock

ACTIONS: Mapping[str, str] = {
    "account:open": "开通账号", "account:read": "查看账号", "account:update": "更改账号",
    "account:suspend": "停用账号", "account:reactivate": "恢复账号", "account:resend": "重发密码短信",
    "account:close": "注销账号", "account:plan_ending": "登记离岗或退休", "account:drop_ending": "取消离岗或退休",
    "account:ask_transfer": "申请调动", "account:answer_transfer": "答复调动", "account:move": "调动",
    "session:post": "切换岗位", "account:training": "登记培训", "account:training_struck": "划去培训",
    "account:training_proof": "上传培训证明", "account:training_proof_read": "查看培训证明",
    "commitment:export": "导出承诺书未签名单",
    "account:sign": "签署承诺书", "account:ask_phone": "申请换手机号码", "account:answer_phone": "答复换号申请",
    "account:leave": "离岗停用", "account:retire": "退休转为离退休干部",
    "administrator:appoint": "任命系统管理员", "administrator:read": "查看系统管理员",
    "administrator:remove": "免去系统管理员", "administrator:replace": "更换系统管理员",
    "administrator:settle": "处理所授予的权限", "account:hand_over": "岗位交出", "account:take_over": "岗位接手",
    "administrator:nominate": "提名系统管理员",
    "audit:read": "查阅操作日志",
    "cadre:create": "新建干部档案", "cadre:import": "导入名册", "cadre:import_errors": "下载导入错误行",
    "cadre:read": "查看干部档案",
    "cadre:export": "导出名册", "cadre:export_file": "下载导出的名册",
    "record:export": "导出记录", "record:export_file": "下载导出的记录",
    "cadre:unmask": "查看敏感信息原文", "cadre:update": "更改干部档案",
    "calendar:load": "载入放假安排", "calendar:update": "更改放假安排",
    "demo:load": "载入演示数据", "deadline:explain": "查看截止日期的算法",
    "filing:acknowledge": "确认报备", "filing:read": "查看报备",
    "grant:create": "授予权限", "grant:delete": "收回权限", "grant:read": "查看权限",
    "grant:change": "修改权限", "grant:freeze": "冻结权限", "grant:thaw": "解冻权限",
    "grant:rehome": "权限改由他人负责",
    "nomination:read": "查看提名", "nomination:seat": "按提名任命", "nomination:refuse": "不同意提名",
    "nomination:withdraw": "撤回提名",
    "obligation:tell": "到期提醒与逐级告知", "obligation:digest": "每日短信提醒",
    "opinion:answer": "答复意见建议", "opinion:leave": "提出意见建议", "opinion:read": "查看意见建议",
    "own_file:read": "查看本人档案",
    "password:change": "修改本人密码",
    "record:create": "新增记录", "record:delete": "撤下记录", "record:read": "查看记录", "record:update": "更改记录",
    "record:submit": "录入草稿", "job:again": "重做后台任务",
    "record:redate": "重算截止日期", "record:confirm": "确认逾期补录或改期",
    "record:return": "退回逾期补录或改期", "record:extend": "答复延期", "record:ask_extension": "申请延期",
    "record:oversee": "查看待处理与异常录入", "record:reopen": "重新开放已锁定的记录",
    "rule:update": "更改时限规则",
    "report:timeliness": "查看及时性统计", "report:freeze": "封存统计报表", "report:export": "导出及时性统计",
    "session:open": "登录", "session:close": "退出登录", "session:code": "发送登录验证码",
    "second_factor:begin": "开始绑定手机验证器", "second_factor:bind": "绑定手机验证器",
    "second_factor:renew": "换一批恢复码", "second_factor:recovery": "用恢复码登录",
    "second_factor:give_up": "关闭手机验证器", "account:second_factor_reset": "解除手机验证器",
    "session:own_up": "确认登录都是本人",
    "session:end": "退出其他设备", "account:sign_out": "让账号退出所有设备", "session": "访问",
    "template:make": "新建角色模板", "template:amend": "修改角色模板", "template:withdraw": "停用角色模板",
    "unit:close": "撤销单位", "unit:move": "移动单位", "unit:open": "新设单位", "unit:read": "查看单位",
    "unit:update": "更改单位信息", "unit:planned": "机构调整没有生效", "unit:split": "拆分单位",
}

STEPS: Mapping[str, str] = {
    "returned": "重新计时通知", "remind+0": "到期当天提醒", "tell0": "告知本单位管理员", "tell1": "告知上级管理员",
    "tell2": "告知再上一级管理员",
}

THINGS: Mapping[str, str] = {
    "account": "账号", "administrator": "系统管理员", "attachment": "照片", "audit": "操作日志", "cadre": "干部档案",
    "calendar": "放假安排", "filing": "报备", "grant": "权限", "nomination": "提名", "opinion": "意见建议",
    "timeliness": "及时性统计", "template": "角色模板",
    "unit": "单位", "planned_change": "机构调整",
    "rule": "时限规则", "filing_acknowledgement": "报备", "opinion_answer": "意见建议",
}

# What was asked of a page or of the API: the part of the program that refused.
PLACES: Mapping[str, str] = {"units": "单位", "accounts": "账号", "administrators": "系统管理员", "filings": "报备",
                             "nominations": "提名",
                             "cadres": "干部档案", "records": "记录", "opinions": "意见建议", "reports": "统计",
                             "log": "操作日志", "audit": "操作日志", "calendar": "放假安排", "rules": "时限规则",
                             "deadlines": "时限", "rulings": "上级处理", "oversight": "待处理与异常录入"}

REASONS: Mapping[str, str] = {
    "channel_closed": "这一端没有开放给该账号", "forbidden": "没有权限", "not_found": "没有找到，或不在管理范围内",
    "wrong_credentials": "号码或密码不对", "wrong_code": "验证码不对", "wrong_second_factor": "验证器上的数字不对",
    "second_factor_enrolment_required": "还没有绑定手机验证器", "wrong_password": "密码不对",
    "seats_full": "两个席位已满（第七条）", "already_nominated": "已经提名过", "already_answered": "提名已经办结",
    "already_seated": "已经是系统管理员", "already_ordered": "同样的调整已在等待生效",
    "phone_taken": "手机号码已开通过账号", "account_exists": "已经有账号", "id_number_taken": "身份证号已有档案",
    "code_taken": "单位代码已被使用", "not_empty": "单位不为空，没有接收单位", "closed": "单位已撤销",
    "root": "最高一级单位", "already_suspended": "已经停用", "not_suspended": "没有停用", "suspended": "已停用",
    "still_seated": "仍是系统管理员", "already_acknowledged": "已经确认过", "stale": "内容刚被别人改过",
    "conflict": "当前状态不允许", "no_file": "没有文件", "not_ready": "还没有生成", "expired": "已过期",
    "finished": "已经结束", "too_many_jobs": "未完成的任务太多", "password_change_required": "尚未修改初始密码",
    "locked": "记录已锁定", "not_locked": "没有锁定", "nothing_asked": "没有等待的申请",
    "already_asked": "已有等待答复的申请", "already_decided": "已经答复",
    "already_there": "已经在这个单位",
    "account_closed": "账号已注销", "deceased": "已登记离世", "already_planned": "已登记过离岗或退休",
    "nothing_planned": "没有可以取消的登记", "not_staff": "不是工作人员", "not_cadre": "不是离退休干部",
    "opinion_answered": "已经答复过", "too_many_corrections": "更正次数太多",
    "already_signed": "已经签署",
    "held_alike": "已有完全相同的权限",
    "nothing_to_confirm": "没有要确认的", "already_entered": "已经录入",
    "invalid": "填写的内容不符合规定", "malformed": "请求不完整", "bad_phone": "不是有效的手机号码",
    "signed_out": "没有登录", "proof_required": "没有再输一次密码", "slow_down": "次数太多", "busy": "系统正忙",
    "second_factor_required": "还没有输验证器上的数字", "challenge_over": "登录的第二步已过期",
    "not_bound": "没有绑定手机验证器", "not_begun": "绑定已过期", "withdrawn": "模板已停用", "in_use": "模板已有人在用",
    "frozen": "权限已冻结", "not_frozen": "权限没有冻结", "ended": "权限已经结束",
    "settled": "调整已经生效或取消", "own_work": "不能确认自己录入的记录",
    "too_many_rows": "一次导出的行数太多", "too_many_photos": "照片太多", "nothing_tried": "还没有试导入",
    "already_confirmed": "已经提交导入", "not_again": "任务不能重做", "gave_up": "任务多次没有办成",
    "nothing_to_end": "没有可以停止的规定", "not_to_come": "规定已经施行，不能撤回",
    "in_progress": "同一请求正在处理", "idempotency_conflict": "同一请求的内容不一致",
    "broken_seal": "封存的报表与指纹不符",
}

ACTS: Mapping[str, str] = {"appoint": "任命", "remove": "免去", "from": "调出单位申请", "to": "调入单位申请"}
SYSTEM = "系统"
SUPERIOR = "上级管理单位"

_FIELDS: Mapping[str, str] = {
    "template_version": "短信模板版本", "text": "短信内容", "answer": "第几次答复",
    "to_account_id": "接手人", "from_account_id": "交出人", "fate": "所授权限", "successor": "由接手人负责",
    "mine": "由办理人负责", "frozen": "已冻结", "left": "维持不变", "rights": "权限", "nominations": "提名",
    "messages": "移交的消息", "taker_id": "接手人", "reason": "理由", "work": "移交未办事项",
    "parent_id": "上级单位", "successor_id": "接收单位", "account_id": "账号", "replaces_id": "接替",
    "cadre_id": "老同志", "unit_id": "单位", "split_into": "分出的单位", "accounts": "账号", "planned": "机构调整",
    "effective_on": "生效日期",
    "record_id": "所属记录", "seat": "席位", "act": "事项", "state": "状态", "status": "状态", "kind": "类别",
    "new_device": "没用过的设备", "failed_before": "登录前输错次数",
    "channel": "使用端", "changed": "改动的栏目", "field": "查看的内容", "purpose": "用途", "entered_on": "录入日期",
    "judged_on": "判断所依据的截止日期", "odd": "异常", "ruling": "处理", "words": "意见或理由", "until": "到哪一天",
    "due_on": "截止日期", "ended_on": "结束日期", "late_reason": "逾期原因", "years": "年份",
    "due_dates_changed": "变动的截止日期", "from": "开始日期", "to": "结束日期", "actor": "操作人", "unit": "单位",
    "action": "操作", "limit": "每页条数", "q": "关键字", "version": "版本", "role": "角色", "columns": "栏目",
    "employment": "专职或兼职", "phone": "手机号码", "units": "单位", "staff": "工作人员", "cadres": "老同志",
    "records": "工作记录", "total": "总行数", "ok": "没有错的行", "failed": "有错的行", "accounts_opened": "开通账号",
    "notices": "通知文号", "cause": "原因", "since": "起始日期", "amount": "数量",
    "measure": "计量", "reminders": "提醒", "escalations": "升级", "basis": "依据", "verb": "做法", "rule_kind": "事项",
    "step": "步骤", "told": "已告知", "missed": "错过而未发",
    "comes_on": "生效日期", "verdict": "答复", "fault": "没有办成的原因",
    "exported": "导出行数", "clear_rows": "未遮蔽的行数", "conditions": "条件",
    "dry_run": "试导入", "on_error": "有错时", "rows": "起止行号",
}

_VALUES: Mapping[str, Mapping[str, str]] = {
    "kind": {**KINDS, "staff": "工作人员", "cadre": "离退休干部", "leave": "离岗", "retire": "退休"},
    "planned": {"move": "移动", "close": "撤销", "rename": "更名", "merge": "合并", "split": "拆分"},
    "fate": {"rehome": "改由接手人负责", "freeze": "冻结"},
    "state": {**STATE_LABELS, "draft": "草稿", "entered": "已录入"},
    "status": {"open": "正常", "closed": "已撤销"},
    "act": ACTS,
    "odd": {odd.value: text for odd, text in ODDITIES.items()},
    "ruling": {said.value: text for said, text in LABELS.items()},
    "role": {role.value: role.label for role in Role},
    "channel": CHANNEL_LABELS,
    "columns": COLUMNS,
    "action": ACTIONS,
    "on_error": {"skip": "退回，其余导入", "abort": "有一行有错就都不导入"},
    "seat": {"1": "一号席位", "2": "二号席位"},
}


def action(code: str) -> str:
    """An action by name; one the table does not know yet stays as it is."""
    return ACTIONS.get(code, code)


def action_choices() -> list[tuple[str, str]]:
    """Every action a log filter offers, by its Chinese name."""
    return sorted(((code, name) for code, name in ACTIONS.items() if code != "session"), key=lambda each: each[0])


def thing(object_type: str) -> str:
    """What an entry is about: an object, a kind of record, or the part of the program that refused."""
    if object_type in THINGS:
        return THINGS[object_type]
    modules = registry.modules()
    if object_type in modules:
        return modules[object_type].title
    place = object_type.removeprefix("api_").removeprefix("desk_").removeprefix("mobile_")
    return PLACES.get(place, "页面")


def step(key: str) -> str:
    """A step of a ladder: `remind-2` is `提前 2 个工作日提醒`."""
    offset = key.removeprefix("remind")
    if key in STEPS or offset == key:
        return STEPS.get(key, key)
    return f"{'提前' if offset[0] == '-' else '逾期'} {offset[1:]} 个工作日提醒"


def reason(code: str | None) -> str:
    """Why something was refused."""
    return REASONS.get(code or "", code or "")


def _declared() -> Mapping[str, Named]:
    return _declared_for(tuple(registry.modules()))


@cache
def _declared_for(modules: tuple[str, ...]) -> Mapping[str, Named]:
    """Fields by name as the schemas declare them, read once for a set of modules."""
    schemas = [UnitBody(), UnitChange(), StaffAccountBody(), CadreAccountBody(), AccountChange(), GrantBody(),
               AuditQuery(), CadreSchema(), *(registry.module(key).schema() for key in modules)]
    found: dict[str, Named] = {}
    for schema in schemas:
        for name, declared in schema.named().items():
            found.setdefault(name, declared)
    return found


def field(name: str) -> str:
    """What a field of `before` and `after` is called."""
    if name in _FIELDS:
        return _FIELDS[name]
    declared = _declared().get(name)
    return str(declared.metadata["label"]) if declared is not None else name


def value(name: str, raw: Any, names: Mapping[str, str]) -> str:
    """A value as people read it; `names` turns ids into names, as far as the reader may know them."""
    if raw is None or raw == "":
        return "空"
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, list):
        inner = (field(str(each)) if name == "changed" else value(name, each, names) for each in raw)
        return "、".join(inner) or "空"
    if name == "field":
        return field(str(raw))
    text = str(raw)
    known = step(text) if name == "step" else _VALUES.get(name, {}).get(text)
    if known is not None:
        return known
    declared = _declared().get(name)
    if isinstance(declared, Code) and text in declared.choices:
        return declared.choices[text]
    if isinstance(declared, Fen) and isinstance(raw, int):
        return f"{declared.to_form(raw)} 元"
    if is_id(text) and (name.endswith("_id") or name in ("unit", "actor")):
        return names.get(text, "（不在您的管理范围内）")
    return text


def moment(at: datetime | None, *, seconds: bool = False) -> str:
    """An instant in Shanghai as the pages show it; empty for none."""
    return clock.local(at).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M") if at is not None else ""
