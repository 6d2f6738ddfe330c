"""Each act of the rules as the request that asks for it, and what the tables hold afterwards in the rules' words."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from asking import Asking
from ground import WORDS, Ground, Province
from werkzeug.test import TestResponse
from written_handing import in_order
from written_rules import COLUMN_OF, Faults, Grant

from app.plans import effect
from permissions import passwords
from tenants import clock

SPELT = {"pc": "pc_grant", "mobile": "mobile_access"}


class Doing(Asking):
    """One sequence's province and what is done in it."""

    @classmethod
    def begin(cls, ground: Ground, base: Province) -> "Doing":
        """At the moment that was kept."""
        ground.restore("grown")
        made = Province(deepcopy(base.rules), dict(base.ids), dict(base.tokens), base.cadres)
        return cls(ground, made, {row_id: name for name, row_id in made.ids.items()})

    def open_unit(self, who: str, parent: str, kind: str, code_taken: bool, new: str, name: str) -> TestResponse:
        return self._named(new, self.ask("POST", "/units", who, {
            "parent_id": self.made.ids[parent], "kind": kind, "name": name, "code": "C0" if code_taken else f"N{new}"}))

    def rename_unit(self, who: str, unit: str, name: str) -> TestResponse:
        return self.ask("PATCH", f"/units/{self.made.ids[unit]}", who, {"name": name})

    def move_unit(self, who: str, unit: str, parent: str) -> TestResponse:
        return self.ask("POST", f"/units/{self.made.ids[unit]}/move", who, {"parent_id": self.made.ids[parent]})

    def close_unit(self, who: str, unit: str, successor: str | None) -> TestResponse:
        body = {"successor_id": self.made.ids[successor]} if successor is not None else {}
        return self.ask("POST", f"/units/{self.made.ids[unit]}/close", who, body)

    def appoint(self, who: str, unit: str, account: str) -> TestResponse:
        return self.ask("POST", f"/units/{self.made.ids[unit]}/administrators", who,
                        {"account_id": self.made.ids[account]})

    def remove(self, who: str, unit: str, account: str) -> TestResponse:
        return self.ask("DELETE", f"/units/{self.made.ids[unit]}/administrators/{self.made.ids[account]}", who)

    def acknowledge(self, who: str, filing: int) -> TestResponse:
        found = self.made.rules.filings[filing]
        rows = self.ground.rows("SELECT id, unit_id, account_id, act FROM filings ORDER BY filed_at, id")
        same = [each for each in self.made.rules.filings if (each.unit, each.account, each.act) == (
            found.unit, found.account, found.act)]
        there = [row[0] for row in rows if tuple(row[1:]) == (
            self.made.ids[found.unit], self.made.ids[found.account], found.act)]
        return self.ask("POST", f"/filings/{there[[each is found for each in same].index(True)]}/acknowledge", who)

    def nominate(self, who: str, unit: str, account: str, new: str) -> TestResponse:
        return self._named(new, self.ask("POST", f"/units/{self.made.ids[unit]}/nominations", who,
                                         {"account_id": self.made.ids[account]}))

    def seat_nominee(self, who: str, nomination: str) -> TestResponse:
        return self.ask("POST", f"/nominations/{self.made.ids[nomination]}/seat", who)

    def refuse_nominee(self, who: str, nomination: str) -> TestResponse:
        return self.ask("POST", f"/nominations/{self.made.ids[nomination]}/refuse", who, {"reason": "暂不合适"})

    def withdraw_nominee(self, who: str, nomination: str) -> TestResponse:
        return self.ask("POST", f"/nominations/{self.made.ids[nomination]}/withdraw", who)

    def open_account(self, who: str, unit: str, new: str, phone: str, fit: bool, pc: bool,
                     password: str) -> TestResponse:
        body = {"unit_id": self.made.ids[unit], "kind": "staff", "name": "新人", "phone": _spelt(phone),
                "employment": "full_time", "on_establishment": fit, "in_service": fit, "pc_grant": pc,
                "mobile_access": True} | ({"trained_on": "2025-03-01"} if fit else {})
        with _making(password):
            return self._named(new, self.ask("POST", "/accounts", who, body))

    def amend_account(self, who: str, account: str, changes: dict[str, bool]) -> TestResponse:
        body: dict[str, Any] = {SPELT.get(name, name): value for name, value in changes.items()}
        if "trained" in body:
            body["trained_on"] = "2025-03-01" if body.pop("trained") else None
        return self.ask("PATCH", f"/accounts/{self.made.ids[account]}", who, body)

    def suspend(self, who: str, account: str) -> TestResponse:
        return self.ask("POST", f"/accounts/{self.made.ids[account]}/suspend", who)

    def reactivate(self, who: str, account: str) -> TestResponse:
        return self.ask("POST", f"/accounts/{self.made.ids[account]}/reactivate", who)

    def resend(self, who: str, account: str, password: str) -> TestResponse:
        with _making(password):
            return self.ask("POST", f"/accounts/{self.made.ids[account]}/resend", who)

    def sign_out(self, who: str, account: str) -> TestResponse:
        return self.ask("POST", f"/accounts/{self.made.ids[account]}/sign-out", who)

    def give(self, who: str, account: str, new: str, right: Grant) -> TestResponse:
        return self._named(new, self.ask("POST", f"/accounts/{self.made.ids[account]}/grants", who, {
            "role": right.role, "unit_id": self.made.ids[right.unit], "channel": right.channel,
            "columns": sorted(right.columns) if right.columns is not None else None,
            "since": right.since.isoformat() if right.since else None,
            "until": right.until.isoformat() if right.until else None}))

    def take_back(self, who: str, account: str, grant: str) -> TestResponse:
        return self.ask("DELETE", f"/accounts/{self.made.ids[account]}/grants/{self.made.ids[grant]}", who)

    def log_in(self, account: str, password: str, channel: str, new: str) -> TestResponse:
        answer = self.ask("POST", "/sessions", None, {"phone": self.made.rules.accounts[account].phone,
                                                      "password": password, "channel": channel})
        if answer.status_code == 201:
            self.made.tokens[new] = answer.json["token"]
        return answer

    def change_password(self, who: str, old: str, password: str) -> TestResponse:
        return self.ask("PUT", "/me/password", who, {"old": old, "new": password})

    def log_out(self, who: str) -> TestResponse:
        return self.ask("DELETE", "/sessions/current", who)

    def write_record(self, who: str, record: str, text: str) -> TestResponse:
        module = self.made.rules.records[record][0]
        return self.ask("PATCH", f"/records/{module}/{self.made.ids[record]}", who, {WORDS[module]: text})

    def merge_units(self, who: str, into: str, unit: str) -> TestResponse:
        return self.ask("POST", f"/units/{self.made.ids[into]}/merge", who, {"unit_ids": [self.made.ids[unit]]})

    def freeze(self, who: str, account: str, grant: str) -> TestResponse:
        return self._press(who, f"/desk/accounts/{self.made.ids[account]}/grants/{self.made.ids[grant]}/freeze")

    def thaw(self, who: str, account: str, grant: str) -> TestResponse:
        return self._press(who, f"/desk/accounts/{self.made.ids[account]}/grants/{self.made.ids[grant]}/thaw")

    def hand_over(self, who: str, giver: str, taker: str, new: str) -> TestResponse:
        """What came into being is named in the rules' order."""
        answer = self.ask("POST", f"/accounts/{self.made.ids[giver]}/hand-over", who,
                          {"taker_id": self.made.ids[taker]})
        fresh = [row for row in self.ground.rows("SELECT id, unit_id, role, columns, channel, until, since FROM grants")
                 if row[0] not in self.named]
        known = {row[0]: Grant("", self.named[row[1]], row[2], as_columns(row[3]), row[4], row[5], row[6])
                 for row in fresh}
        for place, right in enumerate(in_order(list(known.values()))):
            row_id = next(row_id for row_id, each in known.items() if each is right)
            self.made.ids[f"{new}{place}"], self.named[row_id] = row_id, f"{new}{place}"
        return answer

    def replace_administrator(self, who: str, unit: str, leaving: str, successor: str, fate: str) -> TestResponse:
        ids = self.made.ids
        return self.ask("POST", f"/units/{ids[unit]}/administrators/{ids[leaving]}/replace", who,
                        {"successor_id": ids[successor], "rights": fate, "work": False})

    def order_change(self, who: str, kind: str, unit: str, other: str | None, name: str, days: int,
                     new: str) -> TestResponse:
        """Each a second after the other: orders of one day are done in the order they were given."""
        today = self.made.rules.today
        clock.configure(f"{today}T10:00:{len(self.made.rules.plans) + 1:02d}+08:00")
        told = {"rename": {"name": name}, "move": {"parent_id": other and self.made.ids[other]},
                "close": {"successor_id": other and self.made.ids[other]}}[kind]
        return self._named(new, self.ask("POST", "/unit-changes", who, told | {
            "kind": kind, "unit_id": self.made.ids[unit],
            "effective_on": date.fromordinal(today.toordinal() + days).isoformat()}))

    def cancel_change(self, who: str, plan: str) -> TestResponse:
        return self.ask("POST", f"/unit-changes/{self.made.ids[plan]}/cancel", who)

    def next_day(self, days: int) -> None:
        """Everybody stays logged in over night, and is believed: how long that lasts is proved elsewhere."""
        day = date.fromordinal(self.made.rules.today.toordinal() + days)
        clock.configure(f"{day}T10:00:00+08:00")
        self.ground.run("UPDATE login_sessions SET expires_at = '2031-01-01 00:00:00.000000', "
                        "proved_at = '2031-01-01 00:00:00.000000'")
        with self.ground.app.app_context():
            effect.take_effect()

    def lists(self, who: str) -> dict[str, set[str] | Faults]:
        """What every list shows to somebody."""
        found = {"units": self._list(who, "/units?q=单位&limit=200"),
                 "accounts": self._list(who, "/accounts?limit=200")}
        for module in COLUMN_OF:
            found[module] = self._list(who, f"/records/{module}?limit=200")
        filings = self.ask("GET", "/filings?limit=200", who)
        found["filings"] = frozenset({filings.status_code}) if filings.status_code != 200 else {
            f"{self.named[each['unit_id']]} {each['act']} {self.named[each['account_id']]}"
            f" {each['acknowledged_at'] is not None}" for each in filings.json["items"]}
        found["nominations"] = self._list(who, "/nominations?limit=200")
        return found

    def _list(self, who: str, path: str) -> set[str] | Faults:
        answer = self.ask("GET", path, who)
        if answer.status_code != 200:
            return frozenset({answer.status_code})
        clear = [each.phone for each in self.made.rules.accounts.values() if each.phone in answer.text]
        assert not clear, f"{path} shows {clear} in clear"
        items = [self.named[each["id"]] for each in answer.json["items"]]
        assert len(items) == len(set(items)) == answer.json["total"], f"{path}: {answer.json['total']}, {items}"
        return set(items)

    def rights_of(self, who: str, account: str) -> set[str] | Faults:
        """An account's rights as somebody sees them."""
        return self._list(who, f"/accounts/{self.made.ids[account]}/grants?limit=200")


def _spelt(phone: str) -> str:
    """第九条: however it is spelt, it is the same number."""
    return f"+86 {phone[:3]}-{phone[3:7]} {phone[7:]}"


def as_columns(found: Any) -> frozenset[str] | None:
    """As a table holds them."""
    known = json.loads(found) if isinstance(found, str) else found
    return frozenset(known) if known is not None else None


@contextmanager
def _making(password: str) -> Iterator[None]:
    """The system's next password is this one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "make_initial", lambda: password)
        yield
