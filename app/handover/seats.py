"""An administrator leaves: replaced or removed in one transaction, with what he gave and what lay open before him."""

from dataclasses import dataclass

from app.administration import accounts, nominations, seats
from app.administration.nomination import Nomination
from app.handover.gave import Fate, Settled, settle
from app.handover.work import hand_on
from permissions import audit, guard
from permissions.accounts import Account
from permissions.actions import Action
from permissions.grants import Seat
from permissions.lineage import rights_given_by
from tenants.errors import Invalid
from tenants.models import Unit


@dataclass(frozen=True)
class Replaced:
    """The successor's seat, and what became of the rights the one before gave."""

    seat: Seat
    rights: Settled


def sitting(unit: Unit, account_id: str) -> Account | None:
    """An administrator of this unit by id."""
    return next((each for _seat, each in seats.listing(unit) if each.id == account_id), None)


def fellow(unit: Unit, leaving: Account) -> Account | None:
    """Whoever else sits there."""
    return next((each for _seat, each in seats.listing(unit) if each.id != leaving.id), None)


def replace(unit: Unit, leaving: Account, successor: Account, *, fate: Fate, reason: str | None,
            work: bool) -> Replaced:
    """Out and in at once, both filed: there is no moment without. Raises Invalid, Conflict, Forbidden as `appoint`."""
    guard.require(Action.ADMINISTRATOR_REMOVE, unit)
    guard.require(Action.ADMINISTRATOR_APPOINT, unit)
    if leaving.id == successor.id:
        raise Invalid(fields={"successor_id": ["接任的应是另一名工作人员。"]})
    gave = rights_given_by(leaving)
    seats.remove(unit, leaving.id)
    seat = seats.appoint(unit, successor)
    rights = settle(gave, fate, successor)
    handed = hand_on(leaving, successor).facts() if work else {}
    audit.record("administrator:replace", "administrator", leaving.id, unit, before={"account_id": leaving.id},
                 after={"account_id": successor.id, "reason": reason, "fate": fate.value, **rights.facts(), **handed})
    return Replaced(seat, rights)


def follows(nomination: Nomination, unit: Unit) -> Account | None:
    """The administrator in whose place somebody is proposed, while he still sits there."""
    return sitting(unit, nomination.replaces_id) if nomination.replaces_id else None


def seat_nominee(nomination: Nomination, unit: Unit) -> Seat:
    """As the unit asks: the nominee takes the free seat, or at once the place of the one he is to follow.

    Then he answers for what that one gave, and has his open work. Raises as `replace` and `nominations.seat`.
    """
    leaving = follows(nomination, unit)
    if leaving is None:
        return nominations.seat(nomination, unit)
    guard.require(Action.ADMINISTRATOR_APPOINT, unit)
    nominations.take(nomination, unit)
    return replace(unit, leaving, nominations.account_of(nomination), fate=Fate.rehome, reason=nomination.reason,
                   work=True).seat


def remove(unit: Unit, leaving: Account, fate: Fate, *, suspend: bool = False) -> Settled:
    """Out, with nobody in his place: what he gave falls to his fellow, else to whoever acts; perhaps out altogether."""
    guard.require(Action.ADMINISTRATOR_REMOVE, unit)
    gave, other = rights_given_by(leaving), fellow(unit, leaving)
    seats.remove(unit, leaving.id)
    rights = settle(gave, fate, other)
    if gave:
        audit.record("administrator:settle", "administrator", leaving.id, unit,
                     after={"fate": fate.value, **rights.facts()})
    if suspend:
        accounts.suspend(leaving)
    return rights
