"""Rows of a list of accounts: numbers masked, passwords nowhere."""

from collections.abc import Sequence
from typing import Any

from flask import url_for

from app.administration import overview, seats
from app.web import words
from permissions import guard
from permissions.accounts import STATE_LABELS, Account
from permissions.actions import Action
from permissions.grants import Seat
from permissions.guard import may
from permissions.phone import mask_phone
from tenants.models import Unit

KINDS = {"staff": "工作人员", "cadre": "离退休干部"}
STATE_TONES = {"opened": "calm", "active": "good", "suspended": "bad", "closed": "plain"}

ACCOUNT_COLUMNS = [
    {"key": "name", "label": "姓名", "wide": True}, {"key": "kind", "label": "类别"}, {"key": "state", "label": "状态"},
    {"key": "pc", "label": "电脑端"}, {"key": "mobile", "label": "手机端"},
    {"key": "seen", "label": "最近登录", "nowrap": True},
]
WITH_UNIT = [*ACCOUNT_COLUMNS[:2], {"key": "unit", "label": "单位"}, *ACCOUNT_COLUMNS[2:]]


def state_badge(account: Account) -> dict[str, str]:
    """The state in words, with its tone."""
    return {"text": STATE_LABELS[account.state], "tone": STATE_TONES[account.state]}


def may_seat(account: Account, unit: Unit, seat: Seat | None) -> bool:
    """Whether I may seat somebody in his unit (第七条); whether a seat is free the next page says."""
    return seat is None and may(Action.ADMINISTRATOR_APPOINT, unit) and not seats.eligibility(account, unit)


def _kind(account: Account, seated: set[str]) -> Any:
    if account.id in seated:
        return {"text": KINDS[account.kind], "sub": "系统管理员"}
    return KINDS[account.kind]


def account_rows(found: Sequence[Account], *, units_shown: bool = True) -> list[dict[str, Any]]:
    """One row each, in two statements for all."""
    scope = guard.sight(Action.ACCOUNT_READ)
    names = overview.names_of_units([account.unit_id for account in found], scope) if units_shown else {}
    seated = overview.seated([account.id for account in found], scope) if found else set()
    return [
        {"href": url_for("desk_accounts.show", account_id=account.id), "cells": {
            "name": {"text": account.name, "sub": mask_phone(account.phone)}, "kind": _kind(account, seated),
            "unit": names.get(account.unit_id), "state": {"badge": state_badge(account)},
            "pc": "可用" if account.pc_grant else "不可用" if account.kind == "staff" else None,
            "mobile": "可用" if account.mobile_access else "不可用",
            "seen": words.moment(account.last_login_at) or "从未登录"}}
        for account in found
    ]
