"""Holes found in Keycloak, DHIS2 and RuoYi, each as the requests that went through there, by API and by form."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import openpyxl

import factories
from world import World

COUNTY, TOWN, CLERK = "射阳 administrator", "合德镇 administrator", "clerk"
ABOVE, BESIDE = ("盐城", "江苏"), ("东台", "南通")


@dataclass(frozen=True)
class Try:
    """One request: who sends what where; as a form when the path is a page's."""

    who: str
    path: str
    sent: dict[str, Any] | None = None
    method: str = "POST"

    def send(self, world: World) -> tuple[int, str]:
        """The answer's status and text."""
        if self.path.startswith("/api/v1") and "file" in (self.sent or {}):
            answer = world.api(self.who)(self.method, self.path.removeprefix("/api/v1"), data=self.sent)
        elif self.path.startswith("/api/v1"):
            answer = world.api(self.who)(self.method, self.path.removeprefix("/api/v1"), self.sent)
        else:
            answer = world.browser(self.who).open(self.path, method=self.method, data=self.sent)
        return answer.status_code, answer.get_data(as_text=True)


@dataclass(frozen=True)
class Hole:
    """Where it was found, and what is tried here."""

    name: str
    tries: Callable[[World], Iterator[Try]]


def _both(who: str, api: str, form: str, sent: dict[str, Any], method: str = "POST") -> Iterator[Try]:
    yield Try(who, f"/api/v1{api}", sent, method)
    yield Try(who, f"/desk{form}", {name: value for name, value in sent.items() if value is not None})


def under_my_own_node(world: World) -> Iterator[Try]:
    """Hang something powerful under what I manage, then reset the passwords of whoever manages there."""
    for name in (*ABOVE, *BESIDE, "安丰镇", "射阳"):
        unit, mine = world.units[name], world.units["合德镇" if name == "射阳" else "射阳"]
        yield from _both(COUNTY, f"/units/{unit}/move", f"/units/{unit}/move", {"parent_id": mine})
    for name in ("盐城", "江苏", "东台"):
        account = world.accounts[f"{name} administrator"]
        yield from _both(COUNTY, f"/accounts/{account}/resend", f"/accounts/{account}/resend", {})


def round_about(world: World) -> Iterator[Try]:
    """What is refused straight is tried by way of something that brings it along: a seat, a merge, a reactivation."""
    mine, county = world.accounts[COUNTY], world.units["射阳"]
    yield from _both(COUNTY, f"/units/{county}/administrators", f"/units/{county}/appoint/{mine}",
                     {"account_id": mine})
    for name in ("盐城", "东台"):
        into = world.units[name]
        yield from _both(TOWN, f"/units/{world.units['合德镇']}/close", f"/units/{world.units['合德镇']}/close",
                         {"successor_id": into})
        yield from _both(COUNTY, f"/units/{world.units['合德镇']}/close", f"/units/{world.units['合德镇']}/close",
                         {"successor_id": into})
    for verb in ("reactivate", "resend"):
        yield from _both(COUNTY, f"/accounts/{mine}/{verb}", f"/accounts/{mine}/{verb}", {})


def given_at_birth(world: World) -> Iterator[Try]:
    """Rights slipped into the opening of an account, or the account opened where I manage nothing."""
    body = {"kind": "staff", "name": "新人", "phone": factories.next_phone(), "employment": "full_time"}
    for name, value in (("grants", [{"role": "auditor", "unit_id": world.units["盐城"]}]), ("role", "administrator"),
                        ("roles", ["administrator"]), ("seat", 1), ("state", "active"),
                        ("must_change_password", False), ("version", 9)):
        yield Try(COUNTY, "/api/v1/accounts", {"unit_id": world.units["射阳"], **body, name: value})
    for name in (*ABOVE, *BESIDE):
        yield Try(COUNTY, "/api/v1/accounts", {"unit_id": world.units[name], **body})
        yield Try(COUNTY, f"/desk/accounts/open-staff?unit={world.units[name]}", body)


def listed_unasked(world: World) -> Iterator[Try]:
    """Who holds what, outside what I manage."""
    for name in (*ABOVE, *BESIDE):
        yield Try(COUNTY, f"/api/v1/units/{world.units[name]}/administrators", None, "GET")
        yield Try(COUNTY, f"/desk/units/{world.units[name]}/administrators", None, "GET")
    for who in ("盐城 administrator", "province auditor", "other clerk"):
        yield Try(COUNTY, f"/api/v1/accounts/{world.accounts[who]}/grants", None, "GET")
        yield Try(COUNTY, f"/desk/accounts/{world.accounts[who]}", None, "GET")
    yield Try(CLERK, f"/api/v1/accounts/{world.accounts['chief']}/grants", None, "GET")


