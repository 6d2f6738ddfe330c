"""Rows of a list of filings (报备): who was appointed or removed where, and whether the superior has said so."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import url_for

from app.administration import managing, overview, units
from app.records.calendar import Timing, timing
from app.timing.kinds import FILING, decide
from app.web import words
from permissions import guard
from permissions.actions import Action
from permissions.grants import Filing
from permissions.guard import may
from permissions.roles import Role
from tenants import clock, tree

FILING_COLUMNS: list[dict[str, Any]] = [
    {"key": "what", "label": "事项", "nowrap": True}, {"key": "unit", "label": "单位"},
    {"key": "seat", "label": "席位"}, {"key": "filed", "label": "报备时间", "nowrap": True},
    {"key": "receiver", "label": "报备给"}, {"key": "state", "label": "情况"},
    {"key": "act", "label": "办理", "nowrap": True},
]


def answer_by(filing: Filing, path: str, now: Timing | None = None) -> date:
    """The last day for the superior's word on a filing about the unit at `path`; a list reads the rules once."""
    upward = tree.ancestor_ids(path)
    return decide(FILING, upward[:-1] or upward, clock.local(filing.filed_at).date(), now).due.on


def state_of(filing: Filing, by: date) -> dict[str, Any]:
    """Waiting, waiting too long, or acknowledged."""
    if filing.acknowledged_at is not None:
        return {"text": "已确认", "tone": "good"}
    late = by < clock.today()
    return {"text": "逾期未确认", "tone": "bad"} if late else {"text": "待确认", "tone": "calm"}


def said(filing: Filing, names: dict[str, str]) -> str:
    """The filing in one line."""
    return f"{words.ACTS[filing.act]} {names.get(filing.account_id, '（不在您的查看范围内）')}"


def filing_rows(found: Sequence[Filing]) -> list[dict[str, Any]]:
    """One row each, in a few statements for all."""
    scope = guard.sight(Action.FILING_READ)
    concerned = overview.units_of([filing.unit_id for filing in found], scope)
    names = overview.names_of_accounts([each for filing in found for each in (filing.account_id,
                                                                             filing.acknowledged_by)], scope)
    receivers = overview.names_of_units([filing.receiver_unit_id for filing in found], units.sight())
    now, waiting = timing(), [filing for filing in found if filing.acknowledged_at is None]
    mine = {held.unit.id for held in guard.me().held if held.role is Role.administrator}
    answering = managing.answering([concerned[filing.unit_id] for filing in waiting]) if mine and waiting else {}
    rows = []
    for filing in found:
        unit = concerned[filing.unit_id]
        until = answer_by(filing, unit.path, now)
        waits = filing.acknowledged_at is None
        by = names.get(filing.acknowledged_by or "", words.SUPERIOR)
        note = f"{words.moment(filing.acknowledged_at)} {by}" if not waits else f"应于 {until} 前确认"
        rows.append({"cells": {
            "what": said(filing, names),
            "unit": {"text": unit.name, "href": url_for("desk_units.show", unit_id=unit.id)},
            "seat": f"{filing.seat} 号", "filed": words.moment(filing.filed_at),
            "receiver": receivers.get(filing.receiver_unit_id, words.SUPERIOR),
            "state": {"badge": state_of(filing, until), "sub": note},
            "act": {"text": "确认收到", "href": url_for("desk_filings.acknowledge", filing_id=filing.id)}
            if waits and answering.get(unit.id) in mine and may(Action.FILING_ACKNOWLEDGE, unit) else None,
        }})
    return rows
