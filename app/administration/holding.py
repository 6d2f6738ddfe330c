"""The order of locks: units before accounts, units among themselves by id; as whoever closes or merges units has it.

Whatever ends or moves all that an account holds writes at every unit it is held in. Whoever took the account first
would wait there for a closing that waits for the account.
"""

from collections.abc import Iterable

from sqlalchemy import select, union

from permissions.accounts import Account
from permissions.grants import Grant, Seat
from tenants.db import db
from tenants.errors import Stale
from tenants.models import Unit
from tenants.scope import Scope

_CONCERNED = Scope.everything("every unit in which an account already seen holds something")


def hold_whole(account: Account, *also: Unit) -> Unit:
    """Keep every unit an account is concerned with open, and then the account to myself; where it belongs.

    Raises Stale when it has moved, or been given something elsewhere, in between.
    """
    home, known = account.unit_id, concerned(account, *also)
    hold_units(known)
    db.session.refresh(account, with_for_update=True)
    if account.unit_id != home or not concerned(account) <= known:
        raise Stale
    return db.session.execute(_CONCERNED.select(Unit).where(Unit.id == home)).scalar_one()


def concerned(account: Account, *also: Unit) -> set[str]:
    """The units an account belongs to or holds something in, and these."""
    rows = _CONCERNED.mark(union(select(Grant.unit_id).where(Grant.account_id == account.id),
                                 select(Seat.unit_id).where(Seat.account_id == account.id)))
    return {account.unit_id, *db.session.execute(rows).scalars(), *(unit.id for unit in also)}


def hold_units(ids: Iterable[str]) -> None:
    """Keep these units from being closed until the act ends; nothing else is held yet."""
    db.session.execute(
        _CONCERNED.select(Unit).where(Unit.id.in_(ids)).order_by(Unit.id)
        .with_for_update(read=True, key_share=True).execution_options(populate_existing=True)).scalars().all()
