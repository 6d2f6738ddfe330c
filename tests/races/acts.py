"""What can be done in a race; each act gets the process's application and answers with plain JSON."""

import base64
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app import jobs, outbox
from app.administration import accounts, closing, endings, phone_changes, transfers, units
from app.obligations import scheduler
from app.people import roster_upload
from permissions import audit, guard, sealing, transaction
from permissions.accounts import Account
from permissions.identity import principal_of
from permissions.roles import Channel
from tenants import clock, provision
from tenants.db import db
from tenants.errors import Refusal
from tenants.models import Unit
from tenants.scope import Scope

WHOLE = Scope.everything("a race looks at the whole tree")


def request(app: Flask, method: str, path: str, token: str | None = None, json: Any = None,
            headers: dict[str, str] | None = None) -> dict[str, Any]:
    """One call of the API."""
    sent = dict(headers or {}) | ({"Authorization": f"Bearer {token}"} if token else {})
    response = app.test_client().open(f"/api/v1{path}", method=method, json=json, headers=sent)
    body = response.get_json(silent=True)
    return {"status": response.status_code, "json": body, "code": body["code"] if response.status_code >= 400 else None,
            "replayed": response.headers.get("Idempotent-Replay") == "true"}


def requests(app: Flask, calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Calls one after another, by one writer."""
    return [request(app, **call) for call in calls]


def move(app: Flask, unit: str, parent: str) -> str:
    """Move a unit past the API; `moved`, or the code of the refusal."""
    with app.app_context():
        try:
            with transaction.act("race"):
                found = {each.id: each for each in db.session.execute(
                    WHOLE.select(Unit).where(Unit.id.in_([unit, parent]))).scalars()}
                provision.move_unit(found[unit], found[parent])
        except Refusal as refusal:
            return refusal.code
    return "moved"


def seal(app: Flask, anchor: str | None = None) -> int:
    """Seal what waits."""
    with app.app_context():
        return sealing.seal(Path(anchor) if anchor else None)


def drain(app: Flask) -> int:
    """Send what waits, as a worker's ticker does."""
    with app.app_context():
        return outbox.drain()


def look(app: Flask) -> list[int]:
    """One look of a scheduler: obligations opened, stepped, digests looked at."""
    with app.app_context():
        looked = scheduler.look()
    return [looked.opened, looked.stepped, looked.digested]


def work(app: Flask, ids: list[str]) -> int:
    """Take up these jobs, as a worker does that was called for each of them."""
    with app.app_context():
        jobs.stopping.clear()
        for job_id in ids:
            jobs.run(job_id)
    return len(ids)


def clear(app: Flask) -> int:
    """Clear old imports away."""
    with app.app_context():
        return roster_upload.clear_away()


def upload(app: Flask, path: str, token: str, form: dict[str, str], content: str) -> dict[str, Any]:
    """One spreadsheet sent over the API."""
    boundary, body = encode_multipart({"file": FileStorage(BytesIO(base64.b64decode(content)), "名册.xlsx"), **form})
    response = app.test_client().post(f"/api/v1{path}", data=body, headers={"Authorization": f"Bearer {token}"},
                                      content_type=f"multipart/form-data; boundary={boundary}")
    known = response.get_json(silent=True)
    return {"status": response.status_code, "json": known, "replayed": False,
            "code": known["code"] if response.status_code >= 400 else None}


def settle(app: Flask) -> int:
    """Write down who leaves or retires today, as each worker does."""
    with app.app_context():
        return endings.settle_due()


def answer_transfer(app: Flask, transfer: str, account: str, verdict: str) -> str:
    """Answer a transfer as somebody; the state it is in afterwards, or the code of the refusal."""
    return _as(app, account, lambda: transfers.decide(transfer, verdict, "不同意").row.state)


def accept_number(app: Flask, request: str, account: str) -> str:
    """Accept another number for somebody as somebody; the state it is in afterwards, or the code of the refusal."""
    return _as(app, account, lambda: phone_changes.decide(request, "accepted", "").row.state)


def close_account(app: Flask, account: str, by: str) -> str:
    """Close an account as somebody; its state afterwards, or the code of the refusal."""
    return _as(app, by, lambda: str(closing.close(accounts.seen(account)).state))


def close_unit(app: Flask, unit: str, successor: str, by: str) -> str:
    """Close a unit as somebody; its status afterwards, or the code of the refusal."""
    return _as(app, by, lambda: str(units.close(units.seen(unit), units.seen(successor)).status))


def _as(app: Flask, account: str, do: Callable[[], str]) -> str:
    with app.app_context():
        try:
            with transaction.act("race"):
                found = db.session.execute(WHOLE.select(Account).where(Account.id == account)).scalar_one()
                principal = principal_of(found, Channel.pc, clock.today())
                audit.act_as(principal)
                guard.stand_in(principal)
                return do()
        except Refusal as refusal:
            return refusal.code
