"""A cadre's session opens no page of the PC and no route of staff, whichever way the session is carried."""

import re
from typing import Any

import pytest
from live import Live
from playwright.sync_api import Page
from steps import log_in

from conftest import Watched

pytestmark = pytest.mark.xdist_group("browser")

HIS_OWN = {"own_file:read", "opinion:leave"}
EVERYBODY = {"public", "signed_in"}
# Pages of the phone that lead a cadre to his own in place of refusing.
SHARED = {"mobile.home", "mobile.myself"}
ROUTE = re.compile(r"^(\S+)\s+([A-Z, ]+?)\s+(/\S*)\s*$")


@pytest.fixture
def cadre(phone: Watched, live: Live) -> Page:
    """A cadre who is logged in on the phone."""
    page = phone.page()
    log_in(page, live.account("cadre", "射阳"), "mobile")
    return page


def _routes(live: Live) -> list[tuple[str, str, str]]:
    """Endpoint, method and rule of everything the program answers, as Flask lists it."""
    found = []
    for line in live.flask("routes").splitlines():
        matched = ROUTE.match(line)
        if matched and matched[3] != "/":
            found += [(matched[1], method, matched[3]) for method in re.findall(r"[A-Z]+", matched[2])
                      if method not in ("HEAD", "OPTIONS")]
    return found


def _filled(rule: str, live: Live) -> str:
    """The rule with its places filled: a unit of his, a known kind of record."""
    rule = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule).replace("<module_key>", "visits").replace("{module_key}", "visits")
    return re.sub(r"<[^>]+>|\{[^}]+\}", live.account("cadre", "射阳")["unit_id"], rule)


def _token(page: Page, live: Live) -> str:
    account = live.account("cadre", "射阳")
    answer = page.request.post("/api/v1/sessions", data={
        "phone": account["phone"], "password": account["password"], "channel": "mobile"})
    assert answer.status == 201
    return str(answer.json()["token"])


def _staff_operations(spec: dict[str, Any]) -> list[tuple[str, str]]:
    """Method and path of every operation that is not his own and not everybody's on the phone."""
    found = []
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            action = operation.get("x-action") if isinstance(operation, dict) else None
            if action and action not in HIS_OWN and (action not in EVERYBODY or operation["x-channels"] == ["pc"]):
                found.append((method.upper(), path))
    return found


def test_his_token_is_refused_on_every_route_of_staff(cadre: Page, desk: Watched, live: Live) -> None:
    token = _token(cadre, live)
    request = desk.context.request  # without his cookie
    operations = _staff_operations(request.get("/api/openapi.json").json())
    assert len(operations) > 35
    wrong = []
    for method, path in operations:
        answer = request.fetch(_filled(path, live), method=method, headers={"Authorization": f"Bearer {token}"},
                               **({} if method in ("GET", "DELETE") else {"data": {}}))
        if answer.status != 403 or answer.json()["code"] not in ("channel_closed", "forbidden"):
            wrong.append((method, path, answer.status))
    assert wrong == []


def test_no_page_of_the_pc_or_of_staff_opens(cadre: Page, live: Live) -> None:
    cadre.goto("/m/own/opinions")
    headers = {"X-CSRFToken": cadre.locator("input[name=csrf_token]").first.input_value(),
               "Referer": f"{live.url}/m/own/opinions"}
    pages = [(endpoint, method, rule) for endpoint, method, rule in _routes(live)
             if rule.startswith("/desk") or (endpoint.startswith("mobile") and endpoint not in SHARED)]
    assert len(pages) > 70 and {"GET", "POST"} == {method for _endpoint, method, _rule in pages}
    wrong = []
    for endpoint, method, rule in pages:
        answer = cadre.request.fetch(_filled(rule, live), method=method, headers=headers, max_redirects=0)
        if answer.status != 403:
            wrong.append((endpoint, method, rule, answer.status))
    assert wrong == []
    for endpoint in SHARED:
        path = next(rule for name, _method, rule in _routes(live) if name == endpoint)
        assert cadre.request.get(path).url.endswith(("/m/home", "/m/elder", "/password"))


def test_his_token_opens_no_page_either(cadre: Page, desk: Watched, live: Live) -> None:
    headers = {"Authorization": f"Bearer {_token(cadre, live)}"}
    for endpoint, method, rule in _routes(live):
        if not rule.startswith("/desk"):
            continue
        answer = desk.context.request.fetch(_filled(rule, live), method=method, headers=headers, max_redirects=0)
        refused = answer.status in (400, 401, 403)
        assert refused or "/login" in answer.headers.get("location", ""), (endpoint, method, answer.status)
