"""What superiors said about the demonstration's records, and what still waits for them: so that the engine has work.

Late entries of the last weeks wait to be confirmed and older ones are confirmed; in the watched places one was sent
back, one asks for more time, one was given it, and one corrected its end.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from app.deadlines.calendar import Due
from app.demo.inserting import Row, insert
from app.demo.province import DONGTAI, HEDE, ROOT, SHEYANG, YANCHENG
from app.demo.records import RecordPlan
from app.demo.register import Register
from app.demo.staff import StaffPlan
from app.records.ruling import Ruling, Said
from tenants.fields import new_id

WAITING_DAYS = 21
WATCHED, SUPERIORS = (SHEYANG, HEDE, DONGTAI), (SHEYANG, DONGTAI, YANCHENG, ROOT)
ALWAYS_WAITING = 4
COLUMNS = ("held_ended_on", "corrected_due_on", "extended_to", "asked_until", "late_ruling", "correction_ruling",
           "asks", "odd")
CONFIRMED = ("情况属实，同意。", "已核实，以后请按时录入。", None)
RETURNED = "请写明具体原因和经办人，再报一次。"
ASKED, GIVEN = "经办人外出培训，材料还没有交齐，申请延长几天。", "情况属实，同意延长，请抓紧录入。"
Lines = list[tuple[RecordPlan, Row]]


class Standing:
    """Goes over the records of the demonstration and writes what was said about them."""

    def __init__(self, register: Register, due: Callable[[str, date], Due]) -> None:
        self.register, self.due = register, due
        self.rng = register.rng("rulings")
        self.rows: list[Row] = []

    def say(self, row: Row, plan: RecordPlan, said: Said, at: datetime, who: StaffPlan, *, words: str | None = None,
            until: date | None = None) -> None:
        """One act about a record."""
        self.rows.append(self.register.place(plan.unit_key) | {
            "id": new_id(), "record_id": row["id"], "kind": said.value, "words": words, "until": until, "at": at,
            "by": self.register.account_ids[who.key], "by_name": who.name,
            "by_unit": self.register.units[who.unit_key].name})

    def late(self, lines: Lines) -> None:
        """Every late entry that gives its reason: waiting, or confirmed some days later by the superior."""
        for plan, row in lines:
            entered = plan.entered_at
            if not _late(plan, row) or entered is None or row["late_ruling"] or row["asks"]:
                continue
            who = self.register.administrator_above(plan.unit_key)
            at = entered + timedelta(days=self.rng.randint(1, 6), minutes=self.rng.randrange(90))
            words = self.rng.choice(CONFIRMED)
            if who is None or (self.register.moment.today - entered.date()).days <= WAITING_DAYS:
                row["asks"] = "late"
            else:
                row["late_ruling"] = "confirmed"
                self.say(row, plan, Said.late_confirmed, at, who, words=words)

    def waiting(self, superior: str, lines: Lines) -> None:
        """The latest late entries below a unit that is looked at wait for it, however long ago they came."""
        found = [(plan, row) for plan, row in lines if _late(plan, row) and row["late_ruling"] is None
                 and self.register.parents[plan.unit_key] == superior]
        for _plan, row in sorted(found, key=lambda line: line[1]["entered_on"])[-ALWAYS_WAITING:]:
            row["asks"] = "late"

    def watched(self, unit_key: str, lines: Lines) -> None:
        """In one place: one sent back, one that asks for more time, one that has it, one whose end was corrected."""
        who = self.register.administrator_above(unit_key)
        here = [(plan, row) for plan, row in lines if plan.unit_key == unit_key]
        if who is None:
            return
        self._send_back(sorted((line for line in here if _late(*line)), key=lambda line: line[1]["entered_on"]), who)
        self._more_time([line for line in here if line[1]["entered_at"] is None
                         and line[1]["ended_on"] <= self.register.moment.today <= line[1]["due_on"]], who)
        self._correct([line for line in here if line[1]["entered_at"] is not None and line[1]["asks"] is None
                       and line[1]["entered_on"] <= line[1]["due_on"]
                       and (self.register.moment.today - line[1]["ended_on"]).days <= WAITING_DAYS])

    def _send_back(self, found: Lines, who: StaffPlan) -> None:
        for plan, row in found[-1:]:
            row["late_ruling"] = "returned"
            self.say(row, plan, Said.late_returned, self._yesterday(15), who, words=RETURNED)

    def _more_time(self, found: Lines, who: StaffPlan) -> None:
        later = self.register.moment.today + timedelta(days=14)
        for (plan, row), given in zip(found, (False, True), strict=False):
            author = self.register.staff[plan.author_key]
            self.say(row, plan, Said.extension_asked, self._yesterday(10), author, words=ASKED, until=later)
            if given:
                row["extended_to"] = row["due_on"] = later
                self.say(row, plan, Said.extended, self._yesterday(16), who, words=GIVEN, until=later)
            else:
                row["asks"], row["asked_until"] = "extension", later

    def _correct(self, found: Lines) -> None:
        """The end was written a day too late and is put right: the earlier day decides until that is confirmed."""
        for plan, row in found[-1:]:
            row["held_ended_on"] = row["ended_on"] - timedelta(days=1)
            held, stated = (self.due(plan.module, row[name]).on for name in ("held_ended_on", "ended_on"))
            row["first_due_on"] = row["due_on"] = held
            row["corrected_due_on"] = stated
            row["asks"], row["odd"] = "correction", "moved"

    def _yesterday(self, hour: int) -> datetime:
        return self.register.moment.days_ago(1, time(hour, self.rng.randrange(60)))


def _late(plan: RecordPlan, row: Row) -> bool:
    """Entered late, with the reason for it."""
    return row["entered_on"] is not None and row["entered_on"] > row["due_on"] and plan.late_reason is not None


def none_said() -> dict[str, Any]:
    """The columns of a record about which nothing was said."""
    return dict.fromkeys(COLUMNS)


def stand(register: Register, due: Callable[[str, date], Due], lines: Lines) -> Standing:
    """Say it of every record, before the rows are written; `write` then writes what was said."""
    standing = Standing(register, due)
    for unit_key in WATCHED:
        standing.watched(unit_key, lines)
    for superior in SUPERIORS:
        standing.waiting(superior, lines)
    standing.late(lines)
    return standing


def write(standing: Standing) -> int:
    """Write what was said, once the records are there; returns how much."""
    insert(Ruling, standing.rows)
    return len(standing.rows)
