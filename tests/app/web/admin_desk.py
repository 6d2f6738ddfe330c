"""A browser on the console: pages by path, forms sent with the token of their own page, statements counted."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any

from sqlalchemy import event, select
from werkzeug.test import TestResponse

from permissions.audit import AuditEntry
from tenants.db import db
from tenants.scope import Scope
from world import World

ALL = Scope.everything("tests look at everything")
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Desk:
    """One principal at the PC."""

    def __init__(self, world: World, principal: str) -> None:
        self.world, self.client = world, world.browser(principal)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **more)

    def text(self, path: str) -> str:
        """The page, which must answer 200."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-2000:])
        return unescape(answer.text)

    def send(self, path: str, fields: dict[str, Any] | None = None, *, page: str | None = None) -> TestResponse:
        """POST a form with the CSRF token of its page (the same address unless said)."""
        shown = self.get(page or path)
        found = _TOKEN.search(shown.text)
        assert found is not None, (page or path, shown.status_code)
        return self.client.post(path, data={"csrf_token": unescape(found[1]), **(fields or {})},
                                headers={"Referer": "http://localhost/"})


def rows(world: World, model: Any, *where: Any) -> list[Any]:
    """Rows as they are in the database now, detached."""
    with world.app.app_context():
        found = list(db.session.execute(ALL.mark(select(model).where(*where))).scalars())
        for each in found:
            db.session.expunge(each)
        return found


def logged(world: World, action: str) -> list[AuditEntry]:
    """Entries of an action, oldest first."""
    return sorted(rows(world, AuditEntry, AuditEntry.action == action), key=lambda entry: entry.at)


@contextmanager
def statements(world: World) -> Iterator[list[str]]:
    """Every statement sent to the database meanwhile."""
    sent: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", keep)
