"""A gateway over HTTP: one JSON call per message with an idempotency key; receipts are asked for.

`POST <url>` with `{key, to, template, version, text}` and the header `Idempotency-Key`; taken when the answer is 2xx
and names the same key as accepted. `POST <url>/receipts` with `{keys}` answers `[{key, state}]`, state `delivered` or
`failed`. Name and password of the URL are sent as basic credentials.
"""

import base64
import http.client
import json
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from app.sms.provider import Answer, Outgoing

PATIENCE = 5.0
LONGEST_ANSWER = 100_000
_ELSEWHERE = (401, 403, 404, 405, 429, 503)


class NotReached(Exception):
    """No connection was made: nothing can have been taken."""


@dataclass(frozen=True)
class Gateway:
    """One provider by its URL; https, or http on this very machine."""

    url: str
    patience: float = PATIENCE
    at_once: int = 10

    @property
    def name(self) -> str:
        """The host, and nothing secret."""
        return (urlsplit(self.url).hostname or "")[:60]

    def send(self, messages: Sequence[Outgoing]) -> list[Answer]:
        return [self._one(each) for each in messages]

    def _one(self, message: Outgoing) -> Answer:
        body = {"key": message.key, "to": message.to, "template": message.template, "version": message.version,
                "text": message.text}
        try:
            status, answer = self._post("", body, {"Idempotency-Key": message.key})
        except NotReached:
            return Answer.elsewhere
        except (OSError, http.client.HTTPException, ValueError):
            return Answer.unsure
        if status == 422:
            return Answer.refused
        if status in _ELSEWHERE:
            return Answer.elsewhere
        right = isinstance(answer, dict) and answer.get("key") == message.key and answer.get("accepted") is True
        return Answer.accepted if 200 <= status < 300 and right else Answer.unsure

    def receipts(self, keys: Sequence[str]) -> dict[str, bool]:
        try:
            status, answer = self._post("/receipts", {"keys": list(keys)}, {})
        except (NotReached, OSError, http.client.HTTPException, ValueError):
            return {}
        if status != 200 or not isinstance(answer, list):
            return {}
        asked = set(keys)
        return {each["key"]: each.get("state") == "delivered" for each in answer
                if isinstance(each, dict) and each.get("key") in asked and each.get("state") in ("delivered", "failed")}

    def _post(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> tuple[int, Any]:
        """Status and JSON of an answer. A redirect is not followed: a message goes where the setting says."""
        parts = urlsplit(self.url)
        connection = self._connection(parts.scheme, parts.hostname or "", parts.port)
        try:
            try:
                connection.connect()
            except OSError as error:
                raise NotReached from error
            if parts.username:
                words = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
                headers = headers | {"Authorization": f"Basic {base64.b64encode(words).decode()}"}
            connection.request("POST", f"{parts.path.rstrip('/')}{path}" or "/", json.dumps(body).encode(),
                               {"Content-Type": "application/json", "Accept": "application/json"} | headers)
            response = connection.getresponse()
            text = response.read(LONGEST_ANSWER)
            return response.status, json.loads(text) if 200 <= response.status < 300 else None
        finally:
            connection.close()

    def _connection(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        if scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=self.patience, context=ssl.create_default_context())
        return http.client.HTTPConnection(host, port, timeout=self.patience)
