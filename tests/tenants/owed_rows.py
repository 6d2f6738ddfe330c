"""A row of each table about what becomes of an account and what it is told, for tests that need all tables filled."""

from datetime import date
from typing import Any

from app.administration.endings import AccountEnding
from app.administration.nomination import Nomination
from app.administration.phone_request import PhoneChange
from app.administration.staff_file import Commitment, Training
from app.administration.transfers import AccountTransfer
from app.obligations.model import Digest, Notice, Obligation, Quieted, StepDone
from app.opinions.model import Answer, Opinion
from permissions.life import AccountEvent
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
        AccountTransfer(side="to", name="x", reason="x", asked_by=account_id, asked_at=now, **place),
        PhoneChange(account_id=account_id, masked="x", state="withdrawn", asked_by=account_id, asked_at=now, **place),
        Training(account_id=account_id, name="x", held_on=day, kept_by=account_id, kept_at=now, **place),
        Commitment(account_id=account_id, version="x", signed_at=now, **place),
        AccountEvent(account_id=account_id, step="suspended", at=now, **place),
        AccountEnding(account_id=account_id, kind="leave", comes_on=day, state="dropped", planned_at=now, **place),
    ]


def answered_row(account_id: str, cadre_id: str, place: dict[str, Any]) -> Answer:
    """The answer, not yet added, to an opinion that is."""
    asked = Opinion(account_id=account_id, cadre_id=cadre_id, text="好", created_at=clock.now(), **place)
    db.session.add(asked)
    db.session.flush()
    return Answer(opinion_id=asked.id, number=1, text="好", answered_by=account_id, answered_at=clock.now(), **place)
