"""Principals of a world: staff with a right and a session, made by the product's own means."""

import secrets
from datetime import date

from app.administration import seats
from benchmarks.world import ALL, Place, World
from permissions import audit, giving, sessions, transaction
from permissions.accounts import Account, phone_key
from permissions.lineage import By
from permissions.roles import Channel, Role
from tenants import clock
from tenants.db import db
from tenants.fields import new_id
from tenants.models import Unit


def next_phone() -> str:
    """A synthetic number."""
    return f"1997{secrets.randbelow(10**7):07d}"


def staff_of(world: World, place: Place, role: str, *, hashed: str | None = None) -> tuple[str, str]:
    """Account id and session token of somebody on the PC with a role in a unit."""
    with world.app.app_context(), transaction.act("bench"):
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == place.id)).scalar_one()
        phone = next_phone()
        account = Account(id=new_id(), unit_id=unit.id, unit_number=unit.number, kind="staff", name="测", phone=phone,
                          phone_key=phone_key(phone), state="active", pc_grant=True, mobile_access=True,
                          employment="full_time", on_establishment=True, in_service=True, trained_on=date(2024, 1, 1),
                          opened_at=clock.now(), password_hash=hashed or "none", must_change_password=False)
        db.session.add(account)
        db.session.flush()
        giving.grant(account, unit, giving.Terms(Role(role)), By.demo)
        token = sessions.start(account, Channel.pc, now=clock.now(), device="bench")
        audit.record("bench:open", "account", account.id, unit)
        return account.id, token


def administrator_of(world: World, place: Place) -> tuple[str, str]:
    """Account id and session token of an administrator in one of a unit's seats."""
    account_id, token = staff_of(world, place, "auditor")
    with world.app.app_context(), transaction.act("bench"):
        account = db.session.execute(ALL.select(Account).where(Account.id == account_id)).scalar_one()
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == place.id)).scalar_one()
        seats.seat_in(unit, account, by=None)
        audit.record("bench:seat", "account", account_id, unit)
    return account_id, token
