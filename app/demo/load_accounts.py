"""Accounts of staff and cadres, their grants, the administrators' seats and each seat's filing."""

import secrets
from datetime import datetime, time, timedelta
from random import Random

from app.demo.inserting import Row, insert
from app.demo.province import DONGTAI, SHEYANG, YANCHENG
from app.demo.register import OPENED_DAYS_AGO, Register
from app.demo.staff import NAMED_SEATS, StaffPlan
from app.values.name_words import spelled
from permissions.accounts import AccountState, phone_key, phone_tail_key
from permissions.grants import Filing, Grant, RightGiven, Seat
from permissions.lineage import By, traces
from tenants.fields import new_id

# Appointed lately by somebody above the superior, so that the superior has a filing to acknowledge.
WATCHED = (YANCHENG, SHEYANG, DONGTAI)
RECENT_SHARE, FROM_ABOVE_SHARE = 0.02, 0.05
CADRES_LOGGED_IN = 0.7


def nobodys_password() -> str:
    """What stands in place of a hash: a single-use password that nobody was told and that is past its time."""
    return f"initial${secrets.token_hex(32)}"


def _account(register: Register, key: str, unit_key: str, phone: str) -> Row:
    opener = register.administrator_of(unit_key)
    return register.place(unit_key) | {
        "id": register.account_ids[key], "phone": phone, "phone_key": phone_key(phone),
        "phone_tail_key": phone_tail_key(phone),
        "password_hash": nobodys_password(), "must_change_password": False, "initial_until": None,
        "initial_used_at": None, "opened_by": None if opener and opener.key == key else register.account_of(opener),
    }


def staff_rows(register: Register) -> list[Row]:
    """One account for each member of staff; who signs in was here before the first record."""
    rng = register.rng("staff accounts")
    rows = []
    for person in register.plan.staff:
        drawn = timedelta(minutes=rng.randrange(500)), register.moment.days_ago(rng.randint(1, 12), _clock(rng))
        opened_at = register.moment.days_ago(OPENED_DAYS_AGO) + drawn[0] if person.signs_in else register.moment.now
        rows.append(_account(register, person.key, person.unit_key, person.phone) | {
            "kind": "staff", "name": person.name, **spelled(person.name), "cadre_id": None, "pc_grant": person.pc_grant,
            "mobile_access": person.mobile_access, "employment": person.employment,
            "on_establishment": person.on_establishment, "in_service": person.in_service,
            "trained_on": person.trained_on, "opened_at": opened_at,
            "state": AccountState.active if person.signs_in else AccountState.opened,
            "last_login_at": drawn[1] if person.signs_in else None,
        })
    return rows


def _clock(rng: Random) -> time:
    return time(rng.randint(8, 17), rng.randrange(60), rng.randrange(60))


def cadre_rows(register: Register) -> list[Row]:
    """The accounts of the cadres who have one; some have yet to log in for the first time."""
    rng = register.rng("cadre log-ins")
    rows = []
    for cadre in register.users:
        opened_days, login_days = rng.randint(60, 400), rng.randint(1, 50)
        logged_in = rng.random() < CADRES_LOGGED_IN or cadre.known
        fresh = cadre.key in register.first_login
        rows.append(_account(register, cadre.key, cadre.unit_key, cadre.mobile or "") | {
            "kind": "cadre", "name": cadre.name, **spelled(cadre.name),
            "cadre_id": register.cadre_ids[cadre.key], "pc_grant": False,
            "mobile_access": True, "employment": None, "on_establishment": False, "in_service": False,
            "trained_on": None, "opened_at": register.moment.now if fresh else register.moment.days_ago(opened_days),
            "state": AccountState.active if logged_in and not fresh else AccountState.opened,
            "last_login_at": register.moment.days_ago(login_days, _clock(rng)) if logged_in and not fresh else None,
        })
    return rows


