"""Answering opinions (第十七条): the first answer, corrections that keep what stood before, and the writer's eyes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import func, select

from app.opinions.model import Answer, Opinion
from permissions import audit, guard
from permissions.actions import Action
from permissions.identity import Principal
from permissions.needs import allows
from tenants import clock
from tenants.db import db
from tenants.errors import Conflict, Stale
from tenants.models import Unit
from tenants.scope import Scope

_OWN = Scope.everything("a cadre reads the answers to his own opinions, wherever he belonged then")
CORRECTIONS = 20


class Answered(Conflict):
    """It has an answer, and the caller did not say that he corrects it."""

    code = "opinion_answered"
    message = "这条意见已经答复过了。要更正答复，请打开这一条，在现有答复下面更正。"


class CorrectedTooOften(Conflict):
    """A limit nobody reaches by honest work."""

    code = "too_many_corrections"
    message = f"这条意见的答复已更正 {CORRECTIONS} 次，不能再改。请当面或打电话向老同志说明。"


def of(opinion_ids: Iterable[str], scope: Scope) -> Mapping[str, list[Answer]]:
    """Every wording by opinion, the last one first; no statement for none."""
    wanted = list(opinion_ids)
    found: defaultdict[str, list[Answer]] = defaultdict(list)
    if wanted:
        rows = db.session.execute(scope.select(Answer).where(Answer.opinion_id.in_(wanted))
                                  .order_by(Answer.opinion_id, Answer.number.desc())).scalars()
        for each in rows:
            found[each.opinion_id].append(each)
    return found


def give(opinion: Opinion, unit: Unit, text: str, replaces: str | None) -> Answer:
    """Answer an opinion; with `replaces`, the id of the answer that counts, correct it.

    Raises `Answered` when somebody was quicker, `Stale` when what is to be corrected is no longer the last word.
    """
    scope = guard.sight(Action.OPINION_ANSWER)
    held = db.session.execute(scope.select(Opinion).where(Opinion.id == opinion.id).with_for_update()
                              .execution_options(populate_existing=True)).scalar_one()
    last = next(iter(of([held.id], scope)[held.id]), None)
    if last is not None and replaces is None:
        raise Answered
    if replaces is not None and (last is None or last.id != replaces):
        raise Stale
    if last is not None and last.number > CORRECTIONS:
        raise CorrectedTooOften
    number = last.number + 1 if last is not None else 1
    made = Answer(opinion_id=held.id, number=number, text=text, answered_by=guard.me().account.id,
                  answered_at=clock.now(), unit_id=held.unit_id, unit_number=held.unit_number)
    db.session.add(made)
    held.answered_at = held.answered_at or made.answered_at
    db.session.flush()
    audit.record(Action.OPINION_ANSWER, "opinion", held.id, unit, after={"answer": number})
    return made


def waiting_for(principal: Principal, scope: Scope) -> int:
    """How many opinions wait in the units where I hold the right to answer, as far as this scope reaches."""
    mine = {held.unit.id for held in principal.held if allows(principal, Action.OPINION_ANSWER, held.unit)}
    if not mine or not scope:
        return 0
    return int(db.session.execute(scope.select(Opinion, func.count()).where(
        Opinion.unit_id.in_(mine), Opinion.answered_at.is_(None))).scalar_one())


def mine(opinions: Iterable[Opinion]) -> Mapping[str, list[Answer]]:
    """The answers to opinions of the one who asks, as `own` found them."""
    return of([each.id for each in opinions], _OWN)


def unseen(principal: Principal) -> int:
    """How many of my opinions have an answer, or a new wording of it, that I have not said I read."""
    return int(db.session.execute(_OWN.mark(
        select(func.count(Answer.opinion_id.distinct())).join(Opinion, Opinion.id == Answer.opinion_id)
        .where(Opinion.account_id == principal.account.id, Answer.seen_at.is_(None)))).scalar_one())


def see(principal: Principal) -> int:
    """I have read every answer there is; returns how many wordings were new."""
    written = select(Opinion.id).where(Opinion.account_id == principal.account.id)
    done = db.session.execute(
        _OWN.update(Answer).where(Answer.opinion_id.in_(written), Answer.seen_at.is_(None))
        .values(seen_at=clock.now()).returning(Answer.id).execution_options(synchronize_session=False))
    return len(done.scalars().all())
