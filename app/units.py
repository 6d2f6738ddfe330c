"""Finding units by a part of their name or code."""

from sqlalchemy import func, or_

from app.paging import Page, decode, like, page_of
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope


def search(scope: Scope, q: str, *, cursor: str | None, limit: int) -> Page[Unit]:
    """Units inside the scope, in tree order."""
    wanted = or_(func.lower(Unit.name).like(like(q), escape="\\"), func.lower(Unit.code).like(like(q), escape="\\"))
    statement = scope.select(Unit).where(wanted)
    after = decode(cursor, (int,))
    if after is not None:
        statement = statement.where(Unit.number > after[0])
    rows = list(db.session.execute(statement.order_by(Unit.number).limit(limit + 1)).scalars())
    total = db.session.execute(scope.select(Unit, func.count()).where(wanted)).scalar_one()
    return page_of(rows, limit, lambda unit: (unit.number,), total)


def paged(rows: list[Unit], *, cursor: str | None, limit: int) -> Page[Unit]:
    """One page of units that are already at hand, in tree order."""
    after = decode(cursor, (int,))
    rest = [unit for unit in rows if after is None or unit.number > after[0]]
    return page_of(rest[:limit + 1], limit, lambda unit: (unit.number,), len(rows))
