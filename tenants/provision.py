"""Changing the tree: open, rename, move, close. Each begins by taking the tree's lock (`tree.touch`)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, cast, exists, func, insert, inspect, literal, select
from sqlalchemy.exc import IntegrityError

from tenants import clock, numbering
from tenants.bulk import insert_on_sqlite
from tenants.db import Base, db
from tenants.errors import Conflict, Invalid, NotFound
from tenants.fields import new_id
from tenants.inserting import put
from tenants.models import CHILDREN, Unit, UnitKind, UnitMove, UnitName, UnitStatus
from tenants.place import Place
from tenants.rehanging import rehang
from tenants.scope import Scope, UnitOwned
from tenants.tree import CODE_TAKEN, inside, require_free_code, touch

DEEPEST = 40
_WHOLE = Scope.everything("a change of the tree looks at the tree itself")

Row = tuple[str | int | None, ...]
LOADED = ("id", "number", "parent_id", "parent_kind", "kind", "name", "code", "path", "depth")


@dataclass(frozen=True)
class Planned:
    """A unit of a tree loaded at once: keys are the loader's own; the parent comes before the child."""

    key: str
    parent_key: str | None
    kind: str
    name: str
    code: str


def _check_pair(parent: Unit | Place, kind: str, field: str) -> None:
    allowed = CHILDREN[UnitKind(parent.kind)]
    if kind not in allowed:
        names = "、".join(each.label for each in allowed)
        raise Invalid(fields={field: [f"“{parent.name}”下面只能设：{names}。"]})


def _check_open(unit: Unit, field: str) -> None:
    if unit.status != UnitStatus.open:
        raise Invalid(fields={field: ["该单位已撤销，请另选单位。"]})


def _flush_or_code_taken() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        if "code" in str(error.orig):
            raise Conflict(CODE_TAKEN, code="code_taken", fields={"code": [CODE_TAKEN]}) from error
        raise


def _next_number(parent: Unit) -> int:
    last = db.session.execute(_WHOLE.mark(select(func.max(Unit.number)).where(inside(parent.path)))).scalar_one()
    following = db.session.execute(_WHOLE.mark(select(func.min(Unit.number)).where(Unit.number > last))).scalar_one()
    highest = db.session.execute(_WHOLE.mark(select(func.max(Unit.number)))).scalar_one()
    return numbering.between(last, following, highest)


def found_province(name: str, code: str) -> Unit:
    """The root, by command only; a second one is refused by the database."""
    touch()
    unit_id = new_id()
    unit = Unit(id=unit_id, number=numbering.FIRST, kind=UnitKind.province_bureau, name=name, code=code,
                path=f"/{unit_id}/", depth=1, valid_from=clock.today())
    db.session.add(unit)
    db.session.flush()
    return unit


def open_unit(parent: Unit, *, kind: str, name: str, code: str) -> Unit:
    """Open a unit below another. Raises Invalid for an impossible pair (第五条), Conflict for a taken code."""
    touch()
    db.session.refresh(parent)
    _check_open(parent, "parent_id")
    require_free_code(code)
    _check_pair(parent, kind, "kind")
    if parent.depth >= DEEPEST:
        raise Invalid(fields={"parent_id": [f"单位层级不能超过 {DEEPEST} 层。"]})
    unit_id = new_id()
    unit = Unit(id=unit_id, number=_next_number(parent), parent_id=parent.id, parent_kind=parent.kind, kind=kind,
                name=name, code=code, path=f"{parent.path}{unit_id}/", depth=parent.depth + 1,
                valid_from=clock.today())
    db.session.add(unit)
    _flush_or_code_taken()
    return unit


def amend_unit(unit: Unit, *, name: str | None = None, code: str | None = None, valid_from: date | None = None,
               valid_to: date | None = None, clears_valid_to: bool = False) -> Unit:
    """Rename, recode or re-date a unit; the former name is kept with its end."""
    if name is not None and name != unit.name:
        db.session.add(UnitName(unit_id=unit.id, name=unit.name, until=clock.now()))
        unit.name = name
    if code is not None:
        unit.code = code
    if valid_from is not None:
        unit.valid_from = valid_from
    if valid_to is not None or clears_valid_to:
        unit.valid_to = valid_to
    if unit.valid_to is not None and unit.valid_to < unit.valid_from:
        raise Invalid(fields={"valid_to": ["终止日期不能早于起始日期。"]})
    _flush_or_code_taken()
    return unit


