"""A browser without scripts for tests: it takes the CSRF token from a page, posts its form, and reads what is shown."""

import html
import io
import re
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

import factories
from permissions import passwords, transaction
from permissions.accounts import Account
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

ALL = Scope.everything("tests")
PASSWORD = "hua-kai-2026-fugui"
PHONE_AGENT = "Mozilla/5.0 (Linux; HarmonyOS) AppleWebKit/537.36 Mobile Safari/537.36"


class Tab:
    """One browser of one person."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, *, page: str | None = None) -> TestResponse:
        """Post a form as the page at `page` (or at the address itself) would."""
        seen = self.client.get(page or path)
        token = re.search(r'name="csrf_token" value="([^"]+)"', seen.text)
        assert token is not None, f"no form at {page or path}"
        return self.client.post(path, data={"csrf_token": token.group(1)} | (data or {}),
                                content_type="multipart/form-data")

    def log_in(self, phone: str, password: str, end: str, **more: str) -> TestResponse:
        return self.post("/login", {"phone": phone, "password": password, "end": end} | more,
                         page=f"/login?end={end}")


def text_of(response: TestResponse) -> str:
    """What is there to read, without markup and with single spaces."""
    body = re.sub(r"<(script|style)\b.*?</\1>", "", response.text, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def tab(world: World, principal: str | None) -> Tab:
    """The browser of a principal who is logged in already, or of nobody."""
    return Tab(world.browser(principal) if principal else world.app.test_client())


def account_of(world: World, principal: str) -> Account:
    """The principal's account; call inside an application context."""
    found: Account = db.session.execute(ALL.select(Account).where(Account.id == world.accounts[principal])).scalar_one()
    return found


def with_password(world: World, principal: str, *, initial: bool = False) -> tuple[str, str]:
    """Give the principal a password of their own, or a single-use one; (phone, password)."""
    with world.app.app_context(), transaction.act("tests"):
        account = account_of(world, principal)
        password = passwords.set_initial(account, clock.now()) if initial else PASSWORD
        if not initial:
            factories.with_password(account, PASSWORD)
        db.session.flush()
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == account.unit_id)).scalar_one()
        transaction.audit.record("tests:password", "account", account.id, unit)
        return account.phone, password


def count(app: Flask, model: Any) -> int:
    """How many rows there are."""
    with app.app_context():
        found: int = db.session.execute(ALL.mark(sa.select(sa.func.count()).select_from(model))).scalar_one()
        return found


def photo() -> tuple[io.BytesIO, str]:
    """A small picture as a form sends it."""
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "#962422").save(made, "JPEG")
    made.seek(0)
    return made, "photo.jpg"
