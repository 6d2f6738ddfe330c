"""Forms sent by a principal's browser, with the token of a page."""

import re
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from world import World

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def send(world: World, who: str, path: str, data: dict[str, Any] | None = None) -> TestResponse:
    """POST as somebody would from a page of ours."""
    client = world.browser(who)
    return send_with(client, path, data)


def send_with(client: Any, path: str, data: dict[str, Any] | None = None, *, page: str = "/password") -> TestResponse:
    """POST with a browser that is kept."""
    found = TOKEN.search(client.get(page).text)
    assert found is not None, page
    answer: TestResponse = client.post(path, data={"csrf_token": unescape(found[1]), **(data or {})},
                                       headers={"Referer": "http://localhost/"})
    return answer
