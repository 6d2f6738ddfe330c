"""岗位交接: a colleague of the same unit takes over a person's rights and open work; nobody shares a password."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.administration import accounts, grants
from app.handover.work import Work, hand_on
from permissions import audit, giving, guard
from permissions.accounts import Account
from permissions.actions import Action
from permissions.grants import Grant
from permissions.lineage import By
from permissions.roles import Role
from tenants import clock
from tenants.errors import Invalid

AHEAD = timedelta(days=730)


@dataclass(frozen=True)
class HandedOver:
    """How many rights the colleague holds now (or from the day on), how many he held already, and what lay open."""

    rights: int
    known: int
    work: Work


def living(account: Account) -> Sequence[Grant]:
    """The rights of a person that count now or will, inside my reach: what a hand-over takes along."""
    today = clock.today()
    return [each for each in grants.listing(account, guard.my_scope(Action.GRANT_CREATE))
            if each.frozen_at is None and (each.until is None or each.until >= today)]


def hand_over(giver: Account, taker: Account, reason: str | None, on: date | None = None) -> HandedOver:
    """From this moment, or from 00:00 of a day, the taker holds it all and the giver nothing. Invalid, Forbidden.

    A seat is no part of a post: it is replaced from above. What the taker holds already is not given twice. Ordered
    ahead, the rights carry the day themselves, so nothing has to happen on it; what lies open goes along at once only
    when the post does: until then the giver works on, and from the day on the taker is the one who is reminded.
    """
    unit = accounts.require_over(giver, Action.GRANT_CREATE)
    accounts.require_over(taker, Action.GRANT_CREATE)
    _check(giver, taker, on)
    for each in sorted((giver, taker), key=lambda account: account.id):
        accounts.hold(each, unit)
    held = {_same(each) for each in living(taker)}
    found = [right for right in living(giver) if on is None or right.until is None or right.until >= on]
    for right in found:
        if _same(right) not in held:
            _give(right, taker, on)
        _end(right, giver, on)
    known = sum(1 for each in found if _same(each) in held)
    work = hand_on(giver, taker) if on is None else Work(0, 0)
    facts = {"rights": len(found) - known, "reason": reason, **work.facts()}
    facts |= {"effective_on": on.isoformat()} if on is not None else {}
    audit.record("account:hand_over", "account", giver.id, unit, after={"to_account_id": taker.id, **facts})
    audit.record("account:take_over", "account", taker.id, unit, after={"from_account_id": giver.id, **facts})
    return HandedOver(len(found) - known, known, work)


def _give(right: Grant, taker: Account, on: date | None) -> None:
    """The same right for the taker, from now or from the day on."""
    at = grants.unit_of(right)
    since = right.since if on is None else max(on, right.since or on)
    terms = giving.Terms(Role(right.role), right.columns, right.channel, since, right.until, right.template_id)
    made = giving.grant(taker, at, terms, By.hand_over)
    audit.record(Action.GRANT_CREATE, "grant", made.id, at, after=grants.facts(made) | {"account_id": taker.id})


def _end(right: Grant, giver: Account, on: date | None) -> None:
    """The giver's right ends: on the eve of the day, or at once where it would only begin with it."""
    if on is not None and (right.since is None or right.since < on):
        grants.change(giver, right, grants.facts(right) | {"since": right.since, "until": on - timedelta(days=1)})
        return
    at, before = grants.unit_of(right), grants.facts(right) | {"account_id": giver.id}
    giving.take(right, at, By.hand_over)
    audit.record(Action.GRANT_DELETE, "grant", right.id, at, before=before)


def _check(giver: Account, taker: Account, on: date | None) -> None:
    if on is not None and not clock.today() < on <= clock.today() + AHEAD:
        raise Invalid(fields={"effective_on": ["生效日期要在明天到两年之内；今天就交接的，不填这一项。"]})
    if taker.id == giver.id or taker.unit_id != giver.unit_id or taker.kind != "staff" or giver.kind != "staff":
        raise Invalid(fields={"taker_id": ["请选择同一单位的另一名工作人员。"]})
    if not taker.may_log_in:
        raise Invalid(fields={"taker_id": ["该账号已停用或注销。"]})


def _same(right: Grant) -> tuple[str, str, frozenset[str] | None, str]:
    return right.role, right.unit_id, None if right.columns is None else frozenset(right.columns), right.channel
