"""The superior's word about a record, and asking for more time, on the console."""

from typing import Any

from flask import Blueprint, redirect, url_for

from app.keeping import rulings
from app.keeping.rulings import About
from app.web import desk_records, ruling_words
from app.web.ruling_words import Tried
from permissions.actions import Action
from permissions.guard import guard
from permissions.roles import PC

blueprint = Blueprint("desk_rulings", __name__, url_prefix="/desk/records/<module_key>/<record_id>")


def _answer(about: About, tried: Tried | None) -> Any:
    """The record's page; after a refusal with the form as it was typed."""
    if tried is None:
        return redirect(url_for("desk_records.show", module_key=about.module.key, record_id=about.record.id), 303)
    return desk_records.one(about, tried), tried.attempt.status


@blueprint.post("/ruling")
@guard(Action.RECORD_CONFIRM, channels=PC)
def rule(module_key: str, record_id: str) -> Any:
    """Confirm or return what waits."""
    about = rulings.seen(module_key, record_id, Action.RECORD_CONFIRM)
    return _answer(about, ruling_words.rule(about))


@blueprint.post("/extension")
@guard(Action.RECORD_EXTEND, channels=PC)
def extend(module_key: str, record_id: str) -> Any:
    """Give more time, or answer that none is given."""
    about = rulings.seen(module_key, record_id, Action.RECORD_EXTEND)
    return _answer(about, ruling_words.extend(about))


@blueprint.post("/extension/ask")
@guard(Action.RECORD_UPDATE, channels=PC)
def ask_extension(module_key: str, record_id: str) -> Any:
    """Ask the superior for more time."""
    about = rulings.seen(module_key, record_id, Action.RECORD_UPDATE)
    return _answer(about, ruling_words.ask_extension(about))


@blueprint.post("/reopen")
@guard(Action.RECORD_REOPEN, channels=PC)
def reopen(module_key: str, record_id: str) -> Any:
    """Open a locked record until a day."""
    about = rulings.seen(module_key, record_id, Action.RECORD_REOPEN)
    return _answer(about, ruling_words.reopen(about))
