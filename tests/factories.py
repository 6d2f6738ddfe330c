"""Plain functions that make things in the current transaction; keyword-only, with sensible defaults."""

import itertools
from datetime import date, timedelta
from typing import Any

from app import registry
from app.administration import seats
from app.people import store as people
from app.people.model import Cadre
from app.records import store as records
from app.records.model import Record
from permissions import giving, passwords, sessions, templates
from permissions.accounts import Account, LoginSession, phone_key
from permissions.grants import Grant, RoleTemplate
from permissions.lineage import By
from permissions.narrowing import Limits, channels_of
from permissions.roles import Channel, Role
from tenants import clock, provision
from tenants.db import db
from tenants.fields import new_id
from tenants.models import Unit

_numbers = itertools.count(1)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def next_phone() -> str:
    """A synthetic mobile number nobody else in this run has."""
    return f"1997{next(_numbers):07d}"


def id_number(*, born: date = date(1940, 3, 1), female: bool = False, serial: int | None = None) -> str:
    """A synthetic ID number of the unassigned region 320999 with its check digit."""
    number = serial if serial is not None else next(_numbers)
    order = (number * 2) % 500
    born = born + timedelta(days=number // 250)
    body = f"320999{born:%Y%m%d}{order + (0 if female else 1):03d}"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def unit(*, parent: Unit, kind: str, name: str, code: str | None = None) -> Unit:
    """A unit below another."""
    return provision.open_unit(parent, kind=kind, name=name, code=code or f"T{next(_numbers):06d}")


def staff(*, unit: Unit, name: str = "工作人员", phone: str | None = None, pc_grant: bool = True, eligible: bool = True,
          **more: Any) -> Account:
    """A staff account, already in use, without a usable password."""
    phone = phone or next_phone()
    account = Account(id=new_id(), unit_id=unit.id, unit_number=unit.number, kind="staff", name=name, phone=phone,
                      phone_key=phone_key(phone), state="active", pc_grant=pc_grant, mobile_access=True,
                      employment="full_time", on_establishment=eligible, in_service=eligible,
                      trained_on=date(2024, 1, 1) if eligible else None, opened_at=clock.now(),
                      **({"password_hash": "none"} | more))
    account.must_change_password = False
    db.session.add(account)
    db.session.flush()
    return account


def with_password(account: Account, password: str) -> Account:
    """Give an account a password of its own (slow: argon2)."""
    account.password_hash = passwords._hasher().hash(password)
    account.must_change_password = False
    db.session.flush()
    return account


def administrator(*, unit: Unit, name: str = "管理员", **more: Any) -> Account:
    """A staff account in one of the unit's seats."""
    account = staff(unit=unit, name=name, **more)
    seats.seat_in(unit, account, by=None)
    return account


def grant(*, account: Account, unit: Unit, role: str, columns: list[str] | None = None, channel: str = "both",
          until: date | None = None, since: date | None = None, template_id: str | None = None) -> Grant:
    """A right, given by nobody."""
    return giving.grant(account, unit, giving.Terms(Role(role), columns, channel, since, until, template_id),
                        By.bootstrap)


def template(*, unit: Unit, role: str = "clerk", name: str = "模板", parent: RoleTemplate | None = None,
             actions: list[str] | None = None, columns: list[str] | None = None, channel: str = "both") -> RoleTemplate:
    """A role template, or a copy of one."""
    limits = Limits(Role(role), None if actions is None else frozenset(actions),
                    None if columns is None else frozenset(columns), channels_of(channel))
    return templates.make(unit, name, limits, parent, None)


def cadre(*, unit: Unit, name: str = "赵老", **more: Any) -> Cadre:
    """A cadre's file."""
    values = {"name": name, "id_number": id_number(), "retirement_type": "tuixiu", "life_status": "living"} | more
    return people.create(values, unit, author=None)


def cadre_account(*, cadre: Cadre, unit: Unit, phone: str | None = None) -> Account:
    """A cadre's account, already in use."""
    phone = phone or next_phone()
    account = Account(id=new_id(), unit_id=unit.id, unit_number=unit.number, kind="cadre", name=cadre.name,
                      cadre_id=cadre.id, phone=phone, phone_key=phone_key(phone), state="active", mobile_access=True,
                      opened_at=clock.now(), password_hash="none")
    account.must_change_password = False
    db.session.add(account)
    db.session.flush()
    return account


def token(account: Account, channel: str) -> str:
    """A live session's token."""
    made = sessions.start(account, Channel(channel), now=clock.now(), device="tests")
    # The password is asked for again after a quarter of an hour; the tests of that make sessions of their own.
    for session in db.session.new:
        if isinstance(session, LoginSession):
            session.proved_at = clock.now() + timedelta(days=365)
    db.session.flush()
    return made


FIELDS: dict[str, dict[str, Any]] = {
    "visits": {"type": "routine", "place": "合德镇", "visitors": "李主任", "goods": "牛奶"},
    "hardship_aid": {"reason": "serious_illness", "amount_fen": 100_000, "fund_source": "慰问资金"},
    "branch_activities": {"branch": "第一支部", "type": "theme_party_day", "topic": "学习", "mode": "onsite"},
    "volunteer_service": {"team": "银发宣讲团", "direction": "红色传承", "content": "宣讲"},
}


def people_value(module_key: str, cadre_id: str) -> dict[str, Any]:
    """The people field of a module with one person in it."""
    return {
        "visits": {"cadre_ids": [cadre_id]},
        "hardship_aid": {"cadre_id": cadre_id},
        "branch_activities": {"attendance": [{"cadre_id": cadre_id, "status": "present"}]},
        "volunteer_service": {"participants": [{"cadre_id": cadre_id, "minutes": 90}]},
    }[module_key]


def record(*, module: str = "visits", unit: Unit, cadre: Cadre, ended_on: date, draft: bool = False,
           author: Account | None = None, **more: Any) -> Record:
    """A record of a kind, about one cadre."""
    values = FIELDS[module] | people_value(module, cadre.id) | {"ended_on": ended_on} | more
    return records.create(registry.module(module), values, unit, author=author, draft=draft)


