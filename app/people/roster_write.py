"""A roster's good rows made into files, accounts and messages: prepared outside the transaction, inserted in one go.

Whatever is slow (reading names, encrypting, keyed hashes) is done by `prepare`; `write` only inserts. The database
decides about rows that somebody else brought in meanwhile: they are reported, never written twice.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from app.outbox import UNSENT, Message
from app.people.model import Cadre, id_number_key, mobile_key, mobile_tail_key
from app.people.roster_check import PHONE_TAKEN, own_id
from app.people.roster_rows import Entry
from app.people.store import ID_TAKEN
from app.values.name_words import initials, spelled
from permissions import passwords
from permissions.accounts import Account, AccountState, phone_key, phone_tail_key
from tenants import clock, keys
from tenants.bulk import among, insert_new, secrets_of
from tenants.db import db
from tenants.scope import Scope

FIELDS = ("name", "sex", "birth_date", "ethnicity", "political_status", "joined_party_on", "started_work_on",
          "retirement_type", "retired_on", "former_unit", "former_post", "rank", "treatment_level", "mobile", "address",
          "living_arrangement", "health_status", "branch", "id_number")
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """The rows of an account on its way, ready to insert."""

    id: str
    phone_key: str
    account: Row
    message: Row


@dataclass(frozen=True, slots=True)
class Prepared:
    """The rows of one entry, ready to insert; no account where there is no mobile number."""

    entry: Entry
    id: str
    id_number_key: str
    cadre: Row
    opening: Opening | None = None


@dataclass(frozen=True)
class Written:
    """What a batch came to: the entries that are in, how many accounts were opened, the entries that lost a race."""

    entries: list[Entry]
    accounts: int
    lost: list[Entry]


class _Sealer:
    """Rows of a model in the order of its table, sensitive values encrypted; KeyError for a column left out."""

    def __init__(self, model: Any) -> None:
        self._secrets = tuple(secrets_of(model).items())
        self._in_order = itemgetter(*(column.key for column in model.__table__.columns))

    def __call__(self, row: dict[str, Any], ring: keys.KeyRing) -> Row:
        for name, context in self._secrets:
            if row[name] is not None:
                row[name] = ring.encrypt(row[name].encode(), context)
        made: Row = self._in_order(row)
        return made


_cadre, _account, _message = _Sealer(Cadre), _Sealer(Account), _Sealer(Message)


def prepare(entry: Entry, job_id: str, author_id: str, *, opens_account: bool) -> Prepared:
    """Make the rows for one good entry, sensitive values encrypted already."""
    values, ring = entry.values, keys.ring()
    cadre_id, mobile, now = own_id(job_id, entry.number, "cadre"), values.get("mobile"), clock.now()
    known_by = id_number_key(values["id_number"])
    cadre = dict.fromkeys(FIELDS) | values | {
        "id": cadre_id, "unit_id": entry.unit_id, "unit_number": entry.unit_number, **spelled(values["name"]),
        "name_initials": initials(values["name"]), "life_status": "living", "id_number_key": known_by,
        "mobile_key": mobile_key(mobile) if mobile else None,
        "mobile_tail_key": mobile_tail_key(mobile) if mobile else None, "contact_account_id": None, "created_at": now,
        "created_by": author_id, "version": 1,
    }
    opening = (_opening(entry, job_id, author_id, cadre_id, mobile, now, ring) if mobile and opens_account else None)
    return Prepared(entry, cadre_id, known_by, _cadre(cadre, ring), opening)


def _opening(entry: Entry, job_id: str, author_id: str, cadre_id: str, mobile: str, now: datetime,
             ring: keys.KeyRing) -> Opening:
    account_id, key = own_id(job_id, entry.number, "account"), phone_key(mobile)
    password, given = passwords.initial(account_id, now)
    place = {"unit_id": entry.unit_id, "unit_number": entry.unit_number}
    account = place | given | {
        "id": account_id, "kind": "cadre", "name": entry.values["name"], **spelled(entry.values["name"]),
        "phone": mobile, "phone_key": key, "phone_tail_key": phone_tail_key(mobile),
        "state": AccountState.opened.value, "pc_grant": False, "mobile_access": True, "employment": None,
        "on_establishment": False, "in_service": False, "trained_on": None, "cadre_id": cadre_id, "opened_at": now,
        "opened_by": author_id, "last_login_at": None, "second_factor_at": None, "ends_on": None,
        "reactivated_at": None, "signed_version": None, "version": 1,
    }
    message = place | {
        "id": own_id(job_id, entry.number, "message"), "account_id": account_id, "template": "account_opened",
        "phone": mobile, "params": json.dumps({"password": password}), "state": "waiting", "attempts": 0,
        "created_at": now, **UNSENT,
    }
    return Opening(account_id, key, _account(account, ring), _message(message, ring))


def write(batch: Sequence[Prepared], scope: Scope) -> Written:
    """Insert a batch in the current transaction, in the order of the unique keys: two imports must not deadlock."""
    rows = sorted(batch, key=lambda each: each.id_number_key)
    insert_new(Cadre, [each.cadre for each in rows], scope)
    there = _there(Cadre, [each.id for each in rows], scope)
    lost = [each.entry for each in rows if each.id not in there]
    for entry in lost:
        entry.complain("id_number", "id_number_taken", ID_TAKEN)
    opening = [each for each in rows if each.opening and each.id in there]
    opened = _open([each.opening for each in opening if each.opening], scope)
    beaten = [each for each in opening if each.opening and each.opening.id not in opened]
    for each in beaten:
        each.entry.complain("mobile", "phone_taken", PHONE_TAKEN)
    gone = {each.id for each in beaten}
    if gone:
        db.session.execute(scope.delete(Cadre).where(Cadre.id.in_(gone))
                           .execution_options(synchronize_session=False))
    kept = [each.entry for each in rows if each.id in there and each.id not in gone]
    return Written(kept, len(opened), lost + [each.entry for each in beaten])


def _open(opening: Sequence[Opening], scope: Scope) -> set[str]:
    """Open the accounts and queue their messages; which accounts are there."""
    if not opening:
        return set()
    rows = sorted(opening, key=lambda each: each.phone_key)
    insert_new(Account, [each.account for each in rows], scope)
    opened = _there(Account, [each.id for each in rows], scope)
    insert_new(Message, [each.message for each in rows if each.id in opened], scope)
    return opened


def _there(model: Any, ids: Sequence[str], scope: Scope) -> set[str]:
    return set(db.session.execute(scope.select(model, model.id).where(among(model.id, ids))).scalars())
