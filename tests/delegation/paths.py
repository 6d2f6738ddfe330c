"""Every way in that changes something, read from the running application, filled with what is not to be given (B2).

Nothing is listed by hand: a route that is added tomorrow is tried tomorrow, and one whose parts nobody can fill fails.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from doing import Doing
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from permissions import table
from permissions.guard import Mark

SAFE = {"GET", "HEAD", "OPTIONS"}
ROLES = ("clerk", "chief", "reviewer", "auditor", "administrator")
UNITS, ACCOUNTS = ("unit_id", "parent_id", "successor_id", "unit", "to_unit_id"), (
    "account_id", "replaces_id", "successor_account_id", "to_account_id", "to")
Held = dict[tuple[str, ...], str]


class Unfilled(AssertionError):
    """A part of a path that nobody told this sweep how to fill."""


@dataclass(frozen=True)
class Way:
    """A rule and a method of it, with what its view declares."""

    rule: Rule
    method: str
    mark: Mark

    @property
    def gives(self) -> bool:
        """Whether it ends in a right by the table."""
        return self.mark.action in table.GIVES_RIGHTS


def ways(doing: Doing) -> list[Way]:
    """Every route that changes something and is not open to all."""
    app = doing.ground.app
    return [Way(rule, method, app.view_functions[rule.endpoint].__guard__)  # type: ignore[attr-defined]
            for rule in app.url_map.iter_rules() for method in sorted((rule.methods or set()) - SAFE)
            if app.view_functions[rule.endpoint].__guard__.kind != "public"]  # type: ignore[attr-defined]


def held(doing: Doing) -> Held:
    """Every right, open end and place in the tree there is now, with the unit it reaches."""
    rows, name = doing.ground.rows, doing.named
    rights: Held = {("grant", name.get(row[0], row[0]), row[1], *map(str, row[3:])): name.get(row[2], row[2])
                    for row in rows("SELECT account_id, role, unit_id, unit_id, columns, channel, since, until "
                                    "FROM grants WHERE frozen_at IS NULL")}
    rights |= {("seat", name.get(row[0], row[0]), "administrator", row[1]): name.get(row[1], row[1])
               for row in rows("SELECT account_id, unit_id FROM administrators")}
    for row in rows("SELECT id, unit_id, pc_grant, mobile_access, state, kind FROM accounts"):
        for end, is_open in (("pc", row[2]), ("mobile", row[3]), ("alive", row[4] in ("opened", "active"))):
            if is_open:
                rights["end", name.get(row[0], row[0]), end, row[5]] = name.get(row[1], row[1])
    return rights | {("place", name.get(row[0], row[0]), str(row[1]), row[2]): name.get(row[0], row[0])
                     for row in rows("SELECT id, parent_id, status FROM units")}


@dataclass
class Sweep:
    """Tries ways on behalf of somebody, and says what came into being that he may not give."""

    doing: Doing
    who: str
    tried: int = 0
    accepted: int = 0

    def through(self, way: Way, drawn: Random) -> Iterator[str]:
        """All units for what is asked, all roles where the way speaks of one: what got through.

        What changed is put back before the next try, so that each begins with the same rights.
        """
        rules = self.doing.made.rules
        roles = ROLES if "grants" in way.rule.rule else (drawn.choice(ROLES),)
        before = held(self.doing)
        for unit, role in itertools.product(sorted(rules.units), roles):
            at_unit = [name for name, each in rules.accounts.items() if each.unit == unit]
            account = drawn.choice([*at_unit, rules.sessions[self.who].account])
            answer = self._send(way, unit, account, role, drawn)
            self.tried += 1
            after = held(self.doing)
            if after != before:
                self.accepted += 1
                yield from self._beyond(f"{way.method} {way.rule.rule} {unit} {account} {role}: {answer.status_code}",
                                        before, after)
                self.doing.ground.restore("grown")
            assert answer.status_code < 500, f"{way.rule.rule}: {answer.get_data(as_text=True)[:300]}"

    def _beyond(self, said: str, before: Held, after: Held) -> Iterator[str]:
        """What is new and not to be given by him: only what he manages, never to himself or beside himself."""
        rules = self.doing.made.rules
        mine, under = rules.reach(self.who, "hand out rights"), rules.reach(self.who, "appoint")
        changed = [(what, at) for what, at in {**before, **after}.items() if before.get(what) != after.get(what)]
        for what, at in changed:
            kind, whose = what[0], what[1]
            if kind in ("seat", "place"):
                fine = at in under or (kind == "place" and at not in rules.units)  # a unit just opened
            else:
                seat = rules.seat_of(whose) if whose in rules.accounts else None
                own = whose == rules.sessions[self.who].account or (seat is not None and seat not in under)
                fine = at in mine and not own
            if not fine:
                yield f"{said}: {what} at {at}"

    def _send(self, way: Way, unit: str, account: str, role: str, drawn: Random) -> TestResponse:
        ids = self.doing.made.ids
        parts = {name: self._part(name, way.rule, unit, account, drawn) for name in way.rule.arguments}
        built = self.doing.ground.app.url_map.bind("localhost").build(way.rule.endpoint, parts, method=way.method)
        said = self._said(ids[unit], ids[account], role, drawn)
        other = drawn.choice(sorted(self.doing.made.rules.units))
        said |= {"unit_ids": [ids[other]], "account_ids": [ids[account]], "cadre_ids": [], "records": "none"}
        if built.startswith("/api/v1"):
            known = self._fields(way)
            body = {name: value for name, value in said.items() if name in known} if known is not None else None
            return self.doing.ask(way.method, built.removeprefix("/api/v1"), self.who, body)
        client = self.doing.ground.app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = self.doing.made.tokens[self.who]
        return client.open(f"{built}?unit={ids[unit]}", method=way.method, data={
            name: "true" if value is True else value for name, value in said.items() if value is not None})

    def _said(self, unit: str, account: str, role: str, drawn: Random) -> dict[str, Any]:
        number = drawn.randrange(10**7)
        return dict.fromkeys(UNITS, unit) | dict.fromkeys(ACCOUNTS, account) | {
            "role": role, "columns": None, "channel": "both", "until": None, "since": None, "template_id": None,
            "kind": "staff" if number % 3 else "township", "name": "pc_grant" if number % 5 == 0 else f"名{number}",
            "on": True, "code": f"B{number}", "phone": f"1977{number:07d}", "employment": "full_time",
            "on_establishment": True, "in_service": True, "trained_on": "2024-03-01", "pc_grant": True,
            "mobile_access": True, "reason": "工作需要", "purpose": "核对名单", "text": "意见",
            "valid_from": "2020-01-01", "cadre_id": self.doing.made.ids["c0"], "confirmed": True, "sure": True}

    def _fields(self, way: Way) -> set[str] | None:
        """What a route of the API takes, from its own documentation; None for no body."""
        documented = self._document()["paths"][_documented(way.rule.rule)][way.method.lower()].get("requestBody")
        if documented is None:
            return None
        schema = documented["content"].get("application/json", {}).get("schema", {})
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        return set(self._document()["components"]["schemas"][name]["properties"]) if name else set()

    def _document(self) -> dict[str, Any]:
        app = id(self.doing.ground.app)
        if app not in _kept:
            _kept[app] = self.doing.ground.client.get("/api/openapi.json").json
        return _kept[app]

    def _part(self, name: str, rule: Rule, unit: str, account: str, drawn: Random) -> str:
        rules, ids = self.doing.made.rules, self.doing.made.ids
        choices = getattr(rule._converters.get(name), "items", None)
        grants = [each for each, right in rules.grants.items() if right.account == account] or list(rules.grants)
        records = [each for each, (_module, at) in rules.records.items() if at == unit] or list(rules.records)
        named = {"unit_id": unit, "account_id": account, "grant_id": drawn.choice(grants),
                 "record_id": drawn.choice(records), "cadre_id": next(
                     each for each in self.doing.made.cadres if self.doing.made.home_of(each) == unit)}
        if choices:
            return str(drawn.choice(sorted(choices)))
        if name in named:
            return ids[named[name]]
        if name in OTHERS:
            return OTHERS[name] or ids[unit]
        raise Unfilled(f"{rule.rule}: say in tests/delegation/paths.py what <{name}> is")


# Parts that stand for nothing a right hangs on here; an empty word is filled with an id that is none of its kind.
OTHERS = {"module_key": "visits", "kind_key": "visits", "job_id": "", "filing_id": "", "nomination_id": "",
          "attachment_id": "", "session_id": "", "transfer_id": "", "report_id": "",
          "template_id": "", "change_id": "", "request_id": "", "training_id": "",
          "opinion_id": ""}
_kept: dict[int, dict[str, Any]] = {}


def _documented(rule: str) -> str:
    return rule.replace("<", "{").replace(">", "}")
