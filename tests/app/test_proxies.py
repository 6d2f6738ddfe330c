"""Behind a balancer the log and the throttle still know who called; nobody can pretend to be somebody else."""

from pathlib import Path

import pytest
from flask import request

from app.factory import create_app
from engines import settings
from permissions.guard import public


@pytest.mark.parametrize(("proxies", "said", "seen"), [
    (0, "203.0.113.9", "127.0.0.1"),
    (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
    (2, "198.51.100.1, 203.0.113.9", "198.51.100.1"),
    (1, None, "127.0.0.1"),
])
def test_the_caller_s_address(tmp_path: Path, proxies: int, said: str | None, seen: str) -> None:
    """The first word is the caller's own and is believed only when a proxy of ours wrote it."""
    app = create_app(settings(tmp_path, f"sqlite:///{tmp_path / 'x.db'}", proxies=proxies))
    app.view_functions["health.alive"] = public()(lambda: request.remote_addr or "")
    headers = {"X-Forwarded-For": said} if said else {}
    assert app.test_client().get("/healthz", headers=headers).get_data(as_text=True) == seen
