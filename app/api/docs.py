"""The API described: `/api/openapi.json` and a page to read it on."""

from flask import Blueprint, Response, current_app, jsonify, render_template

from permissions.guard import public

blueprint = Blueprint("docs", __name__, url_prefix="/api")


@blueprint.get("/openapi.json")
@public()
def openapi() -> Response:
    """The OpenAPI document, made from the routes' own declarations."""
    return jsonify(current_app.extensions["api"].spec.to_dict())


@blueprint.get("/docs")
@public()
def page() -> str:
    """The same, for people."""
    return render_template("api_docs.html")
