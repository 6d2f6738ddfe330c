"""Sends the cells of the sweep and says where an answer is not what the written rules want."""

import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sweep_canaries import readable
from sweep_manners import faults_of
from sweep_reference import Person, Rules
from sweep_requests import HOME, Cell, cells_of, own_account_cell
from sweep_routes import ROWS, Row
from sweep_sight import may_meet, oversees
from sweep_world import NOWHERE, SweepWorld
from werkzeug.test import TestResponse

from permissions import audit, transaction
from tenants.db import db

FULL = os.environ.get("YINLING_TEST_FULL") == "1"
PHONE = "Mozilla/5.0 (Linux; Android 14) Mobile"
DESK = "Mozilla/5.0 (X11; Linux x86_64)"
WRONG_END = ("不能在这一端使用", "这一页是给工作人员用的")
RECEIVERS = [(name, "unit") for name in ("江苏", "盐城", "东台", "射阳")]  # superiors of 盐城, 射阳, 新坍镇 once
OF_THE_MOMENT = ("X-Request-Id", "Date", "Set-Cookie")
FRAGMENTS = ("/desk/units/tree", "/desk/deadline", "/desk/pick/cadres", "/m/records/<module_key>/find")
# A form's token is signed with the time.
_SIGNED = re.compile(r"\.?[A-Za-z0-9_-]{14,}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27}")
_ID = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass
class Caller:
    """One principal on the wire: bearer on the API, cookie and CSRF token on pages, and a User-Agent that lies."""

    world: SweepWorld
    person: Person
    client: FlaskClient = field(init=False)
    token: str | None = field(init=False)
    cookie: str = field(init=False)
    csrf: str = field(init=False)

    def __post_init__(self) -> None:
        app = self.world.app
        self.client = app.test_client(use_cookies=False)
        self.token = self.world.tokens.get(self.person.name)
        look = "desk" if self.person.end == "pc" else "elder" if self.person.kind == "cadre" else "mobile"
        kept = {"csrf_token": "a" * 40} | ({"_user_id": self.token, "look": look} if self.token else {})
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        self.cookie = f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps(kept)}"
        self.csrf = str(URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps("a" * 40))

    def send(self, method: str, url: str, *, page: bool, **more: Any) -> TestResponse:
        """One request; `json`, `data` and `query_string` as the test client knows them."""
        headers = {"User-Agent": PHONE if self.person.end == "pc" else DESK}
        if page:
            headers |= {"Cookie": self.cookie, "X-CSRFToken": self.csrf}
        elif self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        headers |= more.pop("headers", {})
        response = self.client.open(url, method=method, headers=headers, **more)
        response.get_data()
        response.close()
        return response

    def cell(self, cell: Cell) -> TestResponse:
        """The request of a cell."""
        more: dict[str, Any] = {"query_string": cell.query} if cell.query else {}
        more["headers"] = {"HX-Request": "true"} if cell.row.path in FRAGMENTS else {}
        if cell.json is not None:
            more["json"] = cell.json
        if cell.form is not None:
            more["data"] = {name: (io.BytesIO(value), "photo.png") if isinstance(value, bytes) else value
                            for name, value in cell.form.items()}
        return self.send(cell.row.method, cell.url, page=cell.row.is_page, **more)


def outcome(response: TestResponse, row: Row) -> str:
    """The answer in the rules' words; anything unforeseen as `odd`."""
    status = response.status_code
    goes = response.headers.get("Location", "")
    if row.act == "public":
        return "ok" if status in (200, 302, 303, 422) else f"odd {status}"
    left = "Clear-Site-Data" in response.headers  # logging out leads to the log-in page too
    if status == 401 or (row.is_page and status in (302, 303) and goes.startswith("/login") and not left):
        return "401"
    if row.is_page and status in (302, 303) and goes == "/password":
        return "password"
    if status == 403:
        code = response.json["code"] if response.is_json else None
        if code is None:
            said = response.get_data(as_text=True)
            code = "channel_closed" if any(words in said for words in WRONG_END) else "forbidden"
        return {"channel_closed": "closed", "password_change_required": "password", "forbidden": "403"}.get(code, code)
    if status == 404:
        return "404"
    if status == 415 and row.path.endswith("/import"):
        return "ok"  # past the rights, and no spreadsheet
    return "ok" if status in (200, 201, 202, 204, 302, 303, 409, 422) else f"odd {status}"


