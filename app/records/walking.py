"""The whole of a list of records, chunk after chunk, in the list's own order: for what is longer than a page."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.records import page
from app.records.listing import Filters, chosen
from app.records.module import Module
from tenants import picking
from tenants.db import db
from tenants.picking import Key, Window
from tenants.prepared import Row
from tenants.scope import Scope


class RecordWalk:
    """Records that a list shows under these filters, newest first."""

    def __init__(self, module: Module, scope: Scope, filters: Filters, today: date) -> None:
        self._module, self._scope, self._today = module, scope, today
        self._shelf, self._bounds, self._where = chosen(module, scope, filters, today)
        self._after: Key | None = None
        self._few: bool | None = None

    def total(self) -> int:
        """How many rows there are."""
        narrowed = [*self._where, *picking.between(self._shelf.day, *self._bounds)]
        return int(db.session.execute(picking.total(self._shelf, self._scope, narrowed)).scalar_one())

    def next(self, size: int) -> list[Row]:
        """The next rows, in the order of the module's plan; none at the end."""
        if self._few is None:
            self._few = picking.is_few(self._shelf, self._scope)
        window = Window(size, *self._bounds, self._where, self._after)
        found = db.session.execute(picking.newest(self._shelf, self._scope, window, few=self._few)).all()
        keys: list[Key] = [(row[0], row[1], row[2]) for row in found]
        if keys:
            self._after = keys[-1]
        return page.rows_of(self._module, self._scope, keys)

    def shown(self, rows: Sequence[Row], keeps: Scope) -> list[dict[str, Any]]:
        """Rows as the API shows them; sensitive values in clear inside `keeps` only."""
        return page.shown(self._module, rows, self._scope, keeps, self._today)


UNIT_NUMBER = page.UNIT_NUMBER
