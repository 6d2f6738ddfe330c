"""What a list is narrowed by, in words: for the sheet, the log and the page that asks."""

from collections.abc import Mapping
from typing import Any

from app.exports.wanted import Wanted
from app.schemas.fields import Code
from app.schemas.strict import Strict

_SAID_OTHERWISE = ("unit", "own", "cursor", "limit")


def conditions(wanted: Wanted, schema: Strict, found: Mapping[str, Any]) -> list[str]:
    """One sentence per filter of the query that was checked by this schema."""
    reach = "（只看本级）" if wanted.alone else "（含下级）"
    said = [f"单位：{wanted.unit.name}{reach}"] if wanted.unit is not None else []
    fields = schema.named()
    for name, value in found.items():
        if name in _SAID_OTHERWISE:
            continue
        field = fields[name]
        word = field.choices.get(value, value) if isinstance(field, Code) else value
        said.append(f"{field.metadata['label']}：{word}")
    return said
