"""困难帮扶: money or help handed to a cadre in hardship (精准服务)."""

from typing import Any

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.records.model import Record, module_record, record_key
from app.records.module import Module
from app.records.schema import OneCadre, RecordSchema
from app.schemas.fields import Code, Fen, Line, Text
from tenants.fields import encrypted

REASONS = {"family_misfortune": "家庭变故", "serious_illness": "重大疾病", "special": "特殊补助"}


class HardshipAid(Record):
    """Aid; `ended_on` is the day it was handed over. Reason and note tell of hardship, so they are encrypted."""

    __tablename__ = "hardship_aid"
    __mapper_args__ = module_record("hardship_aid")

    id: Mapped[str] = record_key()
    reason: Mapped[str | None] = mapped_column(encrypted("hardship_aid.reason"))
    amount_fen: Mapped[int | None] = mapped_column(Integer)
    fund_source: Mapped[str | None] = mapped_column(String(100))
    handed_over_by: Mapped[str | None] = mapped_column(String(100))
    note: Mapped[str | None] = mapped_column(encrypted("hardship_aid.note"))


class HardshipAidSchema(RecordSchema):
    """What is asked about aid."""

    cadre_id = OneCadre("帮扶对象", required=True)
    reason = Code("帮扶原因", REASONS, required=True, widget="radio", sensitive=True)
    amount_fen = Fen("帮扶金额（元）", required=True)
    fund_source = Line("资金来源", longest=100, search=True)
    handed_over_by = Line("发放人", longest=100, search=True)
    note = Text("备注", longest=1000, sensitive=True)


def summary(values: Any) -> str:
    """The source of the money, never the reason."""
    return " · ".join(part for part in ("困难帮扶", values.get("fund_source")) if part)


MODULE = Module(key="hardship_aid", column="precision_service", title="困难帮扶", record=HardshipAid,
                schema=HardshipAidSchema, summary=summary, service="帮扶了您", order=20, icon="heart")
