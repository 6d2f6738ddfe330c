"""How many defects of each kind there are below, and one kind of them page by page, in the order of the tree."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select

from app.defects.kinds import KINDS, Kind
from app.paging import Page, decode, page_of
from permissions import guard
from tenants import clock
from tenants.db import db
from tenants.scope import Scope


@dataclass(frozen=True)
class Defect:
    """One: where, and about whom or what; `since` as the database writes an instant or a day."""

    kind: str
    number: int
    unit_id: str
    subject: str
    since: str | None


def _inside(kind: Kind, within: Scope | None) -> Scope:
    """Where I may see defects of a kind."""
    scope = guard.sight(kind.action)
    return scope.narrowed(within) if within is not None else scope


def counts(within: Scope | None) -> dict[str, int]:
    """How many of each kind I may see; kinds I may see nowhere are left out."""
    seen = {key: _inside(kind, within) for key, kind in KINDS.items() if guard.sight(kind.action)}
    found: dict[str, int] = {}
    for scope in dict.fromkeys(seen.values()):
        found |= _counted(scope, [key for key, each in seen.items() if each == scope])
    return {key: found[key] for key in seen}


def _counted(scope: Scope, keys: Sequence[str]) -> dict[str, int]:
    """How many of these kinds there are in one scope: one statement."""
    today = clock.today()
    each = [select(func.count()).select_from(KINDS[key].found(scope, today).subquery(key)).scalar_subquery()
            for key in keys]
    return dict(zip(keys, map(int, db.session.execute(scope.mark(select(*each))).one()), strict=True))


def listing(kind: Kind, within: Scope | None, *, cursor: str | None, limit: int, total: int) -> Page[Defect]:
    """A page of one kind; `total` as `counts` gave it."""
    scope = _inside(kind, within)
    rows = kind.found(scope, clock.today()).subquery()
    statement = select(rows.c.number, rows.c.unit_id, rows.c.subject, rows.c.since)
    after = decode(cursor, (int, str))
    if after is not None:
        number, subject = after
        statement = statement.where(
            or_(rows.c.number > number, and_(rows.c.number == number, rows.c.subject > subject)))
    found = [Defect(kind.key, *row) for row in db.session.execute(
        scope.mark(statement.order_by(rows.c.number, rows.c.subject).limit(limit + 1)))]
    return page_of(found, limit, lambda row: (row.number, row.subject), total)
