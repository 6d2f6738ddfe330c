"""支部活动: an activity of a Party branch with its attendance (党建园地)."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.records.model import Record, module_record, record_key
from app.records.module import Module
from app.records.schema import Attendance, RecordSchema
from app.schemas.fields import Code, Line

TYPES = {
    "member_assembly": "党员大会",
    "committee_meeting": "支委会",
    "group_meeting": "党小组会",
    "party_lecture": "党课",
    "theme_party_day": "主题党日",
    "democratic_review": "民主评议党员",
    "org_life_meeting": "组织生活会",
    "democratic_life_meeting": "民主生活会",
    "other": "其他",
}
MODES = {"onsite": "现场", "online": "线上", "home_study": "送学上门"}


class BranchActivity(Record):
    """An activity; `ended_on` is its last day. The branch is text until branches exist."""

    __tablename__ = "branch_activities"
    __mapper_args__ = module_record("branch_activities")

    id: Mapped[str] = record_key()
    branch: Mapped[str | None] = mapped_column(String(100))
    type: Mapped[str | None] = mapped_column(String(24))
    host: Mapped[str | None] = mapped_column(String(50))
    place: Mapped[str | None] = mapped_column(String(100))
    topic: Mapped[str | None] = mapped_column(String(200))
    mode: Mapped[str | None] = mapped_column(String(12))


class BranchActivitySchema(RecordSchema):
    """What is asked about an activity."""

    branch = Line("党支部", longest=100, required=True, search=True)
    type = Code("活动类型", TYPES, required=True)
    host = Line("主持人", longest=50, search=True)
    place = Line("地点", longest=100, search=True)
    topic = Line("主题", longest=200, search=True)
    mode = Code("方式", MODES, widget="radio", load_default="onsite", allow_none=False)
    attendance = Attendance("出勤情况")


def summary(values: Any) -> str:
    """`主题党日 · 学习贯彻…`."""
    return " · ".join(part for part in (TYPES.get(values.get("type") or "", "支部活动"), values.get("topic")) if part)


MODULE = Module(key="branch_activities", column="party_garden", title="支部活动", record=BranchActivity,
                schema=BranchActivitySchema, summary=summary, service="您参加了支部活动", order=30, icon="flag")
