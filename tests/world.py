"""A named province: 江苏 → 盐城 → 射阳 → 合德镇 …, an account and a session for every kind of principal."""

from dataclasses import dataclass, field, fields, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import factories
from permissions import transaction
from permissions.accounts import Account
from tenants import clock, provision
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope

BUILT = "2026-06-10T08:00:00+08:00"
_ALL = Scope.everything("the tests know everybody")
TREE = (
    # name, parent, kind, code
    ("盐城", "江苏", "city_bureau", "320900"),
    ("南通", "江苏", "city_bureau", "320600"),
    ("省直片组", "江苏", "province_group_unit", "320000-G01"),
    ("射阳", "盐城", "county_bureau", "320924"),
    ("东台", "盐城", "county_bureau", "320981"),
    ("盐城经开区", "盐城", "development_zone", "320971"),
    ("盐城市直", "盐城", "city_direct_unit", "320900-S01"),
    ("海安", "南通", "county_bureau", "320685"),
    ("合德镇", "射阳", "township", "320924100"),
    ("黄沙港镇", "射阳", "township", "320924105"),
    ("射阳教育局", "射阳", "county_direct_unit", "320924-Z01"),
    ("安丰镇", "东台", "township", "320981100"),
    ("合德敬老院", "合德镇", "subordinate_unit", "320924100-X01"),
    ("射阳中学", "射阳教育局", "subordinate_unit", "320924-Z01-X01"),
    ("省直下属", "省直片组", "subordinate_unit", "320000-G01-X01"),
)
ADMINISTRATORS = ("江苏", "盐城", "南通", "射阳", "东台", "合德镇", "射阳教育局")
# name of the principal: unit, role, columns, channel of the session, PC grant
STAFF: dict[str, tuple[str, str | None, list[str] | None, str, bool]] = {
    "province auditor": ("江苏", "auditor", None, "pc", True),
    "county auditor": ("射阳", "auditor", None, "pc", True),
    "clerk": ("射阳", "clerk", None, "pc", True),
    "phone clerk": ("射阳", "clerk", None, "mobile", False),
    "column clerk": ("射阳", "clerk", ["precision_service"], "pc", True),
    "other clerk": ("东台", "clerk", None, "pc", True),
    "town clerk": ("合德镇", "clerk", None, "pc", True),
    "chief": ("射阳", "chief", None, "pc", True),
    "reviewer": ("射阳", "reviewer", None, "pc", True),
    "nobody": ("射阳", None, None, "pc", True),
}
CADRES = {"cadre": "射阳", "second cadre": "射阳", "town cadre": "合德镇", "other cadre": "东台"}


@dataclass
class Api:
    """The API as one principal calls it."""

    client: FlaskClient
    token: str | None

    def __call__(self, method: str, path: str, json: Any = None, **more: Any) -> TestResponse:
        headers = dict(more.pop("headers", {}))
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if json is not None:
            more["json"] = json
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self("GET", path, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self("POST", path, json, **more)

    def patch(self, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self("PATCH", path, json, **more)

    def delete(self, path: str, **more: Any) -> TestResponse:
        return self("DELETE", path, **more)


@dataclass
class World:
    """Ids by name; tokens by principal."""

    app: Flask
    units: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    cadres: dict[str, str] = field(default_factory=dict)

    def at(self, now: str) -> "World":
        """The same world at another moment: the clock moved, and everybody with a session that lives then."""
        clock.configure(now)
        with self.app.app_context(), transaction.act("tests"):
            tokens = {
                name: factories.token(
                    db.session.execute(_ALL.select(Account).where(Account.id == account_id)).scalar_one(),
                    self.channels[name])
                for name, account_id in self.accounts.items()
            }
        return replace(self, tokens=tokens)

    def api(self, principal: str | None) -> Api:
        """The API for a principal such as `射阳 administrator`, `clerk`, `cadre`; None for nobody."""
        return Api(self.app.test_client(), self.tokens[principal] if principal else None)

    def browser(self, principal: str) -> FlaskClient:
        """A browser already logged in as the principal (CSRF switched off only by the caller's wish)."""
        client = self.app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = self.tokens[principal]
        return client


def build_world(app: Flask) -> World:
    """Make the province in one transaction, on the morning of NOW: what a test does comes after it."""
    world = World(app)
    clock.configure(BUILT)
    with app.app_context(), transaction.act("tests"):
        made = {"江苏": provision.found_province("江苏省委老干部局", "320000")}
        for name, parent, kind, code in TREE:
            made[name] = factories.unit(parent=made[parent], kind=kind, name=name, code=code)
        for name, unit in made.items():
            world.units[name], world.numbers[name] = unit.id, unit.number
        _people(world, made)
        transaction.audit.record("tests:build", "unit", None, made["江苏"])
    return _read_only(world)


def _read_only(world: World) -> World:
    """The world with nothing to write into: all tests of a worker share it."""
    return replace(world, **{each.name: MappingProxyType(kept) for each in fields(world)
                             if isinstance(kept := getattr(world, each.name), dict)})


def _people(world: World, made: dict[str, Unit]) -> None:
    for name in ADMINISTRATORS:
        account = factories.administrator(unit=made[name], name=f"{name}管理员")
        _known(world, f"{name} administrator", account, "pc")
    for name, (where, role, columns, channel, pc_grant) in STAFF.items():
        account = factories.staff(unit=made[where], name=f"{where}{role or '无'}", pc_grant=pc_grant,
                                  eligible=name != "nobody")
        if role:
            factories.grant(account=account, unit=made[where], role=role, columns=columns)
        _known(world, name, account, channel)
    for name, where in CADRES.items():
        cadre = factories.cadre(unit=made[where], name=f"{where}老{name[:1]}", mobile=factories.next_phone(),
                                address=f"{where}路1号", health_status="1", started_work_on="1958-07")
        world.cadres[name] = cadre.id
        _known(world, name, factories.cadre_account(cadre=cadre, unit=made[where]), "mobile")


def _known(world: World, name: str, account: Any, channel: str) -> None:
    world.accounts[name] = account.id
    world.tokens[name] = factories.token(account, channel)
    world.channels[name] = channel


TODAY = date(2026, 6, 10)