def any_role_anywhere(world: World) -> Iterator[Try]:
    """Roles I may not give, units that are not mine, people who are myself, my fellow or above me."""
    nobody = world.accounts["nobody"]
    for role in ("administrator", "cadre"):
        yield from _both(COUNTY, f"/accounts/{nobody}/grants", f"/accounts/{nobody}/grants/give",
                         {"role": role, "unit_id": world.units["射阳"], "channel": "both"})
    for role in ("clerk", "chief", "reviewer", "auditor"):
        for name in (*ABOVE, *BESIDE):
            yield from _both(COUNTY, f"/accounts/{nobody}/grants", f"/accounts/{nobody}/grants/give",
                             {"role": role, "unit_id": world.units[name], "channel": "both"})
        for who in (COUNTY, "盐城 administrator", "other clerk"):
            yield from _both(COUNTY, f"/accounts/{world.accounts[who]}/grants",
                             f"/accounts/{world.accounts[who]}/grants/give",
                             {"role": role, "unit_id": world.units["射阳"], "channel": "both"})
        yield from _both(CLERK, f"/accounts/{nobody}/grants", f"/accounts/{nobody}/grants/give",
                         {"role": role, "unit_id": world.units["射阳"], "channel": "both"})


def higher_up(world: World) -> Iterator[Try]:
    """Administrators, names and access of my own unit, of those above and beside."""
    for name in ("射阳", *ABOVE, *BESIDE):
        unit = world.units[name]
        yield from _both(COUNTY, f"/units/{unit}", f"/units/{unit}/edit",
                         {"name": "改名", "code": "X1", "valid_from": "2020-01-01"}, "PATCH")
        yield from _both(COUNTY, f"/units/{unit}/administrators",
                         f"/units/{unit}/appoint/{world.accounts['nobody']}", {"account_id": world.accounts["nobody"]})
        yield from _both(COUNTY, f"/units/{unit}/close", f"/units/{unit}/close", {})
    seated = world.accounts["盐城 administrator"]
    yield Try(COUNTY, f"/api/v1/units/{world.units['盐城']}/administrators/{seated}", None, "DELETE")
    yield Try(COUNTY, f"/desk/units/{world.units['盐城']}/administrators/{seated}/remove")


def ids_in_the_body(world: World) -> Iterator[Try]:
    """Whose row it is, said in the body: another's account, a parent, a unit (mass assignment)."""
    county, other = world.units["射阳"], world.accounts["盐城 administrator"]
    for name, value in (("unit_id", world.units["盐城"]), ("kind", "cadre"), ("phone", "13800000000"),
                        ("state", "active"), ("id", other), ("account_id", other), ("role", "administrator")):
        yield Try(COUNTY, f"/api/v1/accounts/{world.accounts['nobody']}", {name: value}, "PATCH")
    yield Try(COUNTY, f"/api/v1/accounts/{world.accounts[COUNTY]}", {"pc_grant": True}, "PATCH")
    yield Try(COUNTY, f"/desk/accounts/{world.accounts[COUNTY]}/switch", {"name": "pc_grant", "on": "true"})
    for name in (*ABOVE, *BESIDE):
        yield Try(COUNTY, "/api/v1/units", {"parent_id": world.units[name], "kind": "township", "name": "新镇",
                                            "code": "N1"})
        yield Try(COUNTY, f"/desk/units/{world.units[name]}/open", {"kind": "township", "name": "新镇", "code": "N1"})
    for who in ("盐城 administrator", "other clerk", COUNTY):
        yield from _both(COUNTY, f"/units/{world.units['合德镇']}/administrators",
                         f"/units/{world.units['合德镇']}/appoint/{world.accounts[who]}",
                         {"account_id": world.accounts[who]})
    yield Try(COUNTY, f"/api/v1/units/{county}/nominations", {"account_id": other})


def by_import(world: World) -> Iterator[Try]:
    """A roster for a unit that is not mine."""
    book = openpyxl.Workbook()
    book.active.append(["姓名", "身份证号", "离退休类型", "手机号码"])
    book.active.append(["外来人", factories.id_number(), "退休", factories.next_phone()])
    held = io.BytesIO()
    book.save(held)
    for name in (*ABOVE, *BESIDE):
        for path in ("/api/v1/cadres/import?dry_run=false", "/desk/cadres/import"):
            yield Try(COUNTY, path, {"unit": world.units[name], "file": (io.BytesIO(held.getvalue()), "名册.xlsx")})


def wrong_end(world: World) -> Iterator[Try]:
    """A token of the phone, of a cadre, at what is the PC's (CVE-2023-31139: a narrow token made a wide session)."""
    for who in ("phone clerk", "cadre"):
        yield Try(who, "/api/v1/accounts", {"unit_id": world.units["射阳"], "kind": "staff"})
        yield Try(who, f"/api/v1/units/{world.units['合德镇']}/move", {"parent_id": world.units["东台"]})
        yield Try(who, "/desk/accounts/open-staff", {"name": "新人"})
        yield Try(who, f"/desk/accounts/{world.accounts['nobody']}/suspend")


HOLES = (
    Hole("Keycloak CVE-2026-9099: a powerful group hung under one's own", under_my_own_node),
    Hole("Keycloak CVE-2026-94000: a role by way of a group", round_about),
    Hole("Keycloak CVE-2026-18571: groups given at creation", given_at_birth),
    Hole("Keycloak CVE-2026-14613: groups listed unasked", listed_unasked),
    Hole("Keycloak CVE-2026-9795, DHIS2 #15090: any role, anywhere", any_role_anywhere),
    Hole("DHIS2 #12851, #16276: units outside and above", higher_up),
    Hole("DHIS2 CVE-2023-31139: a narrow token, a wide session", wrong_end),
    Hole("RuoYi #328, profile userId, parentId: ids in the body", ids_in_the_body),
    Hole("RuoYi 2022-09, 2024-05: import into another's unit", by_import),
)
