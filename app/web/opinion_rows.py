"""Opinions as pages draw them: their state and day, the wordings of the answer, and the form that answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.administration import overview
from app.opinions import answers
from app.opinions.model import Answer, Opinion
from app.opinions.owed import answer_by, state_of
from app.records.calendar import timing
from app.schemas.bodies import AnswerBody
from app.schemas.queries import OPINION_STATES
from app.web import words
from app.web.forms import Attempt, attempt, fields_of, submitted, typed
from permissions import guard
from permissions.actions import Action
from tenants.models import Unit
from tenants.scope import Scope

TONES = {"waiting": "warn", "overdue": "bad", "answered": "good"}
ONCE = "答复送出后不能收回，只能更正；更正以后，原来的话仍留在这里。"


def badge(state: str) -> dict[str, str]:
    """The state of an opinion as a badge."""
    return {"text": OPINION_STATES[state], "tone": TONES[state]}


def opinion_rows(found: Sequence[tuple[Opinion, str]], scope: Scope) -> list[dict[str, Any]]:
    """One each: the words, who wrote them where and when, by when an answer is due, and the state."""
    units, now = overview.units_of([opinion.unit_id for opinion, _name in found], scope), timing()
    rows = []
    for opinion, name in found:
        unit = units[opinion.unit_id]
        by = answer_by(opinion, unit.path, now)
        state = state_of(opinion, by)
        rows.append({"id": opinion.id, "text": opinion.text, "who": name, "cadre_id": opinion.cadre_id,
                     "unit": unit, "at": words.moment(opinion.created_at), "badge": badge(state), "state": state,
                     "note": f"答复于 {words.moment(opinion.answered_at)}" if opinion.answered_at is not None
                     else f"应于 {by} 前答复"})
    return rows


def detail(opinion: Opinion, name: str, unit: Unit, failed: Attempt[Any] | None = None) -> dict[str, Any]:
    """Everything the page of one opinion shows; after a refusal with what was typed."""
    scope = guard.sight(Action.OPINION_READ)
    said = answers.of([opinion.id], scope)[opinion.id]
    names = overview.names_of_accounts([each.answered_by for each in said], scope)
    may = guard.may(Action.OPINION_ANSWER, unit)
    return {"one": opinion_rows([(opinion, name)], scope)[0], "said": [_said(each, names) for each in said],
            "field": _field(failed) if may else None, "replaces": said[0].id if said else None, "once": ONCE,
            "general": failed.general if failed is not None else []}


def _said(each: Answer, names: Mapping[str, str]) -> dict[str, Any]:
    return {"text": each.text, "who": names.get(each.answered_by, words.SUPERIOR), "number": each.number,
            "at": words.moment(each.answered_at),
            "seen": f"本人已看到（{words.moment(each.seen_at)}）" if each.seen_at is not None else "本人还没有看到"}


def _field(failed: Attempt[Any] | None) -> dict[str, Any]:
    values = typed(AnswerBody()) if failed is not None else {}
    errors = failed.errors if failed is not None else {}
    return fields_of(AnswerBody(), values, errors)["text"] | {
        "label": "答复内容", "rows": 5, "help": "老同志在手机上看到的就是这段话，请写得明白、亲切。最多 1000 字。"}


def tried(opinion: Opinion, unit: Unit) -> Attempt[Any]:
    """The form's act: answer, or correct the answer that was shown."""

    def act() -> Answer:
        body = submitted(AnswerBody())
        return answers.give(opinion, unit, body["text"], body.get("replaces"))

    return attempt(act)
