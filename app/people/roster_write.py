"""A roster's good rows made into files, accounts and messages: prepared outside the transaction, inserted in one go.

Whatever is slow (reading names, encrypting, keyed hashes) is done by `prepare`; `write` only inserts. The database
decides about rows that somebody else brought in meanwhile: they are reported, never written twice.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Insert, String, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy_utils import StringEncryptedType

from app.outbox import Message
from app.people.model import Cadre, id_number_key, mobile_key
from app.people.roster_check import PHONE_TAKEN, own_id
from app.people.roster_rows import Entry
from app.people.store import ID_TAKEN
from app.values.names import reading
from permissions import passwords
from permissions.accounts import Account, AccountState, phone_key
from tenants import clock
from tenants.db import db
from tenants.scope import Scope

FIELDS = ("name", "sex", "birth_date", "ethnicity", "political_status", "joined_party_on", "started_work_on",
          "retirement_type", "retired_on", "former_unit", "former_post", "rank", "treatment_level", "mobile", "address",
          "living_arrangement", "health_status", "branch", "id_number")


@dataclass(frozen=True)
class Prepared:
    """The rows of one entry, ready to insert; no account where there is no mobile number."""

    entry: Entry
    cadre: dict[str, Any]
    account: dict[str, Any] | None = None
    message: dict[str, Any] | None = None


@dataclass(frozen=True)
class Written:
    """What a batch came to: the entries that are in, how many accounts were opened, the entries that lost a race."""

    entries: list[Entry]
    accounts: int
    lost: list[Entry]


def prepare(entry: Entry, job_id: str, author_id: str, *, opens_account: bool) -> Prepared:
    """Make the rows for one good entry, sensitive values encrypted already."""
    values = entry.values
    cadre_id, mobile, now = own_id(job_id, entry.number, "cadre"), values.get("mobile"), clock.now()
    spelled, initials = reading(values["name"])
    place = {"unit_id": entry.unit_id, "unit_number": entry.unit_number}
    cadre = {name: values.get(name) for name in FIELDS} | place | {
        "id": cadre_id, "name_reading": spelled, "name_initials": initials, "life_status": "living",
        "id_number_key": id_number_key(values["id_number"]), "mobile_key": mobile_key(mobile) if mobile else None,
        "contact_account_id": None, "created_at": now, "created_by": author_id, "version": 1,
    }
    if not mobile or not opens_account:
        return Prepared(entry, _sealed(Cadre, cadre))
    account = Account(
        id=own_id(job_id, entry.number, "account"), kind="cadre", name=values["name"], phone=mobile,
        phone_key=phone_key(mobile), state=AccountState.opened, pc_grant=False, mobile_access=True, employment=None,
        on_establishment=False, in_service=False, trained_on=None, cadre_id=cadre_id, opened_at=now,
        opened_by=author_id, last_login_at=None, version=1, **place,
    )
    password = passwords.set_initial(account, now)
    message = place | {
        "id": own_id(job_id, entry.number, "message"), "account_id": account.id, "template": "account_opened",
        "phone": mobile, "params": json.dumps({"password": password}), "state": "waiting", "attempts": 0,
        "created_at": now, "lease_until": None, "sent_at": None,
    }
    row = {column.key: getattr(account, column.key) for column in Account.__table__.columns}
    return Prepared(entry, _sealed(Cadre, cadre), _sealed(Account, row), _sealed(Message, message))


def _secret(column: Any) -> bool:
    return isinstance(column.type, StringEncryptedType)


def _sealed(model: Any, row: dict[str, Any]) -> dict[str, Any]:
    """The row with its encrypted columns encrypted now; complete, so that every row of a batch has one shape."""
    made = {}
    for column in model.__table__.columns:
        value = row[column.key]
        made[f"_{column.key}"] = (column.type.process_bind_param(value, None)
                                  if value is not None and _secret(column) else value)
    return made


def _insert(model: Any) -> Insert:
    """INSERT that leaves out rows the database already has; columns encrypted before go in as they are."""
    table = model.__table__
    dialect: Any = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    values = {column.key: bindparam(f"_{column.key}", type_=String() if _secret(column) else column.type)
              for column in table.columns}
    made: Insert = dialect.insert(table).values(values).on_conflict_do_nothing()
    return made


def write(batch: Sequence[Prepared], scope: Scope) -> Written:
    """Insert a batch in the current transaction, in the order of the unique keys: two imports must not deadlock."""
    rows = sorted(batch, key=lambda each: str(each.cadre["_id_number_key"]))
    db.session.execute(_insert(Cadre), [each.cadre for each in rows])
    there = _there(Cadre, [each.cadre["_id"] for each in rows], scope)
    lost = [each.entry for each in rows if each.cadre["_id"] not in there]
    for entry in lost:
        entry.complain("id_number", "id_number_taken", ID_TAKEN)
    opening = sorted((each for each in rows if each.account and each.cadre["_id"] in there),
                     key=lambda each: str((each.account or {})["_phone_key"]))
    opened = _open(opening, scope)
    beaten = [each for each in opening if (each.account or {})["_id"] not in opened]
    for each in beaten:
        each.entry.complain("mobile", "phone_taken", PHONE_TAKEN)
    gone = {each.cadre["_id"] for each in beaten}
    if gone:
        db.session.execute(scope.delete(Cadre).where(Cadre.id.in_(gone))
                           .execution_options(synchronize_session=False))
    kept = [each.entry for each in rows if each.cadre["_id"] in there - gone]
    return Written(kept, len(opened), lost + [each.entry for each in beaten])


def _open(opening: Sequence[Prepared], scope: Scope) -> set[str]:
    """Open the accounts and queue their messages; which accounts are there."""
    if not opening:
        return set()
    db.session.execute(_insert(Account), [each.account or {} for each in opening])
    opened = _there(Account, [(each.account or {})["_id"] for each in opening], scope)
    messages = [each.message or {} for each in opening if (each.account or {})["_id"] in opened]
    if messages:
        db.session.execute(_insert(Message), messages)
    return opened


def _there(model: Any, ids: Sequence[str], scope: Scope) -> set[str]:
    return set(db.session.execute(scope.select(model, model.id).where(model.id.in_(ids))).scalars())
