"""A column of a sheet as the caller declares it, and how a header text is matched to it."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

ERROR_LABEL = "错误说明"
NOTES_SHEET = "填写说明"
EXAMPLE_MARK = "【示例】"
NOTE_MARK = "【说明】"

_NOISE = re.compile(r"[\s*:#_]+")
_REMARK = re.compile(r"\([^()]*\)")


@dataclass(frozen=True)
class Column:
    """One column: `key` for programs, `label` and `aliases` as people write them.

    `text_only` marks digits that are not a quantity (ID number, telephone): a number cell that
    has lost digits there is reported. `choices` names a pick-list, `prompt` is shown while
    typing, `width` is in characters, `kind` is "text" or "number".
    """

    key: str
    label: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    text_only: bool = False
    choices: str | None = None
    prompt: str = ""
    width: int = 14
    kind: str = "text"


def plain_label(text: object) -> str:
    """Return a header without spaces, asterisks, width and case differences; "" for nothing."""
    folded = unicodedata.normalize("NFKC", "" if text is None else str(text)[:200])
    return _NOISE.sub("", folded).casefold()


def label_index(columns: Iterable[Column]) -> dict[str, str]:
    """Return plain label or alias → column key; raise ValueError when two columns share one."""
    index: dict[str, str] = {}
    for column in columns:
        for label in (column.label, *column.aliases):
            if index.setdefault(plain_label(label), column.key) != column.key:
                raise ValueError(f"two columns share the label {label!r}")
    return index


def find_key(text: object, index: dict[str, str]) -> str | None:
    """Return the key a header text stands for, with or without a remark in brackets."""
    plain = plain_label(text)
    return index.get(plain) or index.get(_REMARK.sub("", plain))
