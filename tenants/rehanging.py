"""The statements of a move, compiled once: a moved subtree's new paths, and the new superior of the unit at its top."""

from typing import Any

from sqlalchemy import Integer, String, bindparam, case, func, update

from tenants.db import db
from tenants.models import Unit
from tenants.prepared import Prepared, Within, together
from tenants.scope import Scope
from tenants.tree import span

_WHOLE = Scope.everything("a move takes along all that lies below, and its way up is the tree's own")
_UNITS: Any = Unit.__table__


def rehang(unit: Unit, parent: Unit) -> None:
    """Write a unit's new parent, and the paths and depths of all below it; what the session holds is out of date."""
    low, high = span(unit.path)
    below = {"low": low, "high": high, "path": f"{parent.path}{unit.id}/", "rest": len(unit.path) + 1,
             "deeper": parent.depth + 1 - unit.depth}
    top = {"unit": unit.id, "to_id": parent.id, "to_kind": parent.kind}
    if db.engine.dialect.name == "postgresql":
        # Right after the statement, the paths need not be looked at again at the transaction's end.
        together(_WHOLE, (_AT_ONCE, (), below | top))
    else:
        # Apart: SQLite asks about every row's parent where a statement names the column at all.
        together(_WHOLE, (_PATHS, (), below), (_TOP, (), top))
    db.session.expire_all()


def _paths(_within: Within | None = None) -> Any:
    column = _UNITS.c
    return update(_UNITS).where(
        column.path >= bindparam("low", type_=column.path.type),
        column.path < bindparam("high", type_=column.path.type),
    ).values(path=bindparam("path", type_=String) + func.substr(column.path, bindparam("rest", type_=Integer)),
             depth=column.depth + bindparam("deeper", type_=Integer))


def _is_top() -> Any:
    return _UNITS.c.id == bindparam("unit", type_=String)


def _superior() -> dict[str, Any]:
    return {"parent_id": bindparam("to_id", type_=String), "parent_kind": bindparam("to_kind", type_=String),
            "version": _UNITS.c.version + 1}


def _top(_within: Within) -> Any:
    return update(_UNITS).where(_is_top()).values(_superior())


def _at_once(_within: Within) -> Any:
    return _paths().values({name: case((_is_top(), value), else_=_UNITS.c[name])
                            for name, value in _superior().items()})


_PATHS, _TOP, _AT_ONCE = Prepared(_paths), Prepared(_top), Prepared(_at_once)
