"""Entries of the last days, such as the acts themselves would have written, so that the log has something to show."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.demo.inserting import Row, insert
from app.demo.load_accounts import Seating
from app.demo.load_records import Loading
from app.demo.opinions import Left
from app.demo.province import DONGTAI, SHEYANG
from app.demo.register import Register
from app.demo.staff import StaffPlan
from app.keeping.records import facts
from permissions.actions import Action
from permissions.audit import OK, REFUSED, AuditEntry
from tenants.fields import new_id

DAYS, DAYS_OF_WATCHED, WATCHED = 3, 20, (SHEYANG, DONGTAI)
OPINION_DAYS = 30
# Blocks kept for documentation (RFC 5737): nobody's address.
ADDRESSES = tuple(f"198.51.100.{last}" for last in range(10, 60))


class Log:
    """Collects entries and writes them at once."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.rng = register.rng("log")
        self.rows: list[Row] = []

    def add(self, at: datetime, actor: Mapping[str, Any], action: str, thing: tuple[str, str | None], unit_key: str,
            **more: Any) -> None:
        """One entry about an object (type and id) of a unit."""
        self.rows.append(self.register.place(unit_key) | {
            "id": new_id(), "at": at, "action": str(action), "object_type": thing[0], "object_id": thing[1],
            "unit_path": self.register.units[unit_key].path, "result": OK, "reason": None, "before": None,
            "after": None, "request_id": new_id(), "address": self.rng.choice(ADDRESSES),
        } | dict(actor) | more)

    def actor(self, key: str, unit_key: str, name: str, role: str) -> dict[str, Any]:
        """The columns that say who acted."""
        unit = self.register.units[unit_key]
        return {"actor": self.register.account_ids[key], "actor_name": name, "actor_role": role,
                "actor_unit": unit.id, "actor_number": unit.number}

    def staff(self, person: StaffPlan) -> dict[str, Any]:
        """A member of staff as an actor, under the role held in the own unit."""
        role = "administrator" if person.seat is not None else person.grants[0].role
        return self.actor(person.key, person.unit_key, person.name, role)


NOBODY = {"actor": None, "actor_name": "system", "actor_role": "system", "actor_unit": None, "actor_number": None}


def _records(log: Log, loading: Loading) -> None:
    """Creations of the last days, each after a log-in of its author that day."""
    register, seen = log.register, set()
    for plan, row in zip(register.plan.records, loading.common, strict=True):
        days = DAYS_OF_WATCHED if plan.unit_key in WATCHED else DAYS
        if (register.moment.today - plan.created_at.date()).days > days:
            continue
        actor = log.staff(register.staff[plan.author_key])
        day = (plan.author_key, plan.created_at.date())
        if day not in seen:
            seen.add(day)
            at = plan.created_at - timedelta(minutes=log.rng.randint(2, 15))
            log.add(at, actor, "session:open", ("account", actor["actor"]), plan.unit_key, after={"channel": "pc"})
        record = loading.modules[plan.module].record(**row)
        log.add(plan.created_at, actor, Action.RECORD_CREATE, (plan.module, row["id"]), plan.unit_key,
                after=facts(record))


def _filings(log: Log, seating: Seating) -> None:
    """Appointments of the last weeks."""
    register = log.register
    seated = [person for person in register.plan.staff if person.seat is not None]
    accounts = {register.account_ids[person.key]: person for person in seated}
    for filing in seating.filings:
        filer, person = accounts.get(filing["filed_by"]), accounts[filing["account_id"]]
        if filer is None or (register.moment.now - filing["filed_at"]).days > DAYS_OF_WATCHED:
            continue
        log.add(filing["filed_at"], log.staff(filer), Action.ADMINISTRATOR_APPOINT,
                ("administrator", filing["account_id"]), person.unit_key, after={"seat": filing["seat"]})


def _opinions(log: Log, left: list[Left]) -> None:
    for opinion in left:
        cadre = opinion.cadre
        if (log.register.moment.now - opinion.at).days <= OPINION_DAYS:
            actor = log.actor(cadre.key, cadre.unit_key, cadre.name, "cadre")
            log.add(opinion.at, actor, Action.OPINION_LEAVE, ("opinion", opinion.opinion_id), cadre.unit_key)
        if opinion.answered_at is not None and opinion.by is not None:
            log.add(opinion.answered_at, log.staff(opinion.by), Action.OPINION_ANSWER,
                    ("opinion", opinion.opinion_id), cadre.unit_key, after={"answer": 1})


def _refusals(log: Log) -> None:
    """A mistyped password, a phone-only clerk at the PC, somebody trying what the role does not give."""
    register = log.register
    for days, person in enumerate([each for each in register.plan.staff if each.unit_key in WATCHED], 1):
        at = register.moment.days_ago(days, (register.moment.days_ago(0) + timedelta(minutes=7 * days)).time())
        account = ("account", register.account_ids[person.key])
        log.add(at, NOBODY, "session:open", account, person.unit_key, result=REFUSED, reason="wrong_credentials")
        if person.pc_grant and person.grants and person.grants[0].role == "reviewer":
            log.add(at + timedelta(hours=1), log.staff(person), Action.RECORD_CREATE, ("api_records", None),
                    person.unit_key, result=REFUSED, reason="forbidden")
        if not person.pc_grant:
            log.add(at + timedelta(minutes=1), log.staff(person), "session:open", account, person.unit_key,
                    result=REFUSED, reason="channel_closed")


def load_log(register: Register, loading: Loading, seating: Seating, left: list[Left]) -> int:
    """Write the entries of the last days; returns how many. The sealer chains them like any others."""
    log = Log(register)
    _records(log, loading)
    _filings(log, seating)
    _opinions(log, left)
    _refusals(log)
    insert(AuditEntry, log.rows)
    return len(log.rows)
