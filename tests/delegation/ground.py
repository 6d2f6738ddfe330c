"""A ground for sequences: a random province in a test database, put back in milliseconds; the rules know it by name."""

import sqlite3
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

import psycopg
from argon2 import PasswordHasher
from flask import Flask
from written_plans import Written
from written_rules import COLUMN_OF, GRANTABLE, Account, Grant, Session, Unit

import factories
from permissions import identity, lineage, passwords, transaction
from permissions.grants import Grant as GrantRow
from permissions.grants import Seat
from tenants import clock, provision, tree
from tenants.db import Base, db
from tenants.models import Unit as UnitRow
from tree_model import UNDER

WORDS = {"visits": "place", "branch_activities": "topic", "volunteer_service": "place"}
TODAY = date(2026, 6, 10)
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Ground:
    """The present database of an application, and how to come back to moments of it: before anything, grown."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client(use_cookies=False)
        app.config["WTF_CSRF_ENABLED"] = False  # until `close`
        with app.app_context():
            self.url = db.engine.url
        self.lite = self.url.get_backend_name() == "sqlite"
        self._past: Any = sqlite3.connect(str(self.url.database), isolation_level=None) if self.lite else (
            psycopg.connect(self.url.set(drivername="postgresql").render_as_string(False), autocommit=True))
        self._images: dict[str, sqlite3.Connection] = {}
        self.keep("empty")

    def keep(self, moment: str) -> None:
        """This is what `restore` comes back to."""
        if self.lite:
            self._images[moment] = sqlite3.connect(":memory:")
            self._past.backup(self._images[moment])
            return
        names = sorted(Base.metadata.tables)
        lines = "".join(f"DELETE FROM public.{name}; "  # noqa: S608  our own names
                        f"INSERT INTO public.{name} TABLE {moment}.{name}; " for name in names)
        copies = "; ".join(f"CREATE TABLE {moment}.{name} AS TABLE public.{name}" for name in names)
        self.run(f"DROP SCHEMA IF EXISTS {moment} CASCADE; CREATE SCHEMA {moment}; {copies}; "
                 f"CREATE FUNCTION {moment}.put_back() RETURNS void LANGUAGE plpgsql AS "
                 f"$$ BEGIN SET LOCAL session_replication_role = replica; {lines} END $$")

    def restore(self, moment: str) -> None:
        """Back to what was kept, to the row; the clock too."""
        clock.configure(f"{TODAY}T10:00:00+08:00")
        with self.app.app_context():
            db.session.remove()
            tree.forget()
            identity.forget()
        if self.lite:
            self._images[moment].backup(self._past)
        else:
            self.run(f"SELECT {moment}.put_back()")

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows asked past the application."""
        found: list[tuple[Any, ...]] = self._past.execute(statement).fetchall()
        return found

    def run(self, statement: str) -> None:
        """Something done past the application."""
        self._past.execute(statement)

    def close(self) -> None:
        """Let the database go."""
        self._past.close()
        self.app.config["WTF_CSRF_ENABLED"] = True


def cheap_passwords(patch: Any) -> None:
    """The work of hashing is no part of these proofs: a thousand times less of it, by the same ways."""
    patch.setattr(passwords, "_hasher", lambda: CHEAP)
    passwords._decoy.cache_clear()


@dataclass
class Province:
    """The rules' names beside the product's ids; one instance is copied for each sequence."""

    rules: Written
    ids: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    cadres: dict[str, str] = field(default_factory=dict)  # name -> the account of whose file it is, for who only looks

    def home_of(self, cadre: str) -> str:
        """The unit where a file lies: its owner's, with whom it goes, or what took over what a closed one had."""
        unit = self.rules.accounts[self.cadres[cadre]].unit
        while unit in self.rules.heirs:
            unit = self.rules.heirs[unit]
        return unit


def grow(ground: Ground, seed: int) -> Province:
    """A random province: eight to sixteen units, people, seats, rights and records, every one with a session."""
    drawn = Random(seed)
    made = Province(Written(TODAY))
    ground.restore("empty")
    clock.configure(f"{TODAY}T09:00:00+08:00")
    with ground.app.app_context(), transaction.act("tests"):
        rows = _units(made, drawn)
        for name, row in rows.items():
            _people(made, drawn, name, row)
        staff = [name for name, each in made.rules.accounts.items() if each.kind == "staff"]
        for account in drawn.choices(staff, k=len(rows)):
            _grant(made, drawn, rows, account)
        for account in made.rules.seats.values():
            if drawn.random() < 0.5:
                _grant(made, drawn, rows, account)
        transaction.audit.record("tests:build", "unit", None, rows["u0"])
        db.session.flush()
    ground.keep("grown")
    return made


def _units(made: Province, drawn: Random) -> dict[str, UnitRow]:
    rows = {"u0": provision.found_province("单位u0", "C0")}
    made.rules.units["u0"] = Unit(None, "province_bureau", "单位u0")
    for number in range(1, drawn.randint(8, 15)):
        name, parent = f"u{number}", drawn.choice(list(rows)[-6:] if drawn.random() < 0.7 else list(rows))
        kind = drawn.choice(UNDER[made.rules.units[parent].kind])
        rows[name] = factories.unit(parent=rows[parent], kind=kind, name=f"单位{name}", code=f"C{number}")
        made.rules.units[name] = Unit(parent, kind, f"单位{name}")
    made.ids |= {name: row.id for name, row in rows.items()}
    return rows


