"""The first page as far as it is about administrators: filings that wait, nominations, units short of any."""

from typing import Any

from flask import url_for

from app.administration import filings, nominations, phone_changes, transfers
from app.defects.listing import counts
from app.own.owed import Counted
from app.timing.filing_days import overdue
from permissions import guard
from permissions.actions import Action
from permissions.guard import may, me
from tenants import clock
from tenants.tree import here

HINT = "下级单位，第六、七条"


def own_lacks() -> list[dict[str, Any]]:
    """What my own unit lacks, for its administrators, chief and auditors."""
    unit = me().at
    if not may(Action.ADMINISTRATOR_READ, unit):
        return []
    number = sum(counts(here(unit)).values())
    return [{"label": "本单位缺项", "value": number, "unit": "项", "icon": "tree", "tone": "warn" if number else "good",
             "href": url_for("desk_defects.index", unit=unit.id, here="true"),
             "hint": "管理员、报备、栏目责任人、账号" if number else "没有缺项"}]


def cards(waiting: Counted, short: dict[int, int]) -> list[dict[str, Any]]:
    """Number cards for whoever administers units below."""
    below = guard.sight(Action.FILING_ACKNOWLEDGE)
    if not below:
        return []
    late = filings.how_many(below, overdue(clock.today()), filings.answered_by(me().unit)) if waiting.filings else 0
    asked = nominations.how_many_wait()
    found = [{"label": "待确认报备", "value": waiting.filings, "unit": "条", "icon": "file",
              "tone": "bad" if late else "warn" if waiting.filings else "good",
              "href": url_for("desk_filings.index", acknowledged="late" if late else "no"),
              "hint": f"其中 {late} 条逾期未确认" if late else "报备给本单位的任免"}]
    if asked:
        found.append({"label": "待办提名", "value": asked, "unit": "件", "icon": "person", "tone": "warn",
                      "href": url_for("desk_nominations.index", state="open"), "hint": "下级提名的系统管理员"})
    for seats, label in ((0, "没有管理员的单位"), (1, "只有 1 名管理员")):
        if short:
            found.append({"label": label, "value": f"{short[seats]:,}", "unit": "个", "icon": "person",
                          "tone": "calm" if seats or not short[seats] else "warn", "hint": HINT,
                          "href": url_for("desk_units.index", administrators=seats)})
    return found


def numbers() -> int:
    """How many requests for another number wait for my word."""
    return len(phone_changes.for_me()) if guard.sight(Action.ACCOUNT_UPDATE) else 0


def moving() -> int:
    """How many requests to come or go wait for my word. Asked beside what is asked of everything."""
    return len(transfers.listing(waiting=True)) if guard.sight(Action.ACCOUNT_OPEN) else 0


def card(label: str, count: int, icon: str, endpoint: str, hint: str) -> list[dict[str, Any]]:
    """A number card of what waits; nothing for none."""
    return [{"label": label, "value": count, "unit": "件", "icon": icon, "tone": "warn", "href": url_for(endpoint),
             "hint": hint}] if count else []
