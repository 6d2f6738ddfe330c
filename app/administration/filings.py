"""The list of filings (报备): what was appointed or removed below, and what still waits for the superior's word."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from app.administration import sight
from app.paging import Page, decode, page_of
from permissions.actions import Action
from permissions.grants import Filing
from tenants.db import db
from tenants.models import Unit
from tenants.place import Placed
from tenants.scope import Scope

_HANDED_ON = Scope.everything("a filing goes over to the new superior, whoever had it")


def seen(filing_id: str) -> tuple[Filing, Unit]:
    """A filing I may see with the unit it is about, or NotFound."""
    return sight.seen(Filing, filing_id, Action.FILING_READ)


def follow(unit_ids: Iterable[str]) -> int:
    """What still waits about these units waits for the superior they have now (第七条); returns how many changed."""
    superior = select(Unit.parent_id).where(Unit.id == Filing.unit_id).scalar_subquery()
    changed = db.session.execute(
        _HANDED_ON.update(Filing)
        .where(Filing.unit_id.in_(list(unit_ids)), Filing.acknowledged_at.is_(None),
               Filing.receiver_unit_id != superior)
        .values(receiver_unit_id=superior).returning(Filing.id).execution_options(synchronize_session=False))
    return len(changed.scalars().all())


def answered_by(unit: Placed) -> ColumnElement[bool]:
    """The filter on filings that wait for this unit's word; those of a unit that moves follow it."""
    return Filing.receiver_unit_id == unit.id


def listing(scope: Scope, *, within: Scope | None, acknowledged: bool | None, cursor: str | None,
            limit: int, receiver: Placed | None = None, also: ColumnElement[bool] | None = None) -> Page[Filing]:
    """Newest first; `acknowledged` False lists those that wait, `receiver` those one unit answers, `also` narrows."""
    inside = scope.narrowed(within) if within is not None else scope
    wanted: list[ColumnElement[bool]] = [also] if also is not None else []
    if acknowledged is not None:
        wanted.append(Filing.acknowledged_at.is_not(None) if acknowledged else Filing.acknowledged_at.is_(None))
    if receiver is not None:
        wanted.append(answered_by(receiver))
    statement = inside.select(Filing).where(*wanted)
    after = decode(cursor, (datetime, str))
    if after is not None:
        at, filing_id = after
        statement = statement.where(or_(Filing.filed_at < at, and_(Filing.filed_at == at, Filing.id < filing_id)))
    rows = list(db.session.execute(
        statement.order_by(Filing.filed_at.desc(), Filing.id.desc()).limit(limit + 1)
    ).scalars())
    total = db.session.execute(inside.select(Filing, func.count()).where(*wanted)).scalar_one()
    return page_of(rows, limit, lambda row: (row.filed_at, row.id), total)


def how_many(scope: Scope, *where: ColumnElement[bool]) -> int:
    """How many filings of a scope answer to these conditions."""
    return int(db.session.execute(scope.select(Filing, func.count()).where(*where)).scalar_one())
