"""Where a unit stands in the tree, as plain facts: what rights are held at, kept longer than a transaction."""

from dataclasses import dataclass
from typing import Protocol


class Placed(Protocol):
    """What places something in the tree: a unit's row, or the facts kept of it."""

    @property
    def id(self) -> str: ...

    @property
    def number(self) -> int: ...

    @property
    def parent_id(self) -> str | None: ...

    @property
    def path(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Place:
    """A unit as one statement saw it. Nothing can be changed through it: who edits a unit reads its row."""

    id: str
    number: int
    parent_id: str | None
    path: str
    kind: str
    name: str
    status: str