def worth_asking(rules: Rules, person: Person, cell: Cell) -> bool:
    """A page whose door is shut is tried at three positions; the API, and `--full`, at every one."""
    if not cell.row.is_page or cell.place in (HOME, "东台", NOWHERE):
        return True
    return rules.expected(person, cell.asked) in ("404", "403", "ok")


def finish_and_undo() -> None:
    """The end of an act as the product has it, but for the commit: so that thousands of acts leave no trace."""
    session = db.session()
    session.flush()
    if audit.unlogged(session):
        session.rollback()
        raise transaction.Unlogged("audited rows changed without an entry")
    session.rollback()
    transaction._after_commit()
    audit.forget(session)


@dataclass
class Sweep:
    """A run for one world: counts what it sends, yields what is wrong."""

    world: SweepWorld
    sent: int = 0
    allowed: int = 0

    def __post_init__(self) -> None:
        self.rules = Rules(self.world.tree)
        self._met: dict[tuple[str, Any], bool] = {}

    def cells(self, person: Person, rows: Iterable[Row] = ROWS, places: Iterable[str] | None = None) -> Iterator[str]:
        """Every mismatch of one principal over these rows; the log is read before it fills with refusals."""
        caller = Caller(self.world, person)
        wanted = set(places) if places is not None else None
        for row in sorted(rows, key=lambda row: row.act != "read log"):
            unseen: dict[str, str] = {}
            for cell in cells_of(self.world, row):
                if (wanted is None or cell.place in wanted or row.aim == "-") and (
                        FULL or worth_asking(self.rules, person, cell)):
                    yield from self.cell(caller, cell, unseen)
            own = own_account_cell(self.world, row, person)
            if own is not None:
                yield from self.cell(caller, own, unseen)

    def cell(self, caller: Caller, cell: Cell, unseen: dict[str, str]) -> Iterator[str]:
        """What is wrong with the answer to one cell."""
        expected = self.rules.expected(caller.person, cell.asked)
        real = transaction.finish_act
        if expected == "ok":
            transaction.finish_act = finish_and_undo
        try:
            response = caller.cell(cell)
        finally:
            transaction.finish_act = real
        self.sent += 1
        got = outcome(response, cell.row)
        self.allowed += got == "ok"
        said = f"{caller.person.name}: {cell.name}"
        if got != expected and not self._page_says_403_first(caller.person, cell, got, expected):
            yield f"{said}: {got} ({response.status_code}), by the rules {expected}"
        yield from (f"{said}: {fault}" for fault in faults_of(response, static=cell.row.path.startswith("/static")))
        yield from (f"{said}: shows {key} ({example})" for key, example in self.leaks(caller.person, cell, response))
        if got == "404":
            said_404 = plain(response)
            if unseen.setdefault(cell.variant, said_404) != said_404:
                yield f"{said}: what is foreign and what is not there are told apart"

    def _page_says_403_first(self, person: Person, cell: Cell, got: str, expected: str) -> bool:
        """The order of 404 and 403 is the API's; a page may turn away at once whoever holds its right nowhere."""
        anywhere = self.rules.anywhere(person, cell.asked.act, cell.asked.column)
        return cell.row.is_page and (got, expected) == ("403", "404") and not anywhere

    def leaks(self, person: Person, cell: Cell, response: TestResponse) -> list[tuple[Any, str]]:
        """Canaries that this person may not meet; ids of the request itself may come back."""
        typed = f"{cell.url} {cell.query} {cell.json}"
        found = self.world.canaries.found_in(readable(response))
        return [(key, example) for key, example in found.items()
                if not self._may_meet(person, key) and not oversees(self.world, self.rules, person, cell.row, key)
                and example not in typed and not _receiver(cell.row, key, example)]

    def _may_meet(self, person: Person, key: Any) -> bool:
        asked = (person.name, key)
        if asked not in self._met:
            self._met[asked] = may_meet(self.world, self.rules, person, key)
        return self._met[asked]


def _receiver(row: Row, key: Any, example: str) -> bool:
    """A filing names the bare id of the superior it was filed to, then and now (`receiver_unit_id`)."""
    return row.act in ("read filing", "acknowledge filing") and key in RECEIVERS and not example.startswith("犇")


def plain(response: TestResponse) -> str:
    """An answer without its own number, the time (a cookie is signed with it) and whatever id was asked for."""
    headers = sorted((name, value) for name, value in response.headers if name not in OF_THE_MOMENT)
    said = _SIGNED.sub("SIGNED", response.get_data(as_text=True))
    return _ID.sub("ID", f"{response.status_code} {headers} {said}")

