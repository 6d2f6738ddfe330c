"""志愿服务: what a volunteer team of cadres did, with each one's minutes (银发生辉)."""

from datetime import date
from typing import Any

from marshmallow import ValidationError, validates_schema
from sqlalchemy import Date, String
from sqlalchemy.orm import Mapped, mapped_column

from app.records.model import Record, module_record, record_key
from app.records.module import Module
from app.records.schema import Participants, RecordSchema
from app.schemas.fields import Day, Line, Text

DIRECTIONS = ("党内关怀", "联系群众", "专项志愿服务", "红色传承", "文明引导", "专业帮扶", "乐龄共享")


class VolunteerService(Record):
    """A service; `ended_on` is its last day. The team is text until teams exist."""

    __tablename__ = "volunteer_service"
    __mapper_args__ = module_record("volunteer_service")

    id: Mapped[str] = record_key()
    team: Mapped[str | None] = mapped_column(String(100))
    direction: Mapped[str | None] = mapped_column(String(50))
    place: Mapped[str | None] = mapped_column(String(100))
    started_on: Mapped[date | None] = mapped_column(Date)
    content: Mapped[str | None] = mapped_column(String(1000))


class VolunteerServiceSchema(RecordSchema):
    """What is asked about a service."""

    team = Line("志愿服务团队", longest=100, required=True, search=True)
    direction = Line("服务方向", longest=50, search=True, help="例如：" + "、".join(DIRECTIONS))
    place = Line("地点", longest=100, search=True)
    started_on = Day("开始日期")
    participants = Participants("参加人员及时长", required=True)
    content = Text("服务内容", longest=1000, search=True)

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("started_on") and data.get("ended_on") and data["started_on"] > data["ended_on"]:
            raise ValidationError({"started_on": ["开始日期不能晚于结束日期。"]})


def summary(values: Any) -> str:
    """`红色传承 · 银发宣讲团`."""
    parts = (values.get("direction") or "志愿服务", values.get("team"))
    return " · ".join(part for part in parts if part)


MODULE = Module(key="volunteer_service", column="silver_brilliance", title="志愿服务", record=VolunteerService,
                schema=VolunteerServiceSchema, summary=summary, service="您参加了志愿服务", order=40, icon="star")
