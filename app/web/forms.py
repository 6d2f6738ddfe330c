"""From a schema to what the field macro draws, and back from a submitted form to the schema's JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.schemas.fields import Code, Columns, Line, Named
from app.schemas.strict import Strict

Choices = Sequence[tuple[str, str]]


def field_of(name: str, field: Named, value: Any, errors: Sequence[str], choices: Choices | None = None,
             required: bool | None = None) -> dict[str, Any]:
    """One field for the macro `field(f)`."""
    if choices is None and isinstance(field, Code | Columns):
        choices = list(field.choices.items())
    return {
        "name": name, "label": field.metadata["label"], "widget": field.metadata["widget"],
        "help": field.metadata["help"], "value": value if isinstance(value, list | bool) else field.to_form(value),
        "required": field.required if required is None else required, "errors": list(errors),
        "choices": choices, "maxlength": field.longest if isinstance(field, Line) else None,
        "sensitive": bool(field.metadata.get("sensitive")), "multiple": isinstance(value, list),
        "autocomplete": "off", "placeholder": "", "inputmode": "",
    }


def fields_of(schema: Strict, values: Mapping[str, Any], errors: Mapping[str, Sequence[str]],
              choices: Mapping[str, Choices] | None = None) -> dict[str, dict[str, Any]]:
    """Every field of a schema with what was typed and what is wrong with it, by name."""
    found = {}
    for name, field in schema.named().items():
        own = [text for key, texts in errors.items() if key == name or key.startswith(f"{name}.") for text in texts]
        default = field.load_default if isinstance(field.load_default, str | bool | int) else None
        found[name] = field_of(name, field, values.get(name, default), own, (choices or {}).get(name))
    return found
