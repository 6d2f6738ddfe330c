"""One decorator for an API route: path, guard, and the documentation that follows from both."""

from collections.abc import Callable
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema

from permissions.guard import Mark


def routes(blueprint: Blueprint) -> Callable[..., Any]:
    """A `route` for a blueprint that documents what the guard declares: `x-action`, `x-channels`, `x-reach`."""

    def route(method: str, path: str, *, takes: type[Schema] | None = None, query: type[Schema] | None = None,
              gives: int = 200, summary: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def declare(view: Callable[..., Any]) -> Callable[..., Any]:
            documented = blueprint.doc(**_documentation(view, takes, query, gives, summary))(view)
            blueprint.add_url_rule(path, view_func=documented, methods=[method])
            return view

        return declare

    return route


def _documentation(view: Any, takes: type[Schema] | None, query: type[Schema] | None, gives: int,
                   summary: str) -> dict[str, Any]:
    mark: Mark = view.__guard__
    said: dict[str, Any] = {
        "summary": summary or (view.__doc__ or "").strip().splitlines()[0],
        "x-action": mark.action.value if mark.action else mark.kind,
        "x-channels": sorted(channel.value for channel in mark.channels),
        "x-reach": mark.reach,
        "responses": {str(gives): {"description": "OK"}},
        "security": [] if mark.kind == "public" else [{"bearer": []}],
    }
    if takes is not None:
        said["requestBody"] = {"required": True, "content": {"application/json": {"schema": takes}}}
    if query is not None:
        said["parameters"] = [{"in": "query", "name": name, "required": field.required,
                               "description": field.metadata.get("label", name), "schema": {"type": "string"}}
                              for name, field in query().fields.items()]
    return said
