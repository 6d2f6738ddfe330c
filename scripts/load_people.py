"""The staff of the morning: chiefs of counties and clerks of townships, with sessions, passwords and things to open."""

import random
import secrets
from datetime import date, timedelta

from app.people.model import Cadre
from app.records.model import Record
from benchmarks.people import next_phone
from benchmarks.world import ALL, World
from load_kinds import Somebody
from permissions import audit, giving, passwords, sessions, transaction
from permissions.accounts import Account, phone_key
from permissions.lineage import By
from permissions.roles import Channel, Role
from tenants import clock, tree
from tenants.db import db
from tenants.fields import new_id
from tenants.models import Unit, UnitKind

KINDS = {"chief": UnitKind.county_bureau, "clerk": UnitKind.township}
SHOWN = 40


def staff(world: World, count: int, password: str) -> list[Somebody]:
    """So many people, a quarter of them chiefs who see a whole county; all know the same password."""
    hashed, made = passwords.hashed(password), []
    draw = random.Random(7)  # noqa: S311
    with world.context(), transaction.act("load"):
        for role, kind in KINDS.items():
            units = list(db.session.execute(ALL.select(Unit).where(Unit.kind == kind).order_by(Unit.number)).scalars())
            wanted = count // 4 if role == "chief" else count - count // 4
            for unit in draw.sample(units, min(len(units), wanted * 2)):
                somebody = _somebody(unit, role, hashed)
                if somebody is not None:
                    made.append(somebody)
                if sum(each.writes == (role == "clerk") for each in made) >= wanted:
                    break
        audit.record("load:open", "account", None, unit)
    return made


def _somebody(unit: Unit, role: str, hashed: str) -> Somebody | None:
    """An account in the unit; None where there is too little to look at."""
    scope = tree.here(unit) if role == "clerk" else tree.below(unit)
    visits = db.session.execute(scope.select(Record, Record.id).where(
        Record.module == "visits", Record.ended_on > clock.today() - timedelta(days=400)).limit(SHOWN)).scalars().all()
    cadres = db.session.execute(scope.select(Cadre, Cadre.id).limit(SHOWN)).scalars().all()
    if not visits or not cadres:
        return None
    phone = next_phone()
    account = Account(id=new_id(), unit_id=unit.id, unit_number=unit.number, kind="staff", name="测", phone=phone,
                      phone_key=phone_key(phone), state="active", pc_grant=True, mobile_access=True,
                      employment="full_time", on_establishment=True, in_service=True, trained_on=date(2024, 1, 1),
                      opened_at=clock.now(), password_hash=hashed, must_change_password=False)
    db.session.add(account)
    db.session.flush()
    giving.grant(account, unit, giving.Terms(Role(role)), By.demo)
    token = sessions.start(account, Channel.pc, now=clock.now(), device="load")
    return Somebody(token, phone, unit.id, list(visits), list(cadres), role == "clerk")


def new_password() -> str:
    """A password of this run."""
    return f"Morning-{secrets.token_hex(8)}"
