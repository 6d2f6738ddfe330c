"""Roles: what a person may be in a unit. Administrator is a seat, cadre is what an account is; the rest are grants."""

from enum import StrEnum


class Role(StrEnum):
    """In the order of the table's columns."""

    clerk = "clerk"
    chief = "chief"
    reviewer = "reviewer"
    auditor = "auditor"
    administrator = "administrator"
    cadre = "cadre"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    Role.clerk: "经办人",
    Role.chief: "负责人",
    Role.reviewer: "审核人",
    Role.auditor: "检查人",
    Role.administrator: "系统管理员",
    Role.cadre: "离退休干部",
}

GRANTABLE = (Role.clerk, Role.chief, Role.reviewer, Role.auditor)


class Channel(StrEnum):
    """The two ends of Art. 10."""

    pc = "pc"
    mobile = "mobile"


BOTH = frozenset({Channel.pc, Channel.mobile})
PC = frozenset({Channel.pc})
MOBILE = frozenset({Channel.mobile})
CHANNEL_LABELS = {"pc": "电脑端", "mobile": "手机端", "both": "两端"}
