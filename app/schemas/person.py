"""Fields about a person: a name kept exactly, a mobile number in its one spelling."""

from typing import Any

from marshmallow import ValidationError

from app.schemas.fields import Named
from app.values.bad import BadValue
from app.values.names import clean_name
from permissions.phone import BadPhone, normalise


class PersonName(Named):
    """A name, kept exactly: `·` and rare characters included."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("请填写姓名。")
        try:
            return clean_name(value)
        except BadValue as bad:
            raise ValidationError(str(bad)) from bad


class Phone(Named):
    """A mainland mobile number in its one spelling."""

    widget = "tel"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("请填写手机号码。")
        try:
            return normalise(value)
        except BadPhone as bad:
            raise ValidationError(str(bad)) from bad
