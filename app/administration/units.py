"""Units kept by the administrators above them (第五条, 第六条): open, amend, move, close, each with its log entry."""

from collections.abc import Mapping
from typing import Any

from app import registry
from app.administration import filings, left_over, nominations, seats
from app.administration.move_preview import MovePreview, move_preview
from app.administration.nomination import Nomination
from app.records import homes, redating
from app.records.calendar import timing
from app.records.redate_asking import ask_redate
from app.records.rulebook import DeadlineRule
from app.records.telling import Cause
from app.versions import check_version
from permissions import audit, guard
from permissions.actions import Action
from permissions.grants import Filing, Grant, Seat
from permissions.lineage import By
from tenants import provision, tree
from tenants.db import db
from tenants.errors import Conflict, Invalid
from tenants.fields import new_id
from tenants.models import Unit, UnitStatus
from tenants.scope import Scope


def seen(unit_id: str) -> Unit:
    """A unit I may see, or NotFound."""
    return tree.unit_by_id(guard.checked_id(unit_id), guard.sight(Action.UNIT_READ))


def own() -> Unit:
    """The row of the unit I work in."""
    return tree.unit_by_id(guard.me().at.id, tree.here(guard.me().at))


def sight() -> Scope:
    """Units I may see; empty when none."""
    return guard.sight(Action.UNIT_READ)


def subtree(unit: Unit) -> Scope:
    """A unit and everything below it, to narrow a list to."""
    return tree.below(unit)


def visible() -> Scope:
    """Units I may see; Forbidden when I may see none."""
    return guard.my_scope(Action.UNIT_READ)


def _facts(unit: Unit) -> dict[str, Any]:
    return {"name": unit.name, "code": unit.code, "kind": unit.kind, "parent_id": unit.parent_id,
            "status": unit.status, "valid_from": unit.valid_from.isoformat(),
            "valid_to": unit.valid_to.isoformat() if unit.valid_to else None}


def open_below(parent: Unit, *, kind: str, name: str, code: str) -> Unit:
    """Open a unit under one I administer."""
    _lock(parent)
    guard.require(Action.UNIT_OPEN, parent)
    unit = provision.open_unit(parent, kind=kind, name=name, code=code)
    audit.record(Action.UNIT_OPEN, "unit", unit.id, unit, after=_facts(unit))
    return unit


def amend(unit: Unit, changes: Mapping[str, Any], if_match: str | None = None) -> Unit:
    """Rename, recode or re-date a unit strictly below."""
    guard.require(Action.UNIT_UPDATE, unit)
    # For ourselves alone, before `require_open` shares it: two that share a row and then write it would deadlock.
    db.session.refresh(unit, with_for_update=True)
    check_version(unit, if_match)
    tree.require_open(unit)
    before = _facts(unit)
    provision.amend_unit(
        unit, name=changes.get("name"), code=changes.get("code"), valid_from=changes.get("valid_from"),
        valid_to=changes.get("valid_to"), clears_valid_to="valid_to" in changes and changes["valid_to"] is None,
    )
    audit.record(Action.UNIT_UPDATE, "unit", unit.id, unit, before=before, after=_facts(unit))
    return unit


def _lock(*units: Unit) -> None:
    """Take the tree's lock and read the units again: the right is asked about the tree that will be changed (B5)."""
    tree.touch()
    for unit in units:
        db.session.refresh(unit)


def move(unit: Unit, parent: Unit) -> Unit:
    """Move a unit strictly below to another place I administer; needs the right at both ends (B5)."""
    _lock(unit, parent)
    require_move(unit, parent)
    tree.require_open(unit)
    before = _facts(unit)
    rights = left_over.touching(unit)
    moved = provision.move_unit(unit, parent)
    left_over.settle(rights)
    filings.follow([moved.id])
    audit.record(Action.UNIT_MOVE, "unit", unit.id, moved, before=before, after=_facts(moved))
    redate(moved, f"{moved.name}改由{parent.name}管理")
    return moved


def require_move(unit: Unit, parent: Unit) -> None:
    """Forbidden but to a common superior: one right over the unit, where it hangs and where it will (B5)."""
    guard.require_together((Action.UNIT_MOVE, unit), (Action.UNIT_OPEN, tree.superior(unit)),
                           (Action.UNIT_OPEN, parent))


def preview(unit: Unit, parent: Unit) -> MovePreview:
    """What `move` would do, for who may do it; changes nothing."""
    require_move(unit, parent)
    if unit.status != UnitStatus.open:
        raise Conflict("该单位已撤销，不能再移动。", code="closed")
    return move_preview(unit, parent)


def redate(moved: Unit, why: str) -> None:
    """Where the rules above the new place give other due days, open records get them, and those concerned are told."""
    db.session.flush()
    if redating.would_move(timing(), registry.modules(), tree.below(moved)).changed:
        ask_redate(Cause(new_id(), why), moved)


def _let_go(unit: Unit, successor: Unit | None) -> None:
    """Nobody sits in a closed unit, and nobody is proposed for it; what it hands over is remembered as its own."""
    seats.vacate_all(unit)
    nominations.drop_all(unit)
    if successor is not None:
        homes.remember(unit, successor)


def require_close(unit: Unit, successor: Unit | None) -> None:
    """Forbidden but to a superior of both (B5)."""
    guard.require(Action.UNIT_CLOSE, unit)
    if successor is not None:
        if successor.id == unit.id:
            raise Invalid(fields={"successor_id": ["接收单位不能是本单位。"]})
        guard.require_together((Action.UNIT_CLOSE, unit), (Action.UNIT_OPEN, successor))


def close(unit: Unit, successor: Unit | None) -> Unit:
    """Close a unit strictly below; its administrators' seats are vacated and filed."""
    _lock(unit, *([successor] if successor is not None else []))
    require_close(unit, successor)
    before = _facts(unit)
    rights = left_over.touching(unit)
    handed_on = [child.id for child in tree.children(unit, tree.below(unit))]
    # A rule goes with the unit that set it: handed over, it would tighten its successor's deadlines unasked.
    provision.close_unit(unit, successor, keep=(DeadlineRule, Filing, Grant, Nomination, Seat, audit.AuditEntry),
                         before=lambda: _let_go(unit, successor))
    left_over.settle(rights, by=By.merge)
    filings.follow(handed_on)
    audit.record(Action.UNIT_CLOSE, "unit", unit.id, unit, before=before,
                 after=_facts(unit) | {"successor_id": unit.successor_id})
    if successor is not None:
        redate(successor, f"{unit.name}并入{successor.name}")
    return unit
