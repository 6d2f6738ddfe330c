"""Marshmallow fields with Chinese messages, strict types, and what a form needs to show and read them.

Each field takes JSON strictly; `from_form` turns what a browser sends into that JSON first.
Metadata: `label`, `widget`, `help`, `sensitive` (masked for whoever does not keep the record), `search`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields
from marshmallow.utils import missing

from app.values import codes
from app.values.bad import BadValue
from app.values.partial_date import PartialDate
from app.values.text import clean_line, clean_text

REQUIRED = "请填写这一项。"
ERRORS: dict[str, str | list[Any] | dict[Any, Any]] = {
    "required": REQUIRED, "null": REQUIRED, "invalid": "内容的格式不对。", "type": "内容的类型不对。",
}
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)


class Named(fields.Field[Any]):
    """The parent of ours: a label, a widget, Chinese messages."""

    widget = "text"
    default_error_messages = ERRORS

    def __init__(self, label: str, *, widget: str | None = None, help: str = "", sensitive: bool = False,
                 search: bool = False, required: bool = False, **kwargs: Any) -> None:
        allows_none = kwargs.pop("allow_none", not required)
        metadata = {"label": label, "widget": widget or self.widget, "help": help, "sensitive": sensitive,
                    "search": search, "description": label}
        super().__init__(required=required, allow_none=allows_none, metadata=metadata, **kwargs)

    def from_form(self, values: Sequence[str]) -> Any:
        """JSON of what the browser sent; an empty input is nothing."""
        typed = values[-1].strip() if values else ""
        return typed or None

    def to_form(self, value: Any) -> Any:
        """What the input shows."""
        return "" if value is None or value is missing else str(value)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise ValidationError("请填写文字。")
    return value


class Line(Named):
    """One line of text, kept exactly, without control characters."""

    def __init__(self, label: str, *, longest: int, **kwargs: Any) -> None:
        self.longest = longest
        super().__init__(label, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | None:
        try:
            cleaned = clean_line(_string(value), self.longest)
        except BadValue as bad:
            raise ValidationError(str(bad)) from bad
        if not cleaned and self.required:
            raise ValidationError(REQUIRED)
        return cleaned or None


class Text(Line):
    """Text of several lines."""

    widget = "textarea"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | None:
        try:
            cleaned = clean_text(_string(value), self.longest)
        except BadValue as bad:
            raise ValidationError(str(bad)) from bad
        if not cleaned.strip() and self.required:
            raise ValidationError(REQUIRED)
        return cleaned or None


class Flag(Named):
    """Yes or no; JSON true and false only."""

    widget = "checkbox"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("请选择是或否。")
        return value

    def from_form(self, values: Sequence[str]) -> bool:
        return bool(values) and values[-1] in ("1", "on", "true", "yes")


class Sure(Flag):
    """A tick without which nothing is done."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, required=True, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if super()._deserialize(value, attr, data, **kwargs) is not True:
            raise ValidationError("请先核对，再勾选这一项。")
        return True


class Whole(Named):
    """A whole number within bounds that every database holds."""

    widget = "number"

    def __init__(self, label: str, *, least: int = 0, most: int = 2**31 - 1, unit: str = "", **kwargs: Any) -> None:
        self.least, self.most, self.unit = least, most, unit
        super().__init__(label, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("请填写整数。")
        if not self.least <= value <= self.most:
            raise ValidationError(f"请填写 {self.least} 到 {self.most} 之间的整数。")
        return value

    def from_form(self, values: Sequence[str]) -> Any:
        typed = super().from_form(values)
        digits = typed.lstrip("-") if isinstance(typed, str) else ""
        return int(typed) if digits.isascii() and digits.isdigit() and len(digits) < 16 else typed


class Fen(Whole):
    """Money: integer fen in JSON, yuan in the form. At most a million yuan."""

    widget = "money"

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, least=0, most=100_000_000, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, str):
            raise ValidationError("请填写金额，例如 300 或 300.50。")
        if isinstance(value, int) and not isinstance(value, bool) and not self.least <= value <= self.most:
            raise ValidationError("金额应在 0 到 1,000,000 元之间。")
        return super()._deserialize(value, attr, data, **kwargs)

    def from_form(self, values: Sequence[str]) -> Any:
        typed = Named.from_form(self, values)
        if typed is None:
            return None
        yuan, _dot, rest = str(typed).replace(",", "").partition(".")
        plain = (yuan + rest).isascii() and (yuan or "0").isdigit() and (rest or "0").isdigit() and len(rest) <= 2
        return int(yuan or 0) * 100 + int((rest or "0").ljust(2, "0")) if plain and len(yuan) < 12 else typed

    def to_form(self, value: Any) -> str:
        if not isinstance(value, int):
            return "" if value is None or value is missing else str(value)
        return f"{value // 100}.{value % 100:02d}" if value % 100 else str(value // 100)


class Day(Named):
    """A date, `YYYY-MM-DD`."""

    widget = "date"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        typed = _string(value)
        try:
            day = date.fromisoformat(typed) if len(typed) == 10 and typed.isascii() else None
        except ValueError:
            day = None
        if day is None:
            raise ValidationError("日期请写成 2026-01-31 这样，并确认当月有这一天。")
        if not EARLIEST <= day <= LATEST:
            raise ValidationError("日期超出了可填写的范围。")
        return day

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return value.isoformat() if value is not None else None


class Partial(Named):
    """A date that may be a year or a month only; what was put in comes back."""

    widget = "partial_date"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        try:
            return str(PartialDate.parse(_string(value)))
        except BadValue as bad:
            raise ValidationError(str(bad)) from bad


class Code(Named):
    """One value of a code set, or of the choices given."""

    widget = "select"

    def __init__(self, label: str, codes_of: str | Mapping[str, str], **kwargs: Any) -> None:
        self.choices: Mapping[str, str] = codes.SETS[codes_of] if isinstance(codes_of, str) else codes_of
        super().__init__(label, **kwargs)
        self.metadata = {**self.metadata, "enum": list(self.choices)}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise ValidationError("请从给出的选项里选择。")
        return value


class Reference(Named):
    """The id of something else; whether it exists inside the scope is asked later."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not is_id(value):
            raise ValidationError("编号不对，请重新选择。")
        return value


class References(Named):
    """Ids of several other things, each once."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(each, str) and is_id(each) for each in value):
            raise ValidationError("编号不对，请重新选择。")
        if len(set(value)) != len(value):
            raise ValidationError("同一个单位选了两次。")
        return value

    def from_form(self, values: Sequence[str]) -> list[str]:
        return [each for each in values if each]


def is_id(text: str) -> bool:
    """Whether a text has the form of our ids."""
    return len(text) == 22 and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


class Columns(Named):
    """A list of columns (栏目), or null for all of them."""

    widget = "checkboxes"

    def __init__(self, label: str, choices: Mapping[str, str], **kwargs: Any) -> None:
        self.choices = choices
        super().__init__(label, **kwargs)
        self.metadata = {**self.metadata, "type": "array", "items": {"type": "string", "enum": list(choices)}}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        known = isinstance(value, list) and all(isinstance(each, str) and each in self.choices for each in value)
        if not known or not value or len(set(value)) != len(value):
            raise ValidationError("请从给出的栏目里选择；不限栏目请留空。")
        return sorted(value)

    def from_form(self, values: Sequence[str]) -> Any:
        return list(values) or None
