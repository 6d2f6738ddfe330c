"""The rows of a scope in the order of the tree, picked from an index: what lies outside the page costs nothing.

A list is ordered by (unit number, rank, id), all ascending, and lies under an index of just these columns behind those
that a *stretch* fixes. A run of the scope is then one piece of each stretch, in order; a page reads the beginning of
each piece that it needs, and nothing else (ADR-0023). What is picked are keys; the caller fetches the rows by id.

An aisle that says what its statements look like (`shape`) has them compiled once (`tenants.prepared`).
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import Integer, bindparam, func, literal, literal_column, select, true, tuple_, union, union_all
from sqlalchemy.sql.elements import ColumnElement

from tenants.db import db
from tenants.numbering import Range
from tenants.prepared import Prepared, Row, Within
from tenants.scope import Scope

Key = tuple[int, str, str]
LIMITS = (21, 51, 101, 201)  # so many keys a statement is made for
MOST_PIECES = 200  # SQLite accepts a compound of 500 parts


@dataclass(frozen=True, eq=False)
class Aisle:
    """Rows under one index: the rank and the id they are ordered by, and the stretches that hold what is asked for.

    Each stretch fixes the leading columns of the index. A row may lie in several, unless `apart`. Of an aisle with a
    `shape`, aisles of the same shape differ in `values` alone, which are the named parameters of stretches and `where`.
    """

    model: Any
    rank: Any
    row_id: Any
    stretches: tuple[ColumnElement[bool], ...]
    apart: bool = True
    where: tuple[ColumnElement[bool], ...] = ()
    shape: Hashable = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[Any, Any, Any]:
        """The columns of the order, which are also what a cursor holds."""
        return self.model.unit_number, self.rank, self.row_id

    def __hash__(self) -> int:
        return hash(self.shape) if self.shape is not None else id(self)

    def __eq__(self, other: object) -> bool:
        """Of one shape; what has none is like itself alone."""
        if self.shape is None or not isinstance(other, Aisle):
            return self is other
        return self.shape == other.shape


def first(aisle: Aisle, scope: Scope, limit: int, after: Key | None = None) -> list[Key]:
    """The keys of a page. Runs are read from the first on, only as many as the page needs."""
    found: list[Key] = []
    for some in _portions(_ahead(scope, after), len(aisle.stretches)):
        rows: Iterable[Any]
        if aisle.shape is not None:
            rows = _prepared_page(aisle, scope, some, limit, after)[:limit - len(found)]
        else:
            rows = db.session.execute(scope.mark(_page(aisle, some, limit - len(found), after)))
        found += [(row[0], row[1], row[2]) for row in rows]
        if len(found) >= limit:
            break
    return found


def _prepared_page(aisle: Aisle, scope: Scope, some: Sequence[Range | None], limit: int,
                   after: Key | None) -> list[Row]:
    """The same for an aisle with a shape: under the runs that are read, not told anew when these are all."""
    runs = [run for run in some if run is not None]
    within = Scope(tuple(runs)) if runs and len(runs) < len(scope.ranges) else scope
    if after is not None and runs and runs[0][0] > after[0]:
        after = None  # everything read follows it
    number, rank, row_id = after or (None, None, None)
    most = next(each for each in (*LIMITS, limit) if each >= limit)
    kept = replace(aisle, values={})
    return _PAGE.rows(within, kept, most, after is not None, after_number=number, after_rank=rank, after_id=row_id,
                      **aisle.values)


def _page_of(within: Within, aisle: Aisle, most: int, follows: bool) -> Any:
    after: list[ColumnElement[bool]] = []
    if follows:
        names = ("after_number", "after_rank", "after_id")
        bound = [bindparam(name, type_=column.type) for name, column in zip(names, aisle.key, strict=True)]
        # In one unit's piece of an index the number says nothing.
        start = 1 if within.alone else 0
        after = [tuple_(*aisle.key[start:]) > tuple_(*bound[start:])]
    pieces = [
        select(*aisle.key).where(stretch, inside, *after, *aisle.where)
        .order_by(*aisle.key).limit(literal_column(str(most), Integer))
        for inside, _low, _high in within.runs(aisle.model) for stretch in aisle.stretches
    ]
    return _joined(aisle, pieces, literal_column(str(most), Integer))


_PAGE = Prepared(_page_of)


def fetched(model: Any, keys: Sequence[Key], scope: Scope) -> list[Any]:
    """The rows of these keys, in their order; one that is gone meanwhile is left out."""
    if not keys:
        return []
    found = {row.id: row for row in db.session.execute(
        scope.select(model).where(model.id.in_([row_id for _number, _rank, row_id in keys]))).scalars()}
    return [found[row_id] for _number, _rank, row_id in keys if row_id in found]


def total(aisle: Aisle, scope: Scope) -> int:
    """How many rows of the aisle lie inside: entries of the index are counted, one by one."""
    inside = [_within(aisle, run) for run in _ahead(scope, None)]
    if not inside or not aisle.stretches:
        return 0
    if aisle.shape is not None and len(inside) * len(aisle.stretches) <= MOST_PIECES:
        return int(_TOTAL.rows(scope, replace(aisle, values={}), **aisle.values)[0][0])
    if len(inside) * len(aisle.stretches) > MOST_PIECES:
        inside = [scope.clause(aisle.model)]
    return int(db.session.execute(scope.mark(_counted(aisle, inside)), aisle.values).scalar_one())


def _counted(aisle: Aisle, inside: Sequence[ColumnElement[bool]]) -> Any:
    pieces = [select(aisle.row_id).where(stretch, within, *aisle.where)
              for within in inside for stretch in aisle.stretches]
    if len(aisle.stretches) > 1 and not aisle.apart:
        return select(func.count()).select_from(union(*pieces).subquery())
    counts = [select(func.count()).select_from(piece.subquery()).scalar_subquery() for piece in pieces]
    return select(reduce(add, counts[1:], counts[0]))


_TOTAL = Prepared(lambda within, aisle: _counted(aisle, [inside for inside, *_ in within.runs(aisle.model)]))


def _ahead(scope: Scope, after: Key | None) -> list[Range | None]:
    """The runs a page may still need, in order; None is the whole tree."""
    if scope.because is not None:
        return [None]
    return [run for run in scope.ranges if after is None or run[1] >= after[0]]


def _portions(inside: Sequence[Range | None], stretches: int) -> Iterator[Sequence[Range | None]]:
    """A few runs at first, then more and more: nearly always the first few fill the page."""
    most, many, start = max(1, MOST_PIECES // max(1, stretches)), 4, 0
    while stretches and start < len(inside):
        yield inside[start:start + min(many, most)]
        start, many = start + min(many, most), many * 4


def _page(aisle: Aisle, inside: Sequence[Range | None], limit: int, after: Key | None) -> Any:
    pieces = [
        select(*aisle.key).where(stretch, *_following(aisle, run, after), *aisle.where)
        .order_by(*aisle.key).limit(limit)
        for run in inside for stretch in aisle.stretches
    ]
    return _joined(aisle, pieces, limit)


def _joined(aisle: Aisle, pieces: Sequence[Any], limit: Any) -> Any:
    if len(pieces) == 1:
        return pieces[0]
    parts = [select(*piece.subquery().c) for piece in pieces]
    together: Any = (union_all if aisle.apart else union)(*parts).subquery()
    return select(*together.c).order_by(*together.c).limit(limit)


def _within(aisle: Aisle, run: Range | None) -> ColumnElement[bool]:
    if run is None:
        return true()
    number = aisle.model.unit_number
    inside: ColumnElement[bool] = number == run[0] if run[0] == run[1] else number.between(*run)
    return inside


def _following(aisle: Aisle, run: Range | None, after: Key | None) -> list[ColumnElement[bool]]:
    """The run, as far as it follows the cursor, in conditions that are one piece of the index."""
    if after is None or (run is not None and run[0] > after[0]):
        return [_within(aisle, run)]
    number, rank, row_id = (literal(value, column.type) for value, column in zip(after, aisle.key, strict=True))
    if run is not None and run[0] == run[1]:
        return [_within(aisle, run), tuple_(*aisle.key[1:]) > tuple_(rank, row_id)]
    beyond = tuple_(*aisle.key) > tuple_(number, rank, row_id)
    return [beyond] if run is None else [aisle.model.unit_number <= run[1], beyond]
