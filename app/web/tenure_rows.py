"""Rows about the seats of one unit: who sits there by whose word and how it was filed, who sat there before."""

from collections.abc import Sequence
from typing import Any

from flask import url_for

from app.administration import overview
from app.administration.tenures import Tenure
from app.records.calendar import Timing
from app.web import words
from app.web.filing_rows import answer_by, state_of
from permissions import guard
from permissions.accounts import Account
from permissions.actions import Action
from permissions.grants import Seat
from permissions.guard import may
from permissions.lineage import BY_WORDS, UNASKED, By
from permissions.phone import mask_phone
from tenants.models import Unit

SITTING: list[dict[str, Any]] = [
    {"key": "name", "label": "系统管理员", "wide": True}, {"key": "seat", "label": "席位"},
    {"key": "since", "label": "任职时间", "nowrap": True}, {"key": "by", "label": "任命"},
    {"key": "filing", "label": "报备"}, {"key": "act", "label": "办理"}, {"key": "other", "label": ""}]
FORMER: list[dict[str, Any]] = [
    {"key": "name", "label": "曾任系统管理员", "wide": True}, {"key": "since", "label": "任职时间", "nowrap": True},
    {"key": "by", "label": "任命"}, {"key": "until", "label": "离任时间", "nowrap": True},
    {"key": "how", "label": "离任原因"}]
ENDED = BY_WORDS | {By.remove: "免去"}
AWAY = "（已不在您的查看范围内）"


def names_of(found: Sequence[Tenure]) -> dict[str, str]:
    """Names of holders and givers as far as I may see them."""
    ids = {each for one in found for each in (one.account_id, one.given_by, one.answers)}
    return overview.names_of_accounts(ids, guard.sight(Action.ADMINISTRATOR_READ))


def _by(one: Tenure, names: dict[str, str]) -> dict[str, Any]:
    """Who gave the seat, on what path, and who answers for it since."""
    if one.given_by is None:
        return {"text": BY_WORDS[By(one.path)]} if By(one.path) in UNASKED else {"text": "没有记录", "sub": BY_WORDS[
            By(one.path)]}
    said: dict[str, Any] = {"text": names.get(one.given_by, words.SUPERIOR)}
    if one.answers != one.given_by:
        said["sub"] = f"现由{names.get(one.answers or '', words.SUPERIOR)}负责"
    return said


def _filing(one: Tenure | None, unit: Unit, now: Timing) -> dict[str, Any] | None:
    if one is None or one.filing is None:
        return None
    filing = one.filing
    until = answer_by(filing, unit.path, now)
    when = f"{words.moment(filing.acknowledged_at)}" if filing.acknowledged_at else f"应于 {until} 前确认"
    return {"badge": state_of(filing, until), "sub": when,
            "href": url_for("desk_units.filing_list", unit_id=unit.id)}


def sitting_rows(unit: Unit, taken: Sequence[tuple[Seat, Account]], found: Sequence[Tenure], names: dict[str, str],
                 now: Timing) -> list[dict[str, Any]]:
    """Who sits now, with what a superior may do about each."""
    living = {one.right_id: one for one in found if one.until is None}
    opens, removes = may(Action.ACCOUNT_READ, unit), may(Action.ADMINISTRATOR_REMOVE, unit)
    return [{"cells": {
        "name": {"text": account.name, "sub": mask_phone(account.phone) if opens else None,
                 "href": url_for("desk_accounts.show", account_id=account.id) if opens else None},
        "seat": f"{seat.seat} 号", "since": words.moment(seat.since),
        "by": _by(living[seat.id], names) if seat.id in living else "没有记录",
        "filing": _filing(living.get(seat.id), unit, now), **(_leaving(unit, account) if removes else {})}}
        for seat, account in taken]


def _leaving(unit: Unit, account: Account) -> dict[str, Any]:
    """What a superior may do about an administrator: put another in his place, or only remove him."""
    acts = (("act", "更换", "desk_leaving.replace"), ("other", "免去", "desk_leaving.remove"))
    return {name: {"text": text, "href": url_for(endpoint, unit_id=unit.id, account_id=account.id)}
            for name, text, endpoint in acts}


def former_rows(found: Sequence[Tenure], names: dict[str, str]) -> list[dict[str, Any]]:
    """Who sat before."""
    return [{"cells": {
        "name": names.get(one.account_id, AWAY), "since": words.moment(one.since), "by": _by(one, names),
        "until": words.moment(one.until), "how": ENDED[By(one.ended_path or By.remove)]}}
        for one in found if one.until is not None]

