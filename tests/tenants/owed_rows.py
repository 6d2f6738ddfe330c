"""A row of each table that says who was told what, for tests that need every owned table filled."""

from datetime import date
from typing import Any

from app.administration.nomination import Nomination
from app.obligations.model import Digest, Notice, Obligation, Quieted, StepDone
from tenants import clock
from tenants.db import db


def owed_rows(account_id: str, place: dict[str, Any]) -> list[Any]:
    """Rows not yet added; the obligation they hang on is."""
    day, now, about = date(2026, 6, 1), clock.now(), account_id
    db.session.add(Obligation(id=about, kind="x", subject_id=about, armed_on=day, due_on=day, **place))
    db.session.flush()
    step = {"obligation_id": about, "generation": 1, "step": "x"} | place
    return [
        StepDone(day=day, outcome="sent", done_at=now, **step),
        Notice(account_id=account_id, above=False, told_at=now, **step),
        Digest(account_id=account_id, day=day, items=1, made_at=now, **place),
        Quieted(account_id=account_id, since=now, **place),
        Nomination(account_id=account_id, made_by=account_id, made_at=now, **place),
    ]