def _people(made: Province, drawn: Random, unit: str, row: UnitRow) -> None:
    """Up to two administrators, one or two others, a cadre with an account and perhaps two records."""
    seats = drawn.choice((0, 1, 1, 2)) if unit != "u0" else 2
    for place in range(seats + drawn.randint(1, 2)):
        fit = place < seats or drawn.random() < 0.6
        pc, mobile = place < seats or drawn.random() < 0.8, drawn.random() < 0.9
        phone = factories.next_phone()
        person = Account(unit, "staff", phone, pc=pc, mobile=mobile, on_establishment=fit, in_service=fit, trained=fit)
        if place >= seats and drawn.random() < 0.12:
            person.state = "suspended"
        _staff(made, person, row, place + 1 if place < seats else 0)
    file = f"c{len(made.cadres)}"
    cadre = factories.cadre(unit=row, name="老同志", former_unit=file)
    made.ids[file] = cadre.id
    phone = factories.next_phone()
    account = factories.cadre_account(cadre=cadre, unit=row, phone=phone)
    made.cadres[file] = _known(made, account, Account(unit, "cadre", phone, pc=False, on_establishment=False,
                                                      in_service=False, trained=False))
    for module in drawn.sample(sorted(COLUMN_OF), drawn.randint(0, 2)):
        name = f"r{len(made.rules.records)}"
        record = factories.record(module=module, unit=row, cadre=cadre, ended_on=TODAY - timedelta(days=1),
                                  **{WORDS[module]: f"地点{name}"})
        made.rules.records[name], made.ids[name] = (module, unit), record.id


def _staff(made: Province, person: Account, row: UnitRow, seat: int) -> None:
    account = factories.staff(unit=row, phone=person.phone, pc_grant=person.pc, eligible=person.in_service)
    account.mobile_access, account.state = person.mobile, person.state
    name = _known(made, account, person)
    if seat:
        made.rules.seats[person.unit, seat] = name
        db.session.add(Seat(unit_id=row.id, unit_number=row.number, account_id=account.id, seat=seat,
                            since=clock.now()))
        db.session.flush()


def _known(made: Province, account: Any, person: Account) -> str:
    """By name from now on, with a session on each end that one may have."""
    name = f"a{len(made.rules.accounts)}"
    person.password = f"own-{name}-{person.phone[-3:]}x"
    account.password_hash = CHEAP.hash(person.password)
    account.last_login_at = clock.now()
    made.rules.accounts[name], made.ids[name] = person, account.id
    for channel in ("pc", "mobile"):
        session = f"s{len(made.rules.sessions)}"
        made.rules.sessions[session] = Session(name, channel)
        made.tokens[session] = factories.token(account, channel)
    return name


def _grant(made: Province, drawn: Random, rows: dict[str, UnitRow], account: str) -> None:
    """A right in one's own unit, above or below it; by the word of a superior of both also beside it."""
    home = made.rules.accounts[account].unit
    unit = drawn.choice([home, *made.rules.upward(home), *sorted(made.rules.below(home)), drawn.choice(list(rows))])
    right, row = any_right(drawn, account, unit, TODAY), rows[unit]
    grant = GrantRow(account_id=made.ids[account], unit_id=row.id, unit_number=row.number, role=right.role,
                   columns=sorted(right.columns) if right.columns is not None else None, channel=right.channel,
                   until=right.until, since=right.since, given_at=clock.now())
    others = {name: at for (at, _number), name in made.rules.seats.items() if name != account}
    superiors = [name for name, at in others.items() if at in made.rules.upward(unit)[1:]]
    if drawn.random() < 0.6:  # some by whom it would not be given today: a unit has been moved since
        right.giver = drawn.choice(superiors if superiors and drawn.random() < 0.7 else list(others))
        grant.given_by = made.ids[right.giver]
    right.frozen = drawn.random() < 0.15
    grant.frozen_at = clock.now() if right.frozen else None
    db.session.add(grant)
    db.session.flush()
    if not right.frozen:
        lineage.begin(grant, _Giver(grant.given_by) if grant.given_by else None, lineage.By.grant, None)
    name = f"g{len(made.rules.grants)}"
    made.rules.grants[name], made.ids[name] = right, grant.id


@dataclass(frozen=True)
class _Giver:
    id: str


def any_right(drawn: Random, account: str, unit: str, today: date) -> Grant:
    """Any role, columns, end and last day."""
    columns = drawn.choice([None, None, ["precision_service"], ["party_garden", "silver_brilliance"]])
    return Grant(account, unit, drawn.choice(GRANTABLE), frozenset(columns) if columns is not None else None,
                 drawn.choice(["both", "both", "pc", "mobile"]),
                 drawn.choice([None, None, None, today, today + timedelta(days=1)]),
                 drawn.choice([None, None, None, today, today + timedelta(days=1)]))

