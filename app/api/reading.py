"""Reading requests strictly: JSON without duplicates, NaN, NUL or lone surrogates; queries without unknown filters."""

import json
import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, NoReturn

from flask import Response, jsonify, make_response, request
from marshmallow import Schema, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from app.api.idempotency import once
from app.paging import DEFAULT, MOST, Page
from app.schemas.fields import Named
from app.schemas.strict import flatten, load
from tenants.errors import Invalid, Malformed

DEEPEST = 20
_SURROGATE = re.compile("[\ud800-\udfff]")
BIGGEST = 2**63


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Malformed("同一个字段出现了两次。")
    return made


def _no_constants(_name: str) -> NoReturn:
    raise Malformed("数字的格式不对。")


def body() -> dict[str, Any]:
    """The JSON object of the request. Raises Malformed (400) or UnsupportedMediaType (415)."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        raw = json.loads(request.get_data().decode("utf-8"), object_pairs_hook=_no_duplicates,
                         parse_constant=_no_constants)
    except (ValueError, RecursionError) as error:
        raise Malformed("请求内容不是正确的 JSON。") from error
    if not isinstance(raw, dict):
        raise Malformed("请求内容应是一个对象。")
    _check(raw, 0)
    return raw


def no_body() -> None:
    """For acts that take nothing: an empty body or `{}`."""
    if request.get_data() and (unknown := body()):
        raise Invalid(fields={name[:40]: ["没有这一项，或这一项不能由您填写。"] for name in unknown})


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise Malformed("请求内容嵌套太深。")
    if isinstance(value, str):
        if "\x00" in value or _SURROGATE.search(value):
            raise Malformed("文字中有不能保存的字符。")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check(name, depth + 1)
            _check(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth + 1)
    elif isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= BIGGEST:
        raise Malformed("数字太大。")


def values(schema: Schema, *, partial: bool = False, drop: Sequence[str] = ()) -> dict[str, Any]:
    """The validated body; raises Invalid with field errors. `drop` names parts read before (the place)."""
    raw = {name: value for name, value in body().items() if name not in drop}
    return load(schema, raw, partial=partial)


def query(schema: Schema | None = None) -> dict[str, Any]:
    """The validated query; an unknown, repeated or malformed filter is 400."""
    raw: dict[str, Any] = {}
    for name, found in request.args.lists():
        if len(found) > 1:
            raise Malformed(f"条件 {name[:40]} 出现了两次。", fields={name[:40]: ["不能重复。"]})
        _check(found[0], 0)
        raw[name] = found[0]
    known = schema.fields if schema is not None else {}
    for name, text in raw.items():
        if name not in known:
            raise Malformed("有不认识的查询条件。", fields={name[:40]: ["没有这个条件。"]})
        field = known[name]
        if isinstance(field, Named):
            raw[name] = field.from_form([text])
    try:
        return dict(schema.load(raw)) if schema is not None else {}
    except ValidationError as error:
        raise Malformed("查询条件的格式不对。", fields=flatten(error.messages)) from error


def limit_of(found: dict[str, Any]) -> int:
    """How many rows are wanted."""
    wanted = found.get("limit")
    return DEFAULT if wanted is None else min(int(wanted), MOST)


def if_match() -> str | None:
    """The version the caller saw."""
    return request.headers.get("If-Match")


def listed(page: Page[Any], shape: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """A page in the contract's form."""
    return {"items": [shape(row) for row in page.items], "next": page.next, "total": page.total}


def answer(value: Any, status: int = 200) -> Response:
    """A JSON answer; a versioned object carries its ETag."""
    response = make_response(jsonify(value), status)
    if isinstance(value, dict) and "version" in value:
        response.set_etag(str(value["version"]))
    return response


def nothing() -> Response:
    """204."""
    return make_response("", 204)


def creates(view: Callable[..., Response]) -> Callable[..., Response]:
    """A POST that honours `Idempotency-Key`: same key and body, same answer; other body, 409."""

    @wraps(view)
    def repeated(*args: Any, **kwargs: Any) -> Response:
        return once(lambda: view(*args, **kwargs))

    return repeated
