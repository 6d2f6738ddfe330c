"""What may be put into a cadre's file."""

from app.schemas.fields import Code, Line, Partial, Reference, Text
from app.schemas.person import PersonName, Phone
from app.schemas.strict import Strict


class CadreSchema(Strict):
    """Fields of the contract; the ID number is checked with today's date by the store."""

    unit_id = Reference("现管单位", required=True, widget="hidden")
    name = PersonName("姓名", required=True)
    id_number = Line("身份证号", longest=40, required=True, sensitive=True, help="18 位，末位可以是 X")
    sex = Code("性别", "sex", help="不填则按身份证号")
    birth_date = Partial("出生日期", help="不填则按身份证号")
    ethnicity = Code("民族", "ethnicity")
    political_status = Code("政治面貌", "political_status")
    joined_party_on = Partial("入党时间", help="可以只填到年或月，如 1958 或 1958-07")
    started_work_on = Partial("参加工作时间", help="可以只填到年或月")
    retirement_type = Code("离退休类型", "retirement_type", required=True, widget="radio")
    retired_on = Partial("离退休时间", help="可以只填到年或月")
    former_unit = Line("原工作单位", longest=100)
    former_post = Line("原职务", longest=100)
    rank = Code("职级", "rank")
    treatment_level = Code("现享受待遇", "treatment_level")
    mobile = Phone("手机号码", sensitive=True)
    address = Text("家庭住址", longest=200, sensitive=True, widget="text")
    living_arrangement = Code("居住状况", "living_arrangement", widget="radio")
    health_status = Code("健康状况", "health_status", sensitive=True)
    life_status = Code("是否在世", "life_status", load_default="living", allow_none=False, widget="radio")
    branch = Line("所在党支部", longest=100)
