"""Which rows may be seen: an explicit scope builds every query on tenant data, and its absence is an error.

Only this file knows how ownership is queried (ADR-0003): today a short list of inclusive ranges of stable unit
numbers. Everything else says `scope.select(Model)`. A session listener refuses any other statement that touches
a guarded table, whatever its shape; raw `text()` is banned by a test instead.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from typing import Any, ClassVar, Self

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Table,
    TableClause,
    and_,
    delete,
    event,
    false,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import Select, SelectBase

from tenants import numbering
from tenants.db import Base
from tenants.errors import UnscopedQuery
from tenants.fields import Id
from tenants.models import Unit
from tenants.numbering import Range

OPTION = "scope"


class UnitOwned:
    """Mixed into every model whose rows belong to a unit; give `__table_args__ = owned(...)` beside it."""

    blocks_closing: ClassVar[bool] = False
    stays: ClassVar[bool] = False  # a document or history of its unit: not handed over when that closes
    derived: ClassVar[bool] = False  # computed from other rows, so never handed over with them

    unit_id: Mapped[str] = mapped_column(Id)
    unit_number: Mapped[int] = mapped_column(BigInteger, index=True)


def owned(*arguments: Any) -> tuple[Any, ...]:
    """Table arguments of a unit-owned table: number and id are held together by the database."""
    return (
        ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"], name="unit"),
        *arguments,
    )


def number_column(model: Any) -> Any:
    """The column that places a row of this model in the tree."""
    return model.number if model is Unit else model.unit_number


@dataclass(frozen=True)
class Scope:
    """Rows a principal may touch for one action. Empty means none; `because` marks the whole tree, with a reason."""

    ranges: tuple[Range, ...] = ()
    because: str | None = None

    @classmethod
    def of(cls, ranges: Iterable[Range]) -> Self:
        """A scope over these runs of unit numbers."""
        return cls(numbering.merge(ranges))

    @classmethod
    def everything(cls, because: str) -> Self:
        """The whole tree. Only for what is not done on behalf of a principal; say why."""
        if not because:
            raise ValueError("say why everything is needed")
        return cls(because=because)

    def __bool__(self) -> bool:
        return bool(self.ranges) or self.because is not None

    def covers(self, number: int) -> bool:
        """Whether a unit's number lies inside."""
        return self.because is not None or numbering.covers(self.ranges, number)

    def narrowed(self, other: "Scope") -> "Scope":
        """What lies in both; narrowing never widens."""
        if self.because is not None:
            return other
        if other.because is not None:
            return self
        return Scope(numbering.intersect(self.ranges, other.ranges))

    def joined(self, other: "Scope") -> "Scope":
        """What lies in either."""
        if self.because is not None:
            return self
        return other if other.because is not None else Scope.of((*self.ranges, *other.ranges))

    def clause(self, model: Any, number: Any = None) -> ColumnElement[bool]:
        """The filter on one model's rows; `number` stands for its column where no index may be taken for it."""
        if self.because is not None:
            return true()
        column = number_column(model) if number is None else number
        parts = [column == low if low == high else column.between(low, high) for low, high in self.ranges]
        return reduce(or_, parts) if parts else false()

    def select(self, model: Any, *columns: Any) -> Select[Any]:
        """`SELECT` over the model's rows inside; with columns given, those instead of the entity."""
        statement = select(*columns).select_from(model) if columns else select(model)
        return self.mark(statement.where(self.clause(model)))

    def update(self, model: Any) -> Any:
        """`UPDATE` of the rows inside."""
        return self.mark(update(model).where(self.clause(model)))

    def delete(self, model: Any) -> Any:
        """`DELETE` of the rows inside."""
        return self.mark(delete(model).where(self.clause(model)))

    def mark(self, statement: Any) -> Any:
        """Say that a statement was built under this scope; its clauses on further tables are the caller's."""
        return statement.execution_options(**{OPTION: self})

    def both(self, *models: Any) -> ColumnElement[bool]:
        """The filter on several models of one join."""
        return and_(*(self.clause(model) for model in models))


NOTHING = Scope()


def guarded_tables() -> frozenset[Table]:
    """Every table whose rows belong to a unit: units, owned tables and the tables joined to them by inheritance."""
    tables: set[Table] = set()
    for mapper in Base.registry.mappers:
        if mapper.class_ is Unit or issubclass(mapper.class_, UnitOwned):
            tables.update(table for table in mapper.tables if isinstance(table, Table))
    return frozenset(tables)


def _refuse_unscoped(state: ORMExecuteState) -> None:
    """Refuse a statement that touches a guarded table and carries no scope; an INSERT may not read one either."""
    if isinstance(state.execution_options.get(OPTION), Scope) or state.is_column_load:
        return
    guarded = guarded_tables()
    names = {table.name for table in guarded}
    whole: Any = state.statement
    read = [each for each in visitors.iterate(whole) if isinstance(each, SelectBase)] if state.is_insert else [whole]
    for element in chain.from_iterable(visitors.iterate(each) for each in read):
        if isinstance(element, TableClause) and element.name in names:
            raise UnscopedQuery(f"a statement on {element.name} was not built by a scope")
        annotated = getattr(element, "_annotations", {}).get("parententity")
        mapper = getattr(annotated, "mapper", None)
        if mapper is not None and guarded.intersection(mapper.tables):
            raise UnscopedQuery(f"a statement on {mapper.local_table.name} was not built by a scope")


def install(session_class: type[Session] | Any) -> None:
    """Put the listener on a session class or a scoped session; once is enough."""
    if not event.contains(session_class, "do_orm_execute", _refuse_unscoped):
        event.listen(session_class, "do_orm_execute", _refuse_unscoped)
