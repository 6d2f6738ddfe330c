"""`/healthz` says the process lives; `/readyz` that it can do its work."""

from flask import Blueprint, Response, jsonify, make_response

from app import readiness
from permissions.guard import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public()
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public()
def ready() -> Response:
    """Database, migrations, keys, calendar: each with its verdict; 503 when one that matters fails."""
    checks = readiness.checks()
    fine = all(check.fine or not check.vital for check in checks)
    shown = {check.name: "ok" if check.fine else check.word for check in checks}
    return make_response(jsonify(status="ok" if fine else "not ready", checks=shown), 200 if fine else 503)
