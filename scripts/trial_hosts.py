"""Two web hosts of one province on this machine: processes, their settings, and somebody who calls them."""

import base64
import http.client
import json
import re
import secrets
import signal
import socket
import time
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from checkout import PYTHON, Refusal, run
from children import Children
from streaming_pair import Pair

FLASK = (PYTHON, "-m", "flask", "--app", "wsgi")
ADDRESSES = ("127.0.0.2", "127.0.0.3")
PATIENCE = 60


@dataclass
class Answer:
    """What a host said; status 0 when it did not answer at all."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Host:
    """One web host with its worker."""

    address: str
    port: int
    settings: dict[str, str]

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request; `body` a JSON value or bytes."""
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and "Content-Type" not in said:
            said["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection(self.address, self.port, timeout=30)
        try:
            connection.request(method, path, sent, said)
            response = connection.getresponse()
            return Answer(response.status, response.read(), dict(response.getheaders()))
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, repr(error).encode())
        finally:
            connection.close()

    def api(self, method: str, path: str, token: str, body: Any = None, **headers: str) -> Answer:
        """One call of the API."""
        return self.ask(method, f"/api/v1{path}", body, Authorization=f"Bearer {token}", **headers)

    def browser_login(self, phone: str, password: str) -> str:
        """Log in as a browser does; the cookie it then sends."""
        door = self.ask("GET", "/login?end=desk")
        found = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', door.body)
        if found is None:
            raise Refusal("登录页里没有表单。")
        form = {"csrf_token": found[1].decode(), "phone": phone, "password": password, "end": "desk"}
        sent = urllib.parse.urlencode(form).encode()
        answer = self.ask("POST", "/login", sent, Cookie=_cookie(door),
                          Content_Type="application/x-www-form-urlencoded")
        return _cookie(answer)


def _cookie(answer: Answer) -> str:
    return next((value.split(";")[0] for name, value in answer.headers.items() if name == "Set-Cookie"), "")


def hosts(folder: Path, pair: Pair) -> list[Host]:
    """Two hosts that share nothing but the database, the file store and the keys."""
    shared = folder / "shared"
    shared.mkdir()
    both = pair.url(pair.primary, pair.standby)
    common = {
        "YINLING_DATABASE_URL": both, "YINLING_QUEUE_URL": both, "YINLING_REPLICA_URL": pair.url(pair.standby),
        "YINLING_STORAGE_URL": f"file://{shared}/files", "YINLING_SMS_URL": f"file:{shared}/sms.jsonl",
        "YINLING_SECRET_KEY": secrets.token_hex(32), "YINLING_DEMO": "1", "WEB_CONCURRENCY": "2",
        "YINLING_FIELD_KEYS": f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
    }
    made = []
    for number, address in enumerate(ADDRESSES, 1):
        with socket.socket() as probe:
            probe.bind((address, 0))
            port = int(probe.getsockname()[1])
        own = {"YINLING_INSTANCE": str(folder / f"host{number}"), "YINLING_HOST": address, "YINLING_PORT": str(port)}
        made.append(Host(address, port, common | own))
    return made


def set_up(host: Host, env: dict[str, str]) -> list[dict[str, Any]]:
    """The database with the small demonstration; the accounts to try."""
    run([*FLASK, "db", "upgrade"], failing="数据库升级失败", env=env | host.settings)
    run([*FLASK, "demo", "load", "--small"], failing="装入演示数据失败", env=env | host.settings)
    file = Path(host.settings["YINLING_INSTANCE"]) / "demo_accounts.json"
    found: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return found


def start(children: Children, made: list[Host], env: dict[str, str]) -> None:
    """A web server and a worker on each host; returns when both answer."""
    for host in made:
        children.start(f"{host.address} 网站", [PYTHON, "-m", "gunicorn", "-c", "gunicorn.conf.py"],
                       env=env | host.settings, ends_on=signal.SIGTERM)
        children.start(f"{host.address} 后台任务", [*FLASK, "worker"], env=env | host.settings, ends_on=signal.SIGINT)
    deadline = time.monotonic() + PATIENCE
    while any(host.ask("GET", "/readyz").status != http.HTTPStatus.OK for host in made):
        if time.monotonic() > deadline or children.dead():
            raise Refusal(f"没有就绪:{children.dead() or '超时'}")
        time.sleep(0.1)
