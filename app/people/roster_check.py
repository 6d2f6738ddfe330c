"""What a roster's rows are compared with: the tree inside the sender's scope, each other, the files, the accounts."""

import base64
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from sqlalchemy import or_

from app.people import roster
from app.people.model import Cadre, id_number_key
from app.people.roster_rows import Entry
from app.people.store import ID_TAKEN
from app.values.bad import BadValue
from app.values.text import clean_line
from permissions.accounts import Account, phone_key
from tenants import keys
from tenants.bulk import among
from tenants.db import db
from tenants.models import Unit, UnitStatus
from tenants.scope import Scope

ON_FILE = "这位老同志在本单位已有档案，不重复导入。"
PHONE_TAKEN = "这个手机号码已经开通过账号，一人一号；请核对号码，或先不填，导入后再处理。"
UNKNOWN_UNIT = "没有找到这个单位，或不在您的管理范围内。"
AMBIGUOUS_UNIT = "有几个单位都叫这个名称，请改填单位代码。"
AT_ONCE = 500
_ANYWHERE = Scope.everything("an ID number and a phone number are unique over the whole province")


def own_id(job_id: str, row: int, what: str) -> str:
    """The id a row of a job always gets for its file (`cadre`), `account` or `message`.

    Keyed and so as unforeseeable as a random one; the same at each attempt, by which a job that died half-way
    knows what it has already brought in.
    """
    for turn in count():
        digest = keys.ring().index(f"{job_id}:{row}:{turn}", f"imports.{what}")
        made = base64.urlsafe_b64encode(bytes.fromhex(digest)[:16]).decode().rstrip("=")
        if made[0].isalnum():
            return made
    raise AssertionError


def _parts(wanted: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(wanted), AT_ONCE):
        yield wanted[start:start + AT_ONCE]


def place(entries: Sequence[Entry], chosen: Unit, scope: Scope) -> None:
    """Give each row its unit: the one it names by code or name inside the scope, else the chosen one (D3)."""
    named = sorted({text for entry in entries if (text := _unit_text(entry))})
    found: dict[str, dict[str, int]] = {}
    for part in _parts(named):
        rows = db.session.execute(
            scope.select(Unit, Unit.id, Unit.number, Unit.name, Unit.code)
            .where(or_(Unit.code.in_(part), Unit.name.in_(part)), Unit.status == UnitStatus.open)
        )
        for unit_id, number, name, code in rows:
            for text in (name, code):
                found.setdefault(text, {})[unit_id] = number
    for entry in entries:
        if not entry.unit_text:
            entry.unit_id, entry.unit_number = chosen.id, chosen.number
            continue
        matches = found.get(_unit_text(entry), {})
        if len(matches) == 1:
            entry.unit_id, entry.unit_number = next(iter(matches.items()))
        elif matches:
            entry.complain(roster.UNIT, "ambiguous_unit", AMBIGUOUS_UNIT)
        else:
            entry.complain(roster.UNIT, "unknown_unit", UNKNOWN_UNIT)


def _unit_text(entry: Entry) -> str:
    try:
        return clean_line(entry.unit_text, 100)
    except BadValue:
        return ""


class Seen:
    """The numbers of one file so far, each with the row it stood in first."""

    def __init__(self) -> None:
        self._first: dict[str, dict[str, int]] = {"id_number": {}, "mobile": {}}

    def compare(self, entries: Sequence[Entry]) -> None:
        """Complain about the second and later rows with one ID number or one mobile number; parts come in order."""
        for key, words in (("id_number", "身份证号"), ("mobile", "手机号码")):
            first = self._first[key]
            for entry in entries:
                value = entry.values.get(key)
                if value and first.setdefault(value, entry.number) != entry.number:
                    entry.complain(key, "duplicate_in_file", f"{words}与第 {first[value]} 行重复。")


def look_up(entries: Sequence[Entry], job_id: str) -> None:
    """Complain about ID numbers already on file and mobile numbers already in use, wherever that is.

    A row this very job brought in before is marked as done instead. Elsewhere nobody is named.
    """
    on_file = _on_file([entry.values["id_number"] for entry in entries if "id_number" in entry.values])
    for entry in entries:
        known = on_file.get(entry.values.get("id_number", ""))
        if known is None:
            continue
        cadre_id, unit_id = known
        if cadre_id == own_id(job_id, entry.number, "cadre"):
            entry.done = True
        elif unit_id == entry.unit_id:
            entry.complain("id_number", "already_on_file", ON_FILE)
        else:
            entry.complain("id_number", "id_number_taken", ID_TAKEN)
    _look_up_phones([entry for entry in entries if entry.values.get("mobile")], on_file)


def _on_file(numbers: Sequence[str]) -> dict[str, tuple[str, str]]:
    """ID number → (file, its unit)."""
    by_key = {id_number_key(number): number for number in numbers}
    rows = db.session.execute(_ANYWHERE.select(Cadre, Cadre.id_number_key, Cadre.id, Cadre.unit_id)
                              .where(among(Cadre.id_number_key, list(by_key))))
    return {by_key[key]: (cadre_id, unit_id) for key, cadre_id, unit_id in rows}


def _look_up_phones(entries: Sequence[Entry], on_file: dict[str, Any]) -> None:
    by_key = {phone_key(entry.values["mobile"]): entry.values["mobile"] for entry in entries}
    rows = db.session.execute(_ANYWHERE.select(Account, Account.phone_key)
                              .where(among(Account.phone_key, list(by_key))))
    taken = {by_key[key] for (key,) in rows}
    for entry in entries:
        # Somebody already on file may well have an account of their own: one complaint is enough.
        if entry.values["mobile"] in taken and entry.values.get("id_number") not in on_file:
            entry.complain("mobile", "phone_taken", PHONE_TAKEN)


def accounts_of(entries: Sequence[Entry], job_id: str) -> int:
    """How many accounts an earlier attempt of this job has opened for these rows."""
    wanted = [own_id(job_id, entry.number, "account") for entry in entries]
    return len(db.session.execute(_ANYWHERE.select(Account, Account.id).where(among(Account.id, wanted))).all())
