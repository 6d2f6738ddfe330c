"""What a module declares; everything else about it is done by the kit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.deadlines.rules import Within
from app.records.model import Record
from app.records.schema import RecordSchema

FIVE_WORKING_DAYS = (Within(5, after="ended_on"),)


@dataclass(frozen=True)
class Module:
    """One kind of record.

    `column` is the 栏目 it belongs to; `summary` makes the line shown in lists from its values (never sensitive
    ones); `service` says whether a record of it is something done for the cadre, shown to him under that name.
    """

    key: str
    column: str
    title: str
    record: type[Record]
    schema: type[RecordSchema]
    summary: Callable[[Mapping[str, Any]], str]
    deadlines: tuple[Within, ...] = FIVE_WORKING_DAYS
    service: str = ""
    order: int = 100
    icon: str = "list"
    extra: Mapping[str, Any] = field(default_factory=dict)
