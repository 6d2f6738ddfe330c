"""The superior's word about a record, and asking for more time, on the console."""

from typing import Any

from flask import Blueprint, redirect, url_for

from app.keeping import rulings
from app.web import ruling_words
from permissions.actions import Action
from permissions.guard import guard
from permissions.roles import PC

blueprint = Blueprint("desk_rulings", __name__, url_prefix="/desk/records/<module_key>/<record_id>")


def _back(module_key: str, record_id: str) -> Any:
    return redirect(url_for("desk_records.show", module_key=module_key, record_id=record_id), 303)


@blueprint.post("/ruling")
@guard(Action.RECORD_CONFIRM, channels=PC)
def rule(module_key: str, record_id: str) -> Any:
    """Confirm or return what waits."""
    ruling_words.rule(rulings.seen(module_key, record_id, Action.RECORD_CONFIRM))
    return _back(module_key, record_id)


@blueprint.post("/extension")
@guard(Action.RECORD_EXTEND, channels=PC)
def extend(module_key: str, record_id: str) -> Any:
    """Give more time, or answer that none is given."""
    ruling_words.extend(rulings.seen(module_key, record_id, Action.RECORD_EXTEND))
    return _back(module_key, record_id)


@blueprint.post("/extension/ask")
@guard(Action.RECORD_UPDATE, channels=PC)
def ask_extension(module_key: str, record_id: str) -> Any:
    """Ask the superior for more time."""
    ruling_words.ask_extension(rulings.seen(module_key, record_id, Action.RECORD_UPDATE))
    return _back(module_key, record_id)


@blueprint.post("/reopen")
@guard(Action.RECORD_REOPEN, channels=PC)
def reopen(module_key: str, record_id: str) -> Any:
    """Open a locked record until a day."""
    ruling_words.reopen(rulings.seen(module_key, record_id, Action.RECORD_REOPEN))
    return _back(module_key, record_id)
