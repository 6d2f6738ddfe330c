"""From a schema to what the field macro draws, back from a form to checked values, and an act that may fail."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request
from marshmallow import ValidationError

from app.schemas.fields import Code, Columns, Line, Named, References
from app.schemas.strict import Strict, flatten, load
from permissions import guard, transaction
from tenants.errors import Conflict, Invalid, Malformed, Stale

Choices = Sequence[tuple[str, str]]
Result = TypeVar("Result")
BOTH = "这条信息刚刚被别人改过，您填的还没有保存。不同的地方已在下面注明；核对以后再保存一次，就以您填的为准。"


@dataclass(frozen=True)
class Attempt(Generic[Result]):
    """What became of an act asked for by a form: its result, or what to show above and beside the fields."""

    value: Result | None = None
    status: int = 200
    message: str = ""
    errors: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)
    code: str = ""

    @property
    def stale(self) -> bool:
        """Whether somebody else's change came first: the form shows both, and may be sent again."""
        return self.code == Stale.code

    @property
    def failed(self) -> bool:
        return self.status >= 400

    @property
    def general(self) -> list[str]:
        """Sentences that belong to no field, for `form(general=…)`."""
        loose = [text for name, texts in self.errors.items() if name == "_schema" for text in texts]
        return loose or ([self.message] if self.failed and not self.errors else [])

    def general_beside(self, shown: Mapping[str, Any]) -> list[str]:
        """The same, with the errors of fields the form does not show."""
        hidden = [text for name, texts in self.errors.items() if name.split(".")[0] not in shown for text in texts]
        return hidden or self.general


def attempt(act: Callable[[], Result]) -> Attempt[Result]:
    """Run a form's act. On Invalid or Conflict everything is undone and the answer says why.

    The caller then draws its form again and returns `(page, attempt.status)`. Anything else (404, 403, 429) goes on
    to the one error page. It is logged as the guard logs what goes past here. Whatever was loaded before is stale after
    a failure and is read anew when touched.
    """
    try:
        return Attempt(act())
    except (Invalid, Conflict) as refusal:
        transaction.undo()
        guard.log_refusal(refusal)
        return Attempt(None, refusal.status, refusal.message, refusal.fields, refusal.code)


def submitted(schema: Strict, *, partial: bool = False, **fixed: Any) -> dict[str, Any]:
    """The checked values of the form that was sent; `fixed` are values the page itself decides (unit_id, kind).

    Raises Invalid with every field's errors, so call it inside `attempt`.
    """
    return load(schema, schema.from_form(request.form) | fixed, partial=partial)


def typed(schema: Strict) -> dict[str, Any]:
    """What was typed, to give it back in the form with its errors."""
    return schema.from_form(request.form)


def asked(schema: Strict) -> dict[str, Any]:
    """The checked filters of a list page; empty ones are none. Raises Malformed (400) for anything else."""
    raw: dict[str, Any] = {}
    known = schema.named()
    for name, found in request.args.lists():
        if name not in known or (len(found) > 1 and not isinstance(known[name], References)):
            raise Malformed("查询条件不对，请从菜单重新打开这一页。", fields={name[:40]: ["不认识，或出现了两次。"]})
        value = known[name].from_form(found) if any(each.strip() for each in found) else None
        if value is not None:
            raw[name] = value
    try:
        return dict(schema.load(raw, partial=True))
    except ValidationError as error:
        raise Malformed("查询条件的格式不对，请检查后重试。", fields=flatten(error.messages)) from error


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


def beside_theirs(failed: Attempt[Any] | None, fields: Mapping[str, dict[str, Any]],
                  now: Mapping[str, dict[str, Any]]) -> Attempt[Any] | None:
    """After somebody else's change: beside each field that differs from what was typed, what stands there `now`.

    Gives back what failed, saying so; the form is then to carry the version of now.
    """
    if failed is None or not failed.stale:
        return failed
    for name, field in fields.items():
        theirs = now[name]["value"] if name in now else field["value"]
        if (theirs or "") != (field["value"] or ""):
            field["errors"] = [*field["errors"], f"现在是：{_in_words(field, theirs)}"]
    return dataclasses.replace(failed, message=BOTH)


def _in_words(field: Mapping[str, Any], value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return str({key: label for key, label, *_ in field["choices"] or ()}.get(value, value) or "（空）")
