"""The strict schema: unknown and server-owned fields are refused, errors come out flat and in Chinese."""

from collections.abc import Mapping
from typing import Any, Self, cast

from marshmallow import RAISE, Schema, ValidationError
from werkzeug.datastructures import MultiDict

from app.schemas.fields import Named
from tenants.errors import Invalid


class Strict(Schema):
    """The parent of every schema of ours."""

    error_messages = {"unknown": "没有这一项，或这一项不能由您填写。", "type": "内容应是一组字段。"}

    class Meta:
        unknown = RAISE

    @classmethod
    def kept(cls) -> Self:
        """The one instance for reading queries: making one copies every field."""
        found = _kept.get(cls)
        if found is None:
            found = _kept[cls] = cls()
        return cast(Self, found)

    def named(self) -> dict[str, Named]:
        """Our fields by name, in order of declaration."""
        return {name: field for name, field in self.fields.items() if isinstance(field, Named)}

    def from_form(self, form: MultiDict[str, str]) -> dict[str, Any]:
        """The JSON that a submitted form stands for; only fields of this schema are read."""
        raw: dict[str, Any] = {}
        for name, field in self.named().items():
            value = field.from_form(form.getlist(name))
            if value is not None or name in form:
                raw[name] = value
        return raw


_kept: dict[type[Strict], Strict] = {}


def load(schema: Schema, raw: Mapping[str, Any], *, partial: bool | tuple[str, ...] = False) -> dict[str, Any]:
    """Validated values; raises Invalid with every field's errors."""
    try:
        loaded: dict[str, Any] = schema.load(raw, partial=partial)
        return loaded
    except ValidationError as error:
        raise Invalid(fields=flatten(error.messages)) from error


def flatten(messages: Any, prefix: str = "") -> dict[str, list[str]]:
    """Nested messages as `field.0.part: [texts]`."""
    if isinstance(messages, Mapping):
        flat: dict[str, list[str]] = {}
        for name, inner in messages.items():
            key = prefix if name == "_schema" and prefix else f"{prefix}.{name}" if prefix else str(name)
            for path, texts in flatten(inner, key).items():
                flat.setdefault(path, []).extend(texts)
        return flat
    texts = messages if isinstance(messages, list) else [messages]
    return {prefix or "_schema": [str(text) for text in texts]}
