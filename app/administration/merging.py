"""Merging (合并): units of one kind into one of them, which takes over what they hold; they close (ADR-0026)."""

from collections.abc import Sequence

from app.administration import units
from app.administration.merge_preview import MergePreview, merge_previews
from permissions import guard
from permissions.actions import Action
from tenants import tree
from tenants.db import db
from tenants.errors import Conflict, Invalid
from tenants.models import Unit, UnitKind, UnitStatus

MOST = 50


def require_merge(others: Sequence[Unit], into: Unit) -> None:
    """Forbidden but to a common superior of all of them; Invalid or Conflict where it cannot be; changes nothing."""
    for unit in others:
        guard.require_together((Action.UNIT_CLOSE, unit), (Action.UNIT_OPEN, tree.superior(unit)),
                               (Action.UNIT_OPEN, into))
    if not others or len(others) > MOST:
        raise Invalid(fields={"unit_ids": [f"请选择 1 到 {MOST} 个要并入的单位。"]})
    for unit in others:
        if unit.id == into.id:
            raise Invalid(fields={"unit_ids": ["并入的单位里不能有接收单位自己。"]})
        if unit.kind != into.kind:
            label = UnitKind(into.kind).label
            raise Invalid(fields={"unit_ids": [f"“{unit.name}”与“{into.name}”类别不同，只能合并同为“{label}”的单位。"]})
        if unit.status != UnitStatus.open:
            raise Conflict(f"“{unit.name}”已经撤销，不能再合并。", code="closed")
        if into.path.startswith(unit.path):
            raise Invalid(fields={"unit_ids": [f"“{unit.name}”是接收单位的上级，不能并入。"]})
    if into.status != UnitStatus.open:
        raise Conflict(f"“{into.name}”已经撤销，不能接收。", code="closed")


def preview(others: Sequence[Unit], into: Unit) -> list[MergePreview]:
    """What each hands over, for who may merge them; changes nothing."""
    require_merge(others, into)
    return merge_previews(others, into)


def merge(others: Sequence[Unit], into: Unit, name: str | None = None) -> Unit:
    """Close the others into the one, in one act; with a name it is called so from now on."""
    tree.touch()
    for each in sorted((*others, into), key=lambda unit: unit.id):  # as all who take several units do
        db.session.refresh(each, with_for_update=True)
    require_merge(others, into)
    for unit in others:
        units.close(unit, into)
    if name is not None and name != into.name:
        units.amend(into, {"name": name})
    return into
