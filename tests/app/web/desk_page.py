"""A browser without scripts, for the pages of the console: reads a page, sends its forms, follows where they lead."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from werkzeug.test import TestResponse

from tenants.db import db
from world import World

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Desk:
    """The console as one principal uses it."""

    def __init__(self, world: World, principal: str) -> None:
        self.world, self.client = world, world.browser(principal)

    def get(self, path: str, status: int = 200, **query: Any) -> str:
        """The text of a page that answers with the status."""
        answer = self.client.get(path, query_string=query or None)
        assert answer.status_code == status, (path, answer.status_code, said(answer.text))
        return html.unescape(answer.text)

    def token(self, path: str) -> str:
        """The CSRF token of a page."""
        found = TOKEN.search(self.client.get(path).text)
        assert found is not None, path
        return found.group(1)

    def post(self, path: str, data: dict[str, Any], status: int = 303, *, seen_at: str = "/password",
             headers: dict[str, str] | None = None) -> TestResponse:
        """Send a form with the token of a page."""
        answer = self.client.post(path, data={"csrf_token": self.token(seen_at)} | data, headers=headers)
        assert answer.status_code == status, (path, answer.status_code, said(answer.text))
        return answer


def said(page: str) -> str:
    """The words of a page's main part, for messages and for looking things up."""
    main = page.partition('<main class="main"')[2] or page
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(main)).split())


def links(page: str, part: str) -> list[str]:
    """Addresses in a page that contain a text, in order."""
    return [each for each in re.findall(r'href="([^"]+)"', html.unescape(page)) if part in each]


def total_of(page: str) -> int:
    """How many the pager counts; none where there is no pager."""
    found = re.search(r"共 ([\d,]+) [条人]", said(page))
    return int(found.group(1).replace(",", "")) if found else 0


@contextmanager
def counted_statements(world: World) -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
