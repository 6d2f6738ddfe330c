"""What units have said about deadlines, as stored: only ever added to, so that every past word can be read again."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Integer, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from app.deadlines.rulebook import Rulebook, Stated
from app.deadlines.rules import Measure, Within
from tenants.db import Base, db
from tenants.fields import Id, Instant, new_id
from tenants.scope import Scope, UnitOwned, owned

EVERY_WORD = Scope.everything("the rules of every superior bind the units below")


class DeadlineRule(UnitOwned, Base):
    """A unit's word about one kind of work: `set` from a day on, `end` from a day on, or `withdraw` that beginning."""

    __tablename__ = "deadline_rules"
    __audited__ = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    serial: Mapped[int] = mapped_column(Integer, unique=True)
    verb: Mapped[str] = mapped_column(String(8))
    since: Mapped[date] = mapped_column(Date)
    after: Mapped[str] = mapped_column(String(40))
    amount: Mapped[int | None] = mapped_column(Integer)
    measure: Mapped[str | None] = mapped_column(String(16))
    reminders: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    escalations: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    basis: Mapped[str] = mapped_column(String(100))
    set_at: Mapped[datetime] = mapped_column(Instant)
    set_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))

    __table_args__ = owned(
        CheckConstraint("verb IN ('set', 'end', 'withdraw')", name="verb"),
        CheckConstraint("(verb = 'set') = (amount IS NOT NULL)", name="amount"),
        CheckConstraint("amount IS NULL OR amount > 0", name="positive"),
        CheckConstraint("measure IS NULL OR measure IN ('working_days', 'calendar_days', 'working_hours')",
                        name="measure"),
    )

    @property
    def rule(self) -> Within | None:
        """The pure value the engine counts with; None for a word that sets nothing."""
        if self.verb != "set" or self.amount is None:
            return None
        return Within(self.amount, self.after, self.since, self.basis, Measure(self.measure or "working_days"),
                      tuple(self.reminders or ()), tuple(self.escalations or ()))

    def stated(self) -> Stated:
        """The word as the rulebook reads it."""
        return Stated(self.unit_id, self.kind, self.since, self.serial, self.rule, self.verb == "withdraw")


def read_rulebook() -> Rulebook:
    """Every word there is, read anew."""
    rows = db.session.execute(EVERY_WORD.select(DeadlineRule)).scalars()
    return Rulebook(row.stated() for row in rows)


def history(unit_id: str, kind: str | None = None) -> list[DeadlineRule]:
    """What a unit has said, the latest word first."""
    statement = EVERY_WORD.mark(select(DeadlineRule).where(DeadlineRule.unit_id == unit_id))
    if kind is not None:
        statement = statement.where(DeadlineRule.kind == kind)
    return list(db.session.execute(statement.order_by(DeadlineRule.serial.desc())).scalars())


def longest_wait(declared: Iterable[Within]) -> timedelta:
    """More days than ever lie between the end of work and its due day, by what a module declares and anybody has set.

    Two days for each working day, and as many as the longest holidays with their neighbours can add.
    """
    said = db.session.execute(EVERY_WORD.select(DeadlineRule, func.max(DeadlineRule.amount))).scalar_one() or 0
    return timedelta(days=2 * max(said, max((rule.days for rule in declared), default=0)) + 40)
