"""Role templates (角色模板) as rows: made, copied downwards narrower, narrowed, withdrawn.

A template in use is only ever narrowed: who could widen it would hand out, in one stroke and to people he may not
reach, what nobody was asked about. One that no right uses yet may still be changed freely within its original.
"""

from collections.abc import Sequence

from sqlalchemy import select

from permissions import lineage
from permissions.grants import RoleTemplate
from permissions.identity import Known
from permissions.narrowing import Limits, Pattern, actions_of, along, chain, channel_of, channels_of
from permissions.roles import GRANTABLE, Role
from tenants import clock, tree
from tenants.db import db
from tenants.errors import Conflict, Invalid
from tenants.fields import new_id
from tenants.models import Unit
from tenants.place import Place, Placed
from tenants.scope import Scope

_ABOVE = Scope.everything("a template is judged with those it was copied from, which lie above")
NOT_FOR_HERE = "这个角色模板已停用，或不适用于这个单位和角色。"


def limits_of(template: RoleTemplate) -> Limits:
    """What a template's own row allows."""
    return Limits(Role(template.role), None if template.actions is None else frozenset(template.actions),
                  None if template.columns is None else frozenset(template.columns), channels_of(template.channel))


def _pattern(template: RoleTemplate, unit: Unit) -> Pattern:
    place = Place(unit.id, unit.number, unit.parent_id, unit.path, unit.kind, unit.name, unit.status)
    return Pattern(template.id, template.parent_id, place, limits_of(template),
                   withdrawn=template.withdrawn_at is not None)


def known(template_ids: Sequence[str | None]) -> dict[str, Pattern]:
    """These templates and all above them."""
    found: dict[str, Pattern] = {}
    wanted = {each for each in template_ids if each}
    while wanted:
        rows = db.session.execute(_ABOVE.mark(
            select(RoleTemplate, Unit).join(Unit, Unit.id == RoleTemplate.unit_id).where(RoleTemplate.id.in_(wanted))))
        for template, unit in rows:
            found[template.id] = _pattern(template, unit)
        wanted = {each.parent_id for each in found.values() if each.parent_id} - found.keys()
    return found


def worth(template_id: str, unit: Placed, role: Role) -> Limits | None:
    """What a template, with all above it, leaves of its role at a unit; None when nothing."""
    return along(Limits(role), unit.path, chain(template_id, known([template_id])))


def check_use(template_id: str, unit: Placed, wanted: Limits) -> None:
    """Refuse a right beyond its template. Raises Invalid."""
    left = worth(template_id, unit, wanted.role)
    if left is None:
        raise Invalid(fields={"template_id": [NOT_FOR_HERE]})
    if wanted.columns is not None and left.columns is not None and not wanted.columns <= left.columns:
        raise Invalid(fields={"columns": ["模板没有包含所选的全部栏目，请只选模板里的栏目。"]})
    if not wanted.channels & left.channels:
        raise Invalid(fields={"channel": ["模板没有开放这个使用端。"]})


def usable(unit: Placed, role: Role | None = None) -> list[RoleTemplate]:
    """Live templates made at a unit or above it, the highest first."""
    rows = db.session.execute(_ABOVE.mark(
        select(RoleTemplate).join(Unit, Unit.id == RoleTemplate.unit_id)
        .where(Unit.id.in_(tree.ancestor_ids(unit.path)), RoleTemplate.withdrawn_at.is_(None))
        .order_by(Unit.depth, RoleTemplate.name, RoleTemplate.id))).scalars()
    return [each for each in rows if (role is None or each.role == role)
            and worth(each.id, unit, Role(each.role)) is not None]


def _check(limits: Limits, parent: RoleTemplate | None, unit: Placed) -> None:
    if limits.role not in GRANTABLE:
        raise Invalid(fields={"role": ["这个角色不能做成模板。"]})
    if limits.actions is not None and (not limits.actions or not limits.actions <= actions_of(limits.role)):
        raise Invalid(fields={"actions": ["请至少选一项操作，并且只选这个角色本来就有的。"]})
    if limits.columns is not None and not limits.columns:
        raise Invalid(fields={"columns": ["请至少选一个栏目。"]})
    if parent is None:
        return
    above = worth(parent.id, unit, limits.role)
    if above is None:
        raise Invalid(fields={"parent_id": [NOT_FOR_HERE]})
    if faults := limits.faults_within(above):
        raise Invalid(fields={name: [fault] for name, fault in faults.items()})


def _take_over(template: RoleTemplate, limits: Limits) -> None:
    template.actions = None if limits.actions is None else sorted(limits.actions)
    template.columns = None if limits.columns is None else sorted(limits.columns)
    template.channel = channel_of(limits.channels)


def make(unit: Unit, name: str, limits: Limits, parent: RoleTemplate | None, by: Known | None) -> RoleTemplate:
    """A template of a unit, or its copy of a superior's, which may only be narrower. Raises Invalid."""
    tree.require_open(unit)
    _check(limits, parent, unit)
    made = RoleTemplate(id=new_id(), unit_id=unit.id, unit_number=unit.number, name=name, role=limits.role.value,
                        parent_id=parent.id if parent else None, made_by=by.id if by else None, made_at=clock.now())
    _take_over(made, limits)
    db.session.add(made)
    db.session.flush()
    return made


def amend(template: RoleTemplate, unit: Unit, name: str, limits: Limits) -> None:
    """Rename, narrow; widen within its original only while no right uses it. Raises Invalid, Conflict."""
    db.session.refresh(template, with_for_update=True)
    if template.withdrawn_at is not None:
        raise Conflict("这个模板已停用。", code="withdrawn")
    parent = None
    if template.parent_id is not None:
        parent = db.session.execute(
            _ABOVE.select(RoleTemplate).where(RoleTemplate.id == template.parent_id)).scalar_one()
    _check(limits, parent, unit)
    wider = limits.faults_within(limits_of(template))
    if wider and uses(template):
        raise Conflict("已有人按这个模板持有权限，只能收窄，不能放宽；要放宽，请新建模板后重新授予。", code="in_use",
                       fields={field: ["已在使用的模板只能收窄。"] for field in wider})
    template.name = name
    _take_over(template, limits)
    db.session.flush()


def withdraw(template: RoleTemplate) -> None:
    """No right is worth anything through it or its copies any more. Raises Conflict."""
    if template.withdrawn_at is not None:
        raise Conflict("这个模板已停用。", code="withdrawn")
    template.withdrawn_at = clock.now()
    db.session.flush()


def family(template: RoleTemplate) -> list[str]:
    """The ids of a template and of all copies of it, copies of copies included."""
    found, fresh = [template.id], [template.id]
    while fresh:
        fresh = [each for each in db.session.execute(_ABOVE.select(RoleTemplate, RoleTemplate.id).where(
            RoleTemplate.parent_id.in_(fresh))).scalars() if each not in found]
        found += fresh
    return found


def uses(template: RoleTemplate) -> int:
    """How many rights are held through a template or its copies."""
    return lineage.held_through(family(template))
