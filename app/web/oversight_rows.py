"""One record a superior should look at, in words for the console and the phone."""

from datetime import date
from typing import Any

from flask import url_for

from app import registry
from app.records.model import Record
from app.records.standing import ASKS, words_of
from app.web.ruling_words import odd_labels
from app.web.words import moment


def row_of(record: Record, end: str, today: date) -> dict[str, Any]:
    """What it is about, why it is shown, and its page; a deleted one has none left."""
    asks = [text for ask, text in ASKS.items() if ask.value in words_of(record.asks)
            and not (ask.value == "extension" and record.due_on < today)]
    gone = record.deleted_at is not None
    words = f"删除于 {moment(record.deleted_at)}" if gone else record.late_reason if record.asks else None
    place: dict[str, Any] = {"module_key": record.module, "record_id": record.id}
    return {"title": record.summary or registry.module(record.module).title, "why": asks + odd_labels(record.odd),
            "words": words, "href": None if gone else url_for(f"{end}_records.show", **place)}