def move_unit(unit: Unit, parent: Unit) -> Unit:
    """Put a unit, with all below it, under another superior: paths change, no tenant row does (ADR-0005)."""
    touch()
    _read_again(unit, parent)
    check_move(unit, parent)
    if unit.parent_id is None or unit.parent_id == parent.id:
        return unit
    put(UnitMove, {"unit_id": unit.id, "from_parent_id": unit.parent_id, "to_parent_id": parent.id,
                   "moved_at": clock.now()})
    rehang(unit, parent)
    return unit


def check_move(unit: Unit, parent: Unit) -> None:
    """Invalid when the unit cannot be put under the parent: its own subtree, an impossible pair, too deep; reads."""
    if parent.path.startswith(unit.path):
        raise Invalid(fields={"parent_id": ["不能移到本单位或它的下级单位下面。"]})
    if unit.parent_id is None:
        raise Invalid(fields={"parent_id": ["省委老干部局是最高一级，不能移动。"]})
    _check_open(parent, "parent_id")
    _check_pair(parent, unit.kind, "parent_id")
    deeper = parent.depth + 1 - unit.depth
    if deeper > 0 and _deepest(unit) + deeper > DEEPEST:
        raise Invalid(fields={"parent_id": [f"单位层级不能超过 {DEEPEST} 层。"]})


def _deepest(unit: Unit) -> int:
    found: int = db.session.execute(_WHOLE.mark(select(func.max(Unit.depth)).where(inside(unit.path)))).scalar_one()
    return found


def _read_again(*units: Unit) -> None:
    """The units as they are under the tree's lock, in one statement. Raises NotFound for one that is gone."""
    ids = {unit.id for unit in units}
    found = db.session.execute(_WHOLE.select(Unit).where(Unit.id.in_(ids)).execution_options(populate_existing=True))
    if len(found.scalars().all()) != len(ids):
        raise NotFound


def owned_models() -> list[type[UnitOwned]]:
    """Every model whose own table carries unit_id and unit_number, and is not computed from others."""
    return [
        mapper.class_
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, UnitOwned) and "unit_number" in mapper.local_table.columns
        and not mapper.class_.derived
    ]


def is_empty(unit: Unit) -> bool:
    """Whether nothing that matters hangs on the unit: no open child and no row that blocks closing."""
    open_child = exists().where(Unit.parent_id == unit.id, Unit.status == UnitStatus.open)
    if db.session.execute(_WHOLE.mark(select(open_child))).scalar():
        return False
    return not any(
        db.session.execute(_WHOLE.mark(select(exists().where(model.unit_id == unit.id)))).scalar()
        for model in owned_models()
        if model.blocks_closing
    )


def close_unit(unit: Unit, successor: Unit | None, *, keep: Iterable[type[UnitOwned]] = (),
               before: Callable[[], None] = lambda: None) -> Unit:
    """Close a unit. Not empty and no successor: Conflict `not_empty`. With one, all it holds goes over.

    `keep` names models whose rows stay with the closed unit (its seats, its log); `before` runs under the lock.
    """
    touch()
    db.session.refresh(unit, with_for_update=True)
    if unit.status != UnitStatus.open:
        raise Conflict("该单位已经撤销。", code="closed")
    if unit.parent_id is None:
        raise Conflict("省委老干部局不能撤销。", code="root")
    before()
    if successor is None:
        if not is_empty(unit):
            raise Conflict("该单位还有下级单位、人员或记录，请先选定接收单位。", code="not_empty")
    else:
        _hand_over(unit, successor, frozenset(keep))
    unit.status = UnitStatus.closed
    unit.valid_to = max(clock.today(), unit.valid_from)
    db.session.flush()
    return unit


