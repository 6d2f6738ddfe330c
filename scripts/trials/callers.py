"""Those who call the routes in a trial: the accounts the scale data told, in this very process, without a network."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Flask

from checkout import Refusal

ACCOUNTS = "demo_accounts.json"


class Caller:
    """One account with a live session on the API."""

    def __init__(self, app: Flask, account: Mapping[str, Any]) -> None:
        """Log in. Raises Refusal when the account the file tells does not open."""
        self.unit_id = account["unit_id"]
        self._client = app.test_client()
        answer = self._client.post("/api/v1/sessions", json={
            "phone": account["phone"], "password": account["password"], "channel": account["channel"]})
        if answer.status_code != 201:
            raise Refusal(f"登录不成:{answer.status_code} {answer.text[:200]}")
        self.token = answer.get_json()["token"]
        self._bearer = {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a page."""
        answer = self._client.get(path, headers=self._bearer)
        return answer.status_code, answer.text

    def post(self, path: str, body: Mapping[str, Any]) -> tuple[int, str]:
        """Status and body of an act."""
        answer = self._client.post(path, json=body, headers=self._bearer)
        return answer.status_code, answer.text


def accounts(app: Flask) -> list[dict[str, Any]]:
    """What the scale data told when they were loaded. Raises Refusal without the file."""
    file = app.config["SETTINGS"].instance / ACCOUNTS
    if not file.exists():
        raise Refusal(f"没有 {file}:请先用 scripts/scale_data 装入数据。")
    found: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def account(app: Flask, role: str, unit_id: str) -> dict[str, Any]:
    """The first account of this role in the unit. Raises Refusal when there is none."""
    for each in accounts(app):
        if each["role"] == role and each["unit_id"] == unit_id:
            return each
    raise Refusal(f"账号文件里没有这个单位的 {role}。")
