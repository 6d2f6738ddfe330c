"""May somebody do this with that: asked one by one, by list, total, search, export and in words; as it is written."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import openpyxl
from doing import Doing
from ground import WORDS
from werkzeug.test import TestResponse
from written_rules import COLUMN_OF

from permissions import explain, identity, needs
from permissions.actions import Action
from permissions.roles import Channel
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope

WHOLE = Scope.everything("a test explains rights over the whole tree")
PURPOSE = {"purpose": "核对名单"}


@dataclass(frozen=True)
class Kind:
    """A kind of row: where its list is, which action shows it, what finds all of it, where it can be exported."""

    path: str
    doing: str
    action: Action
    words: tuple[str, ...]
    column: str | None = None
    export: Action | None = None
    marked: str = ""  # the head of the export's column that holds the rules' name


KINDS = {
    "units": Kind("/units", "see units", Action.UNIT_READ, ("单位",)),
    "accounts": Kind("/accounts", "see accounts", Action.ACCOUNT_READ, ("工作人员", "老同志", "新人")),
    "cadres": Kind("/cadres", "see files", Action.CADRE_READ, ("老同志",), export=Action.CADRE_EXPORT,
                   marked="原工作单位"),
} | {module: Kind(f"/records/{module}", "see records", Action.RECORD_READ, ("地点",), column, Action.RECORD_EXPORT,
                  {"place": "地点", "topic": "主题"}[WORDS[module]]) for module, column in COLUMN_OF.items()}


class Disagreement(AssertionError):
    """Two answers to one question differ."""


@dataclass(frozen=True)
class _Known:
    id: str


@dataclass
class Questions:
    """Everything somebody may be asked about in one province."""

    doing: Doing
    triples: int = 0
    exports: int = 0

    def rows(self, kind: str) -> dict[str, str]:
        """Every row there is of a kind, with its unit."""
        rules = self.doing.made.rules
        return {"units": {name: name for name in rules.units},
                "accounts": {name: each.unit for name, each in rules.accounts.items()},
                "cadres": {name: self.doing.made.home_of(name) for name in self.doing.made.cadres}}.get(kind) or {
                    name: unit for name, (module, unit) in rules.records.items() if module == kind}

    def ask_all(self, who: str, *, exports: bool) -> None:
        """Every kind, every row; raises Disagreement."""
        for name, kind in KINDS.items():
            self._ask(who, name, kind, exports=exports)

    def _ask(self, who: str, name: str, kind: Kind, *, exports: bool) -> None:
        rules, rows = self.doing.made.rules, self.rows(name)
        shut = rules.shut_out(who, pc=False)
        reach = set() if shut else rules.reach(who, kind.doing, kind.column)
        wanted = {row for row, unit in rows.items() if unit in reach}
        said = f"{who} {name}"
        if reach:
            self._same(f"{said} listed", self._walk(who, name, kind), wanted)
            found = [self._pages(who, f"{kind.path}?q={word}") for word in kind.words]
            self._same(f"{said} found", set().union(*(names for names, _total in found)), wanted)
            self._same(f"{said} found in all", sum(total for _names, total in found), len(wanted))
            if exports and kind.export is not None and rules.sessions[who].channel == "pc":
                self._same(f"{said} exported", self._exported(who, kind), wanted)
        else:
            answer = self.doing.ask("GET", kind.path, who)
            self._same(f"{said} list refused", {answer.status_code}, set(shut or {403}))
        opened = {row for row in rows if self._opens(who, name, row, shut)}
        self._same(f"{said} opened one by one", opened, wanted)
        if not shut:
            explained = self._explained(who, kind, set(rows.values()))
            self._same(f"{said} explained", {row for row, unit in rows.items() if unit in explained}, wanted)
        self.triples += len(rows)

    def _same(self, what: str, told: Any, wanted: Any) -> None:
        if told != wanted:
            raise Disagreement(f"{what}: {told!r:.400}, by the rules {wanted!r:.400}")

    def _opens(self, who: str, name: str, row: str, shut: frozenset[int]) -> bool:
        answer = self.doing.ask("GET", f"{KINDS[name].path}/{self.doing.made.ids[row]}", who)
        if answer.status_code != 200:
            self._same(f"{who} {row} refused", answer.status_code, min(shut) if shut else 404)
        else:
            self._same(f"{who} {row} is what was asked for", answer.json["id"], self.doing.made.ids[row])
        return answer.status_code == 200

    def _walk(self, who: str, name: str, kind: Kind) -> set[str]:
        shut = "&closed=true" if name == "units" else ""  # closed ones are shown to who asks for them
        found, total = self._pages(who, f"{kind.path}?limit=7{shut}")
        if name != "units":
            self._same(f"{who} {name} counted", total, len(found))
            return found
        waiting, seen = list(found), set[str]()
        while waiting:
            seen.add(unit := waiting.pop())
            waiting += self._pages(who, f"/units?parent={self.doing.made.ids[unit]}{shut}")[0]
        return seen

    def _pages(self, who: str, path: str) -> tuple[set[str], int]:
        """All names of a list, page by page, and its total."""
        found: list[str] = []
        mark: str | None = ""
        while mark is not None:
            answer = self._told(who, self.doing.ask("GET", f"{path}&cursor={mark}" if mark else path, who))
            found += [self.doing.named[each["id"]] for each in answer["items"]]
            mark, total = answer["next"], answer["total"]
        self._same(f"{who} {path} each once", len(set(found)), len(found))
        return set(found), total

    def _told(self, who: str, answer: TestResponse, status: int = 200) -> Any:
        """The body of an answer that is what was expected; another one is told whole."""
        if answer.status_code != status:
            raise Disagreement(f"{who} {answer.request.method} {answer.request.full_path}: {answer.status_code} "
                               f"instead of {status}: {answer.text:.400}")
        return answer.json

    def _exported(self, who: str, kind: Kind) -> set[str]:
        asked = self.doing.ask("POST", f"{kind.path}/export", who, PURPOSE)
        job = self._told(who, asked, 202)["job"]["id"]
        file = self.doing.ask("GET", f"/jobs/{job}/file", who)
        self._same(f"{who} {kind.path} file", file.status_code, 200)
        lines = list(openpyxl.load_workbook(io.BytesIO(file.data)).worksheets[0].iter_rows(values_only=True))
        head = next(place for place, line in enumerate(lines) if line[0] == "单位")
        at = next(place for place, said in enumerate(lines[head]) if str(said).startswith(kind.marked))
        self.exports += 1
        return {str(line[at]).removeprefix("地点") for line in lines[head + 1:]}

    def _explained(self, who: str, kind: Kind, units: set[str]) -> set[str]:
        """Where the words say yes, for reading and, where there is one, for exporting."""
        session, ids = self.doing.made.rules.sessions[who], self.doing.made.ids
        with self.doing.ground.app.app_context():
            principal = identity.principal_of(_Known(ids[session.account]), Channel(session.channel), clock.today())
            found = {unit: db.session.execute(WHOLE.select(Unit).where(Unit.id == ids[unit])).scalar_one()
                     for unit in units}
            return {name for name, unit in found.items() if all(self._verdicts(principal, kind, unit))}

    def _verdicts(self, principal: Any, kind: Kind, unit: Unit) -> Iterator[bool]:
        for action in (kind.action, kind.export):
            if action is not None:
                yes = explain.verdict(principal, action, unit, kind.column).allowed
                self._same(f"{action} in words", yes, needs.allows(principal, action, unit, kind.column))
                yield yes