def require_successor(unit: Unit, successor: Unit) -> list[Unit]:
    """The open units below, which a successor that is open and may hold them takes over; Invalid where it cannot."""
    if successor.path.startswith(unit.path):
        raise Invalid(fields={"successor_id": ["接收单位不能是本单位或它的下级。"]})
    _check_open(successor, "successor_id")
    children = list(db.session.execute(
        _WHOLE.select(Unit).where(Unit.parent_id == unit.id, Unit.status == UnitStatus.open)).scalars())
    for child in children:
        _check_pair(successor, child.kind, "successor_id")
    return children


def _hand_over(unit: Unit, successor: Unit, keep: frozenset[type[UnitOwned]]) -> None:
    db.session.refresh(successor)
    for child in require_successor(unit, successor):
        move_unit(child, successor)
    for model in owned_models():
        if model not in keep and not model.stays:
            db.session.execute(
                _WHOLE.update(model).where(model.unit_id == unit.id)
                .values(unit_id=successor.id, unit_number=successor.number)
                .execution_options(synchronize_session=False))
    db.session.expire_all()
    unit.successor_id = successor.id


def load_tree(plan: Iterable[Planned], *, valid_from: date) -> dict[str, Place]:
    """Load a whole tree into an empty table in tree order; returns where each unit stands, by the loader's keys.

    Raises Invalid for an impossible pair (第五条), Conflict when there are units already.
    """
    touch()
    if db.session.execute(_WHOLE.mark(select(exists().where(Unit.id.is_not(None))))).scalar():
        raise Conflict("单位表不是空的，不能整树导入。", code="not_empty")
    ordered = _in_tree_order(list(plan))
    made: dict[str, Place] = {}
    rows: list[Row] = []
    for planned, number in zip(ordered, numbering.bulk(len(ordered)), strict=True):
        parent = made[planned.parent_key] if planned.parent_key is not None else None
        unit_id = new_id()
        if parent is not None:
            _check_pair(parent, planned.kind, "kind")
        path = f"{parent.path if parent else '/'}{unit_id}/"
        made[planned.key] = Place(unit_id, number, parent.id if parent else None, path, planned.kind, planned.name,
                                  UnitStatus.open)
        rows.append((unit_id, number, parent.id if parent else None, parent.kind if parent else None, planned.kind,
                     planned.name, planned.code, path, path.count("/") - 1))
    _insert_whole(rows, {"status": UnitStatus.open, "valid_from": valid_from, "version": 1})
    return made


def _insert_whole(rows: list[Row], same: dict[str, Any]) -> None:
    """All at once: a statement for each unit would take the tree's lock and be sent by itself."""
    columns = [inspect(Unit).local_table.columns[name] for name in LOADED]
    if not rows:
        return
    if db.engine.dialect.name == "postgresql":
        # A list for each column, put side by side by the database; lists travel as plain text, nothing quoted.
        lists = [func.unnest(cast(_as_list(values), ARRAY(column.type)))
                 for column, values in zip(columns, zip(*rows, strict=True), strict=True)]
        constant = [literal(value, inspect(Unit).local_table.columns[name].type) for name, value in same.items()]
        db.session.execute(_WHOLE.mark(insert(Unit).from_select([*columns, *same], select(*lists, *constant))))
    else:
        insert_on_sqlite(Unit, {**dict(zip(LOADED, zip(*rows, strict=True), strict=True)),
                                **{name: [value] * len(rows) for name, value in same.items()}})


def _as_list(values: tuple[Any, ...]) -> Any:
    """Values as one text, taken apart by the database; an empty one is NULL. ValueError for one with a line break."""
    text = "\n".join("" if value is None else str(value) for value in values)
    if text.count("\n") != len(values) - 1:
        raise ValueError("a line break among the values of the tree")
    return func.string_to_array(text, "\n", "")


def _in_tree_order(plan: list[Planned]) -> list[Planned]:
    """Depth first, so that every subtree is one run of numbers."""
    below: dict[str | None, list[Planned]] = {}
    for planned in plan:
        below.setdefault(planned.parent_key, []).append(planned)
    ordered: list[Planned] = []
    waiting = list(reversed(below.get(None, [])))
    while waiting:
        planned = waiting.pop()
        ordered.append(planned)
        waiting.extend(reversed(below.get(planned.key, [])))
    return ordered
