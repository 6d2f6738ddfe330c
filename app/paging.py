"""Keyset pages: an opaque cursor holds the last row's sort key; no offset anywhere."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from tenants.errors import Malformed

Row = TypeVar("Row")
BAD = "翻页标记不对，请从第一页重新查看。"
DEFAULT, MOST = 20, 200


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows of one page, the cursor of the next or None, and how many the filter selects in all."""

    items: list[Row]
    next: str | None
    total: int


def encode(key: Sequence[Any]) -> str:
    """The cursor for a sort key of dates, datetimes, integers and texts."""
    plain = [part.isoformat() if isinstance(part, date | datetime) else part for part in key]
    return base64.urlsafe_b64encode(json.dumps(plain, ensure_ascii=False).encode()).decode().rstrip("=")


def decode(cursor: str | None, types: tuple[type, ...]) -> tuple[Any, ...] | None:
    """The sort key a cursor holds, checked against the expected types. Raises Malformed."""
    if not cursor:
        return None
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(parts, list) or len(parts) != len(types):
            raise ValueError
        return tuple(_part(part, wanted) for part, wanted in zip(parts, types, strict=True))
    except (ValueError, TypeError, binascii.Error, UnicodeError, RecursionError) as error:
        raise Malformed(BAD, fields={"cursor": [BAD]}) from error


def _part(part: Any, wanted: type) -> Any:
    if wanted in (date, datetime):
        if not isinstance(part, str):
            raise ValueError
        moment: date = wanted.fromisoformat(part)
        if not 1900 <= moment.year <= 2200 or (isinstance(moment, datetime) and moment.utcoffset() is None):
            raise ValueError
        return moment
    if not isinstance(part, wanted) or isinstance(part, bool):
        raise ValueError
    if isinstance(part, str) and ("\x00" in part or not part.isprintable() or len(part) > 200):
        raise ValueError
    if isinstance(part, int) and not -(2**63) <= part < 2**63:
        raise ValueError
    return part


def page_of(rows: list[Row], limit: int, key: Callable[[Row], Sequence[Any]], total: int) -> Page[Row]:
    """A page from `limit + 1` rows."""
    more = len(rows) > limit
    kept = rows[:limit]
    return Page(kept, encode(key(kept[-1])) if more and kept else None, total)


def like(text: str) -> str:
    """A LIKE pattern for a part of a text; wildcards typed by the user are ordinary characters."""
    escaped = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
