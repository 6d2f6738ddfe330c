"""A province with many open records around a year without a notice, and what loading it must make of them."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import func, select

from app import registry
from app.deadlines.notices import shipped
from app.demo.inserting import insert
from app.modules.visits import Visit
from app.records import redating
from app.records.calendar import timing
from app.records.model import Record
from app.records.telling import Telling
from permissions import audit, passwords, transaction
from permissions.accounts import Account, phone_key
from permissions.grants import Grant, RightGiven, Seat
from permissions.lineage import By, traces
from tenants import clock, provision
from tenants.db import db
from tenants.fields import new_id
from tenants.scope import Scope
from trial_counters_run import planned

ALL = Scope.everything("a trial looks at everything")
NOW = "2026-12-28T09:00:00+08:00"
PHONE, SECRET = "19910000000", "试验用的密码-20261228"
FIRST_END, SPAN = date(2026, 12, 18), 190
HOLIDAYS = (("元旦", "2027-01-01", "2027-01-03"), ("春节", "2027-02-05", "2027-02-13"),
            ("清明节", "2027-04-03", "2027-04-05"), ("劳动节", "2027-05-01", "2027-05-05"),
            ("端午节", "2027-06-09", "2027-06-11"), ("中秋节", "2027-09-15", "2027-09-17"),
            ("国庆节", "2027-10-01", "2027-10-07"))
MAKEUP = ("2027-02-14", "2027-02-20", "2027-05-08", "2027-06-12", "2027-09-18", "2027-10-09")


@cache
def worked(day: date) -> bool:
    """A working day by the notice typed; in December 2026 every weekday is."""
    if day.isoformat() in MAKEUP:
        return True
    return day.weekday() < 5 and not any(first <= day.isoformat() <= last for _name, first, last in HOLIDAYS)


@cache
def fifth(day: date) -> date:
    """The fifth working day after one, walked by hand."""
    left = 5
    while left:
        day += timedelta(days=1)
        left -= worked(day)
    return day


def _account(place: Any, phone: str, **more: Any) -> dict[str, Any]:
    return {"id": new_id(), "unit_id": place.id, "unit_number": place.number, "kind": "staff", "name": "试验",
            "phone": phone, "phone_key": phone_key(phone), "state": "active", "pc_grant": True, "mobile_access": True,
            "employment": "full_time", "on_establishment": True, "in_service": True, "opened_at": clock.now(),
            "must_change_password": False, "password_hash": "none"} | more


def load(records: int) -> None:
    """The tree, one clerk for every township, the province's administrator, open records and a fifth more entered."""
    with transaction.act("trial"):
        redating.store_notices(shipped(), registry.modules())
        made = provision.load_tree(planned(cities=13, counties=8, towns=10), valid_from=date(2020, 1, 1))
        root, towns = made["p"], [place for key, place in made.items() if place.kind == "township"]
        head = _account(root, PHONE, password_hash=passwords.hashed(SECRET))
        clerks = [_account(place, f"1992{number:07d}") for number, place in enumerate(towns)]
        insert(Account, [head, *clerks])
        seats: list[dict[str, Any]] = [{"id": new_id(), "unit_id": root.id, "unit_number": root.number, "seat": 1,
                                        "account_id": head["id"], "since": clock.now()}]
        grants: list[dict[str, Any]] = [
            {"id": new_id(), "unit_id": place.id, "unit_number": place.number, "account_id": clerk["id"],
             "role": "clerk", "columns": None, "channel": "both", "given_at": clock.now()}
            for place, clerk in zip(towns, clerks, strict=True)]
        insert(Seat, seats)
        insert(Grant, grants)
        insert(RightGiven, traces(seats, "seat", By.demo, {}) + traces(grants, "grant", By.demo, {}))
        _put_records(records, towns)
        audit.record("trial:load", "unit", None, root)


def _put_records(many: int, towns: list[Any]) -> None:
    now, module, province = timing(), registry.module("visits"), ()
    due = cache(lambda day: now.due("visits", module.deadlines, province, day))
    rows = []
    for number in range(many + many // 5):
        place, ended = towns[number % len(towns)], FIRST_END + timedelta(days=number * 7 % SPAN)
        entered = number >= many
        if entered:
            ended = date(2026, 12, 23) + timedelta(days=number % 5)
        found = due(ended)
        rows.append({
            "id": new_id(), "unit_id": place.id, "unit_number": place.number, "module": "visits",
            "state": "entered" if entered else "draft", "ended_on": ended, "due_on": found.on,
            "first_due_on": found.on, "due_provisional": found.provisional, "created_at": clock.now(),
            "entered_at": clock.now() if entered else None, "entered_on": clock.today() if entered else None,
            "summary": f"日常走访 · {number}", "search": "", "version": 1})
    insert(Record, rows)
    insert(Visit, [{"id": row["id"], "type": "routine", "place": "试验"} for row in rows])


@dataclass
class Standing:
    """What stands in the tables about records and those told."""

    open_wrong: int
    provisional: int
    moved: int
    closed: frozenset[Any]
    told: Counter[str]
    counted: int
    logged: int
    both_kept: int


def standing() -> Standing:
    """Read it all."""
    found = db.session.execute(ALL.mark(select(
        Record.id, Record.ended_on, Record.due_on, Record.first_due_on, Record.due_provisional, Record.entered_at,
        Record.version))).all()
    left = [row for row in found if row.entered_at is None]
    entries = db.session.execute(ALL.select(audit.AuditEntry, audit.AuditEntry.before, audit.AuditEntry.after).where(
        audit.AuditEntry.action == "record:redate")).all()
    told = db.session.execute(ALL.select(Telling, Telling.account_id, Telling.records)).all()
    answer = Standing(
        open_wrong=sum(row.due_on != fifth(row.ended_on) for row in left),
        provisional=sum(row.due_provisional for row in left),
        moved=sum(row.due_on != row.first_due_on for row in left),
        closed=frozenset(tuple(row) for row in found if row.entered_at is not None),
        told=Counter(row.account_id for row in told), counted=sum(row.records for row in told), logged=len(entries),
        both_kept=sum(bool(row.before["due_on"] and row.after["due_on"] != row.before["due_on"]) for row in entries))
    db.session.rollback()
    return answer


def clerks_concerned() -> int:
    """How many clerks have an open record that moved."""
    found: int = db.session.execute(ALL.mark(select(func.count(Record.unit_id.distinct())).where(
        Record.entered_at.is_(None), Record.due_on != Record.first_due_on))).scalar_one()
    db.session.rollback()
    return found


def at_the_time() -> None:
    """Set the clock of this very process; the others are told by their environment."""
    clock.configure(datetime.fromisoformat(NOW).isoformat())
