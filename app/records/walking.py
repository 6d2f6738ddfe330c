"""The whole of a list of records, chunk after chunk, in the list's own order: for what is longer than a page."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from app.records import page, view
from app.records.listing import Filters, Question
from app.records.module import Module
from tenants.prepared import Row
from tenants.scope import Scope


class RecordWalk:
    """Records that a list shows under these filters, newest first."""

    def __init__(self, module: Module, scope: Scope, filters: Filters, today: date) -> None:
        self._module, self._scope, self._today = module, scope, today
        self._question = Question.of(module, scope, filters, today=today, cursor=None, limit=0)
        self._key_of = page.key_of(self._question)
        self._few: bool | None = None

    def total(self) -> int:
        """How many rows there are."""
        return self._question.counted()

    def next(self, size: int) -> list[Row]:
        """The next rows, in the order of the module's plan; none at the end."""
        if self._few is None:
            self._few = self._question.is_few()
        self._question = replace(self._question, window=replace(self._question.window, limit=size))
        rows = self._question.rows(view.plan_of(self._module).names, few=self._few)
        if rows:
            after = replace(self._question.window, after=self._key_of(rows[-1]))
            self._question = replace(self._question, window=after)
        return rows

    def shown(self, rows: Sequence[Row], keeps: Scope) -> list[dict[str, Any]]:
        """Rows as the API shows them; sensitive values in clear inside `keeps` only."""
        return page.shown(self._module, rows, self._scope, keeps, self._today)


UNIT_NUMBER = page.UNIT_NUMBER
