"""Leaving and reading opinions."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from app.opinions.model import Opinion
from app.paging import Page, decode, page_of
from app.people.model import Cadre
from permissions import audit
from permissions.actions import Action
from permissions.identity import Principal
from tenants import clock
from tenants.db import db
from tenants.scope import Scope

_OWN = Scope.everything("a cadre reads his own opinions, wherever he belonged then")


def leave(principal: Principal, text: str) -> Opinion:
    """Leave an opinion with one's own unit."""
    opinion = Opinion(unit_id=principal.unit.id, unit_number=principal.unit.number,
                      account_id=principal.account.id, cadre_id=principal.account.cadre_id, text=text,
                      created_at=clock.now())
    db.session.add(opinion)
    db.session.flush()
    audit.record(Action.OPINION_LEAVE, "opinion", opinion.id, principal.unit)
    return opinion


def own(principal: Principal) -> list[Opinion]:
    """What I wrote, newest first."""
    return list(db.session.execute(
        _OWN.select(Opinion).where(Opinion.account_id == principal.account.id)
        .order_by(Opinion.created_at.desc()).limit(50)
    ).scalars())


def listing(scope: Scope, *, within: Scope | None, cursor: str | None, limit: int) -> Page[tuple[Opinion, str]]:
    """Opinions with their writers' names, newest first."""
    inside = scope.narrowed(within) if within is not None else scope
    statement = inside.mark(
        select(Opinion, Cadre.name).join(Cadre, Cadre.id == Opinion.cadre_id).where(inside.clause(Opinion))
    )
    after = decode(cursor, (datetime, str))
    if after is not None:
        at, opinion_id = after
        statement = statement.where(
            or_(Opinion.created_at < at, and_(Opinion.created_at == at, Opinion.id < opinion_id))
        )
    rows = [(opinion, name) for opinion, name in db.session.execute(
        statement.order_by(Opinion.created_at.desc(), Opinion.id.desc()).limit(limit + 1)
    )]
    total = db.session.execute(inside.select(Opinion, func.count())).scalar_one()
    return page_of(rows, limit, lambda row: (row[0].created_at, row[0].id), total)


def out(opinion: Opinion, name: str | None = None) -> dict[str, Any]:
    """The JSON of an opinion."""
    shown = {"id": opinion.id, "text": opinion.text, "created_at": clock.iso(opinion.created_at),
             "unit_id": opinion.unit_id}
    return shown | {"cadre_id": opinion.cadre_id, "name": name} if name is not None else shown
