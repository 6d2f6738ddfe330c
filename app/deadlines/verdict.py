"""Which day decides about a record whose end was corrected or whose time was extended (ADR: the verdict)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from app.deadlines.calendar import Due

LOCK_AFTER = 30  # working days after the due day; then only the superior opens a record again


@dataclass(frozen=True)
class Verdict:
    """`on` decides; `stated` is the due day by the end the record states now, None where that is the same day."""

    on: date
    provisional: bool
    stated: date | None = None


def decide(due: Callable[[date], Due], ended_on: date, held: date | None = None,
           extended_to: date | None = None) -> Verdict:
    """The day that decides, from the due day of any end (`due`).

    `held` is the end that stood before a correction the superior has not confirmed: the earlier of the two due days
    decides. An extension granted before expiry reaches as far as it says, and never takes time away.
    """
    stated = due(ended_on)
    decisive = stated if held is None else min(stated, due(held), key=lambda each: each.on)
    on = max(decisive.on, extended_to or decisive.on)
    wished = max(stated.on, extended_to or stated.on)
    provisional = (decisive.provisional and on == decisive.on) or (wished != on and stated.provisional)
    return Verdict(on, provisional, wished if wished != on else None)
