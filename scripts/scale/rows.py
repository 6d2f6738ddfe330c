"""What a loader takes: blocks of rows of one table, every value as text, None for NULL; both engines read it."""

from collections.abc import Sequence
from dataclasses import dataclass

Row = Sequence[str | None]


@dataclass(frozen=True)
class Block:
    """Rows of one table in the order of `columns`."""

    table: str
    columns: tuple[str, ...]
    rows: list[Row]


MIDNIGHT = "00:00:00.000000"
# Nine in the morning in Asia/Shanghai, which has kept one offset since 1991.
NINE = "01:00:00.000000"


def instant(day: str, clock: str = NINE) -> str:
    """An instant in UTC as both engines read it; a PostgreSQL session must stand in UTC."""
    return f"{day} {clock}"
