"""走访慰问: a visit paid to one or several cadres (精准服务)."""

from typing import Any

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.records.model import Record, module_record, record_key
from app.records.module import Module
from app.records.schema import CadreIds, RecordSchema
from app.schemas.fields import Code, Fen, Line, Text
from tenants.fields import encrypted

TYPES = {
    "birthday": "生日看望",
    "hospital": "住院慰问",
    "festival": "节日慰问",
    "survivor": "遗属看望",
    "routine": "日常走访",
    "relocated": "异地安置人员慰问",
}


class Visit(Record):
    """A visit; `ended_on` is the day of the visit. Feedback and demands may speak of health, so they are encrypted."""

    __tablename__ = "visits"
    __mapper_args__ = module_record("visits")

    id: Mapped[str] = record_key()
    type: Mapped[str | None] = mapped_column(String(16))
    place: Mapped[str | None] = mapped_column(String(100))
    visitors: Mapped[str | None] = mapped_column(String(200))
    goods: Mapped[str | None] = mapped_column(String(200))
    cash_fen: Mapped[int | None] = mapped_column(Integer)
    feedback: Mapped[str | None] = mapped_column(encrypted("visits.feedback"))
    demand: Mapped[str | None] = mapped_column(encrypted("visits.demand"))


class VisitSchema(RecordSchema):
    """What is asked about a visit."""

    cadre_ids = CadreIds("看望对象", required=True)
    type = Code("走访类型", TYPES, required=True, widget="radio")
    place = Line("地点或医院", longest=100, search=True)
    visitors = Line("看望人员", longest=200, search=True, help="领导及陪同人员，用顿号隔开")
    goods = Line("慰问品", longest=200, search=True)
    cash_fen = Fen("慰问金（元）")
    feedback = Text("反馈情况", longest=1000, sensitive=True)
    demand = Text("提出的需求", longest=1000, sensitive=True)


def summary(values: Any) -> str:
    """`生日看望 · 合德镇` and the like."""
    return " · ".join(part for part in (TYPES.get(values.get("type") or "", "走访慰问"), values.get("place")) if part)


MODULE = Module(key="visits", column="precision_service", title="走访慰问", record=Visit, schema=VisitSchema,
                summary=summary, service="看望了您", order=10, icon="visit")