def grant_rows(register: Register) -> list[Row]:
    """The roles of the staff in their own units, given by the administrator there or above, never by oneself."""
    given_at = register.moment.days_ago(OPENED_DAYS_AGO - 2)
    return [
        register.place(person.unit_key) | {
            "id": new_id(), "account_id": register.account_ids[person.key], "role": grant.role,
            "columns": list(grant.columns) if grant.columns is not None else None, "channel": grant.channel,
            "since": None, "until": None, "template_id": None, "frozen_at": None,
            "given_by": register.account_of(_giver(register, person)),
            "given_at": given_at if person.signs_in else register.moment.now,
        }
        for person in register.plan.staff for grant in person.grants
    ]


def _giver(register: Register, person: StaffPlan) -> StaffPlan | None:
    own = register.administrator_of(person.unit_key)
    return own if own is None or own.key != person.key else register.administrator_above(person.unit_key)


class Seating:
    """Each seat with its filing (报备): who appointed, when, and whether the superior has acknowledged."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.rng = register.rng("seats")
        self.lately = self._lately()
        self.seats: list[Row] = []
        self.filings: list[Row] = []

    def _lately(self) -> set[str]:
        """Units whose administrator is new: the first unnamed ones below the units visitors look at first."""
        found: set[str] = set()
        for unit_key in WATCHED:
            below = self.register.seated_below(unit_key, self.register.plan.units)
            found.update([key for key in below if key not in NAMED_SEATS][:2])
        return found

    def seat(self, person: StaffPlan) -> None:
        """Seat one administrator and file it with the superior unit; the root is its own superior."""
        register, rng, unit_key = self.register, self.rng, person.unit_key
        drawn = rng.random(), rng.random(), rng.randint(1, 12), rng.randint(1, 3)
        lately = unit_key in self.lately or (drawn[0] < RECENT_SHARE and unit_key not in NAMED_SEATS)
        since = register.moment.days_ago(drawn[2] if lately else OPENED_DAYS_AGO - 1, time(14, drawn[2]))
        receiver = (register.above(unit_key) or [unit_key])[0]
        filer = register.administrator_above(unit_key)
        if (lately or drawn[1] < FROM_ABOVE_SHARE) and filer is not None:
            filer = register.administrator_above(filer.unit_key) or filer
        self.seats.append(register.place(unit_key) | {
            "id": new_id(), "account_id": register.account_ids[person.key], "seat": person.seat, "since": since,
            "appointed_by": register.account_of(filer),
        })
        acknowledged_at, by = self._acknowledged(receiver, filer, since, lately=lately, later=drawn[3])
        self.filings.append(register.place(unit_key) | {
            "id": new_id(), "act": "appoint", "receiver_unit_id": register.units[receiver].id,
            "account_id": register.account_ids[person.key], "seat": person.seat,
            "filed_by": register.account_of(filer), "filed_at": since, "acknowledged_at": acknowledged_at,
            "acknowledged_by": register.account_of(by),
        })

    def _acknowledged(self, receiver: str, filer: StaffPlan | None, since: datetime, *, lately: bool,
                      later: int) -> tuple[datetime | None, StaffPlan | None]:
        """At once if the superior's own administrator acted, days later if there is one, else not at all."""
        if filer is None or filer.unit_key == receiver:
            return since, filer
        own = self.register.administrators.get(receiver)
        if own is None or lately:
            return None, None
        return since + timedelta(days=later), own


def account_rows(register: Register) -> list[Row]:
    """Every account; nobody knows a password to any of them until `demo_passwords` puts some in."""
    return staff_rows(register) + cadre_rows(register)


def load_rights(register: Register) -> Seating:
    """Write grants, seats and filings; the accounts are there already."""
    grants = grant_rows(register)
    insert(Grant, grants)
    seating = Seating(register)
    for person in register.plan.staff:
        if person.seat is not None:
            seating.seat(person)
    insert(Seat, seating.seats)
    # Superiors first: a row names the row of the giver's own right.
    seats = sorted(seating.seats, key=lambda row: int(row["unit_number"]))
    of_account = {row["account_id"]: row["id"] for row in seats}
    insert(RightGiven, traces(seats, "seat", By.demo, of_account))
    insert(RightGiven, traces(grants, "grant", By.demo, of_account))
    insert(Filing, seating.filings)
    return seating
