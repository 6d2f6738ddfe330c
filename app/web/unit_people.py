"""On the first tab of a unit: who administers it, or who stands in, and what the unit itself lacks."""

from collections.abc import Sequence
from typing import Any

from flask import url_for

from app.administration import managing, overview, units
from app.defects.kinds import KINDS
from app.defects.listing import counts
from app.web import words
from permissions.accounts import Account
from permissions.actions import Action
from permissions.grants import SEATS, Seat
from permissions.guard import may
from tenants import clock
from tenants.models import Unit
from tenants.tree import here


def seat_facts(unit: Unit, taken: Sequence[tuple[Seat, Account]]) -> list[dict[str, Any]]:
    """Each seat with who sits there; with nobody, who manages the unit meanwhile."""
    sitting = {seat.seat: (seat, account) for seat, account in taken}
    opens = may(Action.ACCOUNT_READ, unit)
    facts: list[dict[str, Any]] = []
    for number in SEATS:
        seat, account = sitting.get(number, (None, None))
        fact: dict[str, Any] = {"label": f"{number} 号席位", "value": "空缺"}
        if seat is not None and account is not None:
            fact["value"] = f"{account.name}，{clock.local(seat.since).date()} 起"
            fact |= {"href": url_for("desk_accounts.show", account_id=account.id)} if opens else {}
        facts.append(fact)
    if not taken:
        at = managing.answering([unit])[unit.id]
        name = overview.names_of_units([at], units.sight()).get(at or "", words.SUPERIOR)
        facts.append({"label": "目前由谁管理", "value": f"{name}（代管）" if at else "没有上级管理员"})
    return facts


def lacks(unit: Unit) -> list[dict[str, Any]]:
    """What the unit itself lacks, each kind with the list it stands in."""
    return [{"title": KINDS[key].title, "article": KINDS[key].article, "count": many,
             "href": url_for("desk_defects.index", unit=unit.id, here="true", kind=key)}
            for key, many in counts(here(unit)).items() if many]
