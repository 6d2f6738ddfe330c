"""Who sat in a unit's seats and sits there: since when, by whom, how it was filed, and how it ended."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from permissions.grants import Filing, RightGiven
from tenants.db import db
from tenants.models import Unit
from tenants.tree import here

MOST = 200


@dataclass(frozen=True)
class Tenure:
    """One person's time in a seat. `answers` is who answers for it now or last: its giver, or his successor."""

    right_id: str
    account_id: str
    since: datetime
    given_by: str | None
    path: str
    answers: str | None
    filing: Filing | None
    until: datetime | None
    ended_path: str | None


def tenures(unit: Unit) -> list[Tenure]:
    """The latest ones of a unit, newest first; who sits there now has no `until`. Two statements."""
    rows = list(db.session.execute(
        here(unit).select(RightGiven).where(RightGiven.kind == "seat", RightGiven.unit_id == unit.id)
        .order_by(RightGiven.given_at.desc(), RightGiven.id.desc()).limit(MOST)).scalars())
    told: dict[str, list[RightGiven]] = {}
    for row in rows:
        told.setdefault(row.right_id, []).append(row)
    filed = _appointments(unit)
    return [_tenure(each, filed) for each in sorted(told.values(), key=lambda each: each[-1].given_at, reverse=True)]


def _appointments(unit: Unit) -> dict[str, list[Filing]]:
    """account -> the filings of its appointments here, newest first."""
    found: dict[str, list[Filing]] = defaultdict(list)
    for filing in db.session.execute(
            here(unit).select(Filing).where(Filing.unit_id == unit.id, Filing.act == "appoint")
            .order_by(Filing.filed_at.desc(), Filing.id.desc()).limit(MOST)).scalars():
        found[filing.account_id].append(filing)
    return found


def _tenure(rows: Sequence[RightGiven], filed: dict[str, list[Filing]]) -> Tenure:
    """From the rows of one seat, newest first; somebody's last filing belongs to the last time he came."""
    last, first = rows[0], rows[-1]
    filings = filed.get(first.account_id, [])
    return Tenure(first.right_id, first.account_id, first.given_at, first.given_by, first.path, last.given_by,
                  filings.pop(0) if filings else None, last.ended_at, last.ended_path)
