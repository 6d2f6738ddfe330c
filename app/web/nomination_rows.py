"""Rows of a list of nominations: who is proposed where, what became of it, and what I may do about it."""

from collections.abc import Sequence
from typing import Any

from flask import url_for

from app.administration import managing, nominations, overview
from app.administration.nomination import STATES, Nomination
from app.web import words
from permissions import guard
from permissions.actions import Action
from permissions.guard import may
from permissions.roles import Role
from tenants.models import Unit

TONES = {"open": "calm", "seated": "good", "refused": "bad", "withdrawn": "plain"}
COLUMNS: list[dict[str, Any]] = [
    {"key": "who", "label": "提名人选", "wide": True}, {"key": "unit", "label": "单位"},
    {"key": "made", "label": "提名时间", "nowrap": True}, {"key": "state", "label": "情况"},
    {"key": "act", "label": "办理", "nowrap": True}, {"key": "other", "label": "", "nowrap": True},
]
IN_UNIT = [column for column in COLUMNS if column["key"] != "unit"]


def said(nomination: Nomination, names: dict[str, str]) -> str:
    """The nomination in one line."""
    follows = f"，接替 {names[nomination.replaces_id]}" if nomination.replaces_id else ""
    return f"{names[nomination.account_id]}{follows}"


def nomination_rows(found: Sequence[Nomination]) -> list[dict[str, Any]]:
    """One row each, in a few statements for all."""
    scope = guard.sight(Action.NOMINATION_READ)
    units = overview.units_of([each.unit_id for each in found], scope)
    replaced = {each.replaces_id for each in found if each.state == "open" and each.replaces_id}
    sitting = overview.seated(replaced, scope) if replaced else set()
    names = nominations.names_of(list(found))
    waiting = [units[each.unit_id] for each in found if each.state == "open"]
    answering = managing.answering(waiting) if waiting else {}
    mine = {held.unit.id for held in guard.me().held if held.role is Role.administrator}
    return [{"cells": {
        "who": {"text": names[each.account_id], "sub": _why(each, names)},
        "unit": {"text": units[each.unit_id].name,
                 "href": url_for("desk_seats.index", unit_id=each.unit_id)},
        "made": words.moment(each.made_at),
        "state": {"badge": {"text": STATES[each.state], "tone": TONES[each.state]}, "sub": _became(each)},
        **_acts(each, units[each.unit_id], answers=answering.get(each.unit_id) in mine,
                follows=each.replaces_id in sitting),
    }} for each in found]


def _why(each: Nomination, names: dict[str, str]) -> str:
    follows = f"接替 {names[each.replaces_id]}" if each.replaces_id else ""
    return " · ".join(part for part in (follows, each.reason) if part)


def _became(each: Nomination) -> str | None:
    if each.state == "open":
        return None
    return " · ".join(part for part in (words.moment(each.answered_at), each.answer) if part)


def seat_href(each: Nomination, *, follows: bool) -> str:
    """Where the superior does as the unit asks: a free seat is given, or the one he follows is replaced."""
    if follows:
        return url_for("desk_leaving.replace", unit_id=each.unit_id, account_id=each.replaces_id,
                       successor=each.account_id)
    return url_for("desk_nominations.answer", nomination_id=each.id, what="seat")


def _acts(each: Nomination, unit: Unit, *, answers: bool, follows: bool) -> dict[str, Any]:
    """What the superior who answers may do, and what the unit itself may."""
    if each.state != "open":
        return {}
    if answers and may(Action.ADMINISTRATOR_APPOINT, unit):
        return {"act": {"text": "更换" if follows else "任命", "href": seat_href(each, follows=follows)},
                "other": {"text": "不同意",
                          "href": url_for("desk_nominations.answer", nomination_id=each.id, what="refuse")}}
    if may(Action.ADMINISTRATOR_NOMINATE, unit):
        return {"act": {"text": "撤回", "href": url_for("desk_nominations.withdraw", nomination_id=each.id)}}
    return {}
