"""Leaving and reading opinions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from app.opinions.model import Answer, Opinion
from app.opinions.owed import in_state
from app.paging import Page, decode, page_of
from app.people.model import Cadre
from permissions import audit, guard
from permissions.actions import Action
from permissions.identity import Principal
from tenants import clock, tree
from tenants.db import db
from tenants.errors import NotFound
from tenants.models import Unit
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
        .order_by(Opinion.created_at.desc(), Opinion.id.desc()).limit(50)
    ).scalars())


def seen(opinion_id: str) -> tuple[Opinion, str, Unit]:
    """An opinion I may see with its writer's name and the unit it was left with, or NotFound."""
    scope = guard.sight(Action.OPINION_READ)
    found = db.session.execute(scope.mark(
        select(Opinion, Cadre.name).join(Cadre, Cadre.id == Opinion.cadre_id)
        .where(Opinion.id == guard.checked_id(opinion_id), scope.clause(Opinion)))).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1], tree.unit_by_id(found[0].unit_id, scope)


def listing(scope: Scope, *, within: Scope | None, cursor: str | None, limit: int,
            state: str | None = None) -> Page[tuple[Opinion, str]]:
    """Opinions with their writers' names, newest first; `state` as in `owed.in_state`."""
    inside = scope.narrowed(within) if within is not None else scope
    wanted = [in_state(state)] if state else []
    statement = inside.mark(
        select(Opinion, Cadre.name).join(Cadre, Cadre.id == Opinion.cadre_id)
        .where(inside.clause(Opinion), *wanted)
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
    total = db.session.execute(inside.select(Opinion, func.count()).where(*wanted)).scalar_one()
    return page_of(rows, limit, lambda row: (row[0].created_at, row[0].id), total)


def out(opinion: Opinion, name: str | None = None, answers: Sequence[Answer] | None = None) -> dict[str, Any]:
    """The JSON of an opinion, with every wording of its answer where they were asked for."""
    shown: dict[str, Any] = {
        "id": opinion.id, "text": opinion.text, "created_at": clock.iso(opinion.created_at),
        "unit_id": opinion.unit_id, "answered_at": clock.iso(opinion.answered_at) if opinion.answered_at else None}
    if answers is not None:
        shown["answers"] = [{"id": each.id, "number": each.number, "text": each.text,
                             "answered_at": clock.iso(each.answered_at),
                             "seen_at": clock.iso(each.seen_at) if each.seen_at else None} for each in answers]
    return shown | {"cadre_id": opinion.cadre_id, "name": name} if name is not None else shown
