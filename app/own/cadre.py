"""What a cadre sees of himself: his file masked, his contact person, what was done for him."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from app import registry
from app.people.listing import out
from app.people.model import Cadre
from app.records.model import Record, RecordPerson
from permissions.accounts import Account, present
from permissions.grants import Grant, Seat, counts_on
from permissions.identity import Principal
from tenants import clock
from tenants.db import db
from tenants.errors import NotFound
from tenants.models import Unit
from tenants.scope import Scope
from tenants.tree import here

TOOK_PART = "present"  # whoever was absent or on leave is not told that he took part
_OWN = Scope.everything("a cadre reads what concerns himself")


def cadre_of(principal: Principal) -> Cadre:
    """The file of the cadre who is asking."""
    found = db.session.execute(
        _OWN.select(Cadre).where(Cadre.id == principal.account.cadre_id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def own_file(principal: Principal) -> dict[str, Any]:
    """My file; staff-only parts are not in it."""
    return out(cadre_of(principal)) | {"unit_name": principal.unit.name}


@dataclass(frozen=True)
class Contact:
    """Whom to call, with the number in clear: it is there to be dialled."""

    name: str
    phone: str
    unit_name: str

    def out(self) -> dict[str, Any]:
        """The JSON of a contact."""
        return {"name": self.name, "phone": self.phone, "unit_name": self.unit_name, "tel": f"tel:{self.phone}"}


def contact(principal: Principal) -> Contact | None:
    """The contact person named in the file, else a clerk of the unit, else its administrator; None when nobody."""
    named = cadre_of(principal).contact_account_id
    candidates = [
        _OWN.select(Account).where(Account.id == named),
        here(principal.unit).mark(select(Account).join(Grant, Grant.account_id == Account.id).where(
            Grant.unit_id == principal.unit.id, Grant.role == "clerk", Account.unit_id == principal.unit.id,
            counts_on(clock.today())
        ).order_by(Grant.given_at, Account.id)),
        here(principal.unit).mark(select(Account).join(Seat, Seat.account_id == Account.id).where(
            Seat.unit_id == principal.unit.id).order_by(Seat.seat)),
    ]
    for statement in candidates:
        found = db.session.execute(statement.where(present()).limit(1)).scalars().first()
        if found is not None:
            return Contact(found.name, found.phone, principal.unit.name)
    return None


def services(principal: Principal, *, limit: int = 100) -> list[dict[str, Any]]:
    """What was done for me, newest first: kind, day, summary; entered records only, nothing sensitive."""
    rows = db.session.execute(
        _OWN.mark(
            select(Record.id, Record.module, Record.ended_on, Record.summary, RecordPerson.minutes,
                   Unit.name.label("unit_name"))
            .join(RecordPerson, RecordPerson.record_id == Record.id)
            .join(Unit, Unit.id == Record.unit_id)
            .where(RecordPerson.cadre_id == principal.account.cadre_id, Record.deleted_at.is_(None),
                   Record.entered_at.is_not(None),
                   or_(RecordPerson.status.is_(None), RecordPerson.status == TOOK_PART))
            .order_by(Record.ended_on.desc(), Record.id.desc())
            .limit(limit)
        )
    )
    modules = registry.modules()
    return [
        {"id": row.id, "module": row.module, "title": modules[row.module].title,
         "service": modules[row.module].service, "on": row.ended_on.isoformat(), "summary": row.summary,
         "minutes": row.minutes, "unit_name": row.unit_name}
        for row in rows
    ]
