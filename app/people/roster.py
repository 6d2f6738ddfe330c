"""The roster sheet: its columns as offices write them, and the workbook people download."""

from app.people.schema import CadreSchema
from app.sheets.columns import Column
from app.sheets.template import write_template
from app.values import codes

UNIT = "unit"
PICK_LISTS = ("sex", "ethnicity", "political_status", "retirement_type", "rank", "treatment_level",
              "living_arrangement", "health_status")
_DATE = "可以只填到年或月：1958、1958-07 或 1958-07-01。"

# Aliases are headers met in offices' own rosters (domain.md 3.6); 职务(职级) there holds ranks, not posts.
COLUMNS: tuple[Column, ...] = (
    Column("name", "姓名", ("离退休干部姓名", "老干部姓名"), required=True, width=12),
    Column("id_number", "身份证号", ("身份证号码", "身份证", "公民身份号码", "居民身份证号码", "证件号码"),
           required=True, text_only=True, width=22, prompt="18 位，末位可以是 X；单元格须为文本格式。"),
    Column("retirement_type", "离退休类型", ("离退休类别", "离退类型", "离退类别", "离退休", "退休类型"), required=True,
           choices="retirement_type"),
    Column("mobile", "手机号码", ("手机", "手机号", "移动电话", "联系电话", "电话", "联系方式"), text_only=True,
           width=16, prompt="填写后为其开通账号，初始密码由短信发给本人；一号一人，不能与他人相同。"),
    Column("sex", "性别", choices="sex", width=8, prompt="不填则按身份证号。"),
    Column("birth_date", "出生日期", ("出生年月", "出生年月日", "生日"), prompt=f"不填则按身份证号。{_DATE}"),
    Column("ethnicity", "民族", choices="ethnicity", width=12),
    Column("political_status", "政治面貌", choices="political_status", width=16),
    Column("joined_party_on", "入党时间", ("入党日期", "入党年月"), prompt=_DATE),
    Column("started_work_on", "参加工作时间", ("工作时间", "参加工作日期", "参加工作年月"), prompt=_DATE),
    Column("retired_on", "离退休时间", ("离退休日期", "离退休年月", "退休时间", "退休日期", "离休时间"), prompt=_DATE),
    Column("former_unit", "原工作单位", ("原单位", "工作单位", "单位全称", "退休前单位"), width=26),
    Column("former_post", "原职务", ("职务", "原任职务", "退休前职务"), width=18),
    Column("rank", "职级", ("职务(职级)", "职务职级", "原职级", "级别"), choices="rank", width=16),
    Column("treatment_level", "现享受待遇", ("享受待遇", "待遇级别", "待遇"), choices="treatment_level", width=16),
    Column("address", "家庭住址", ("住址", "现住址", "家庭地址", "常住地址"), width=32),
    Column("living_arrangement", "居住状况", ("居住情况", "居住方式"), choices="living_arrangement"),
    Column("health_status", "健康状况", ("身体状况", "健康情况"), choices="health_status"),
    Column("branch", "所在党支部", ("党支部", "所属党支部", "党组织"), width=24),
    Column(UNIT, "单位", ("单位名称", "单位代码", "现管单位", "管理单位", "所属单位"), width=26,
           prompt="归哪个单位管理：填单位名称或代码，须在您的管理范围内；不填则归导入时选定的单位。"),
)
LABELS = {column.key: column.label for column in COLUMNS}
ORDER = {column.key: place for place, column in enumerate(COLUMNS)}
REQUIRED = tuple(column.key for column in COLUMNS if column.required)
FIELDS = {name: field for name, field in CadreSchema().named().items() if name in LABELS}

_NOTES = (
    "一行一位离退休干部。先“试导入”查看结果，再正式导入；试导入不保存任何内容。",
    "身份证号、手机号码两列已设为文本格式，请勿改动：以数字保存的 18 位号码，Excel 会把末尾几位变成 0，无法还原。",
    "15 位的旧身份证号会自动换算为 18 位。",
    "填写了手机号码的，导入后自动开通手机端账号，初始密码由短信发给本人。",
    "有错的行不会导入，会连同“错误说明”一列放回您自己的表格，改好后再次导入即可，已导入的不受影响。",
    "不认识的列会跳过；各列的次序可以调整，表头文字请勿改动。",
)
_EXAMPLE = {
    "name": "张三", "id_number": "320999193801150017", "retirement_type": "退休", "mobile": "19900000001", "sex": "男",
    "birth_date": "1938-01-15", "ethnicity": "汉族", "political_status": "中共党员", "joined_party_on": "1960-07",
    "started_work_on": "1956", "retired_on": "1998-01", "former_unit": "某县某局", "former_post": "局长",
    "rank": "乡科级正职", "treatment_level": "乡科级正职", "address": "某街道某小区 1 号", "living_arrangement": "空巢",
    "health_status": "一般或较弱", "branch": "某某离退休干部党支部",
}


def template() -> bytes:
    """The empty workbook (.xlsx) with pick-lists, notes and an example that is not imported."""
    return write_template(COLUMNS, {name: codes.labels(name) for name in PICK_LISTS}, _NOTES, _EXAMPLE)
