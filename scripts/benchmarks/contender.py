"""A process that answers one route again and again: the product, raw psycopg in Flask, or the usual stack."""

import gc
import json
import os
import sys
import time
from typing import Any

from flask import Flask

from app.factory import create_app
from benchmarks import raw_stack, usual_stack

Environ = dict[str, Any]


def product(told: dict[str, Any]) -> tuple[Flask, Environ]:
    """The application itself, asked with a bearer token."""
    app = create_app()
    return app, _environ(app, told["route"], HTTP_AUTHORIZATION=f"Bearer {told['token']}")


def raw(told: dict[str, Any]) -> tuple[Flask, Environ]:
    """One prepared statement and orjson; nobody is asked who they are."""
    app = raw_stack.make(os.environ["YINLING_DATABASE_URL"], told["low"], told["high"])
    return app, _environ(app, "/visits?limit=20")


def usual(told: dict[str, Any]) -> tuple[Flask, Environ]:
    """What most applications of this kind do; the browser is logged in before."""
    app = usual_stack.make(os.environ["YINLING_DATABASE_URL"], told["low"], told["high"])
    client = app.test_client()
    client.post(f"/login/{told['account']}")
    cookie = client.get_cookie("session")
    if cookie is None:
        raise SystemExit("the usual stack let nobody in")
    return app, _environ(app, "/visits?limit=20", HTTP_COOKIE=f"session={cookie.value}")


def _environ(app: Flask, route: str, **headers: str) -> Environ:
    with app.test_request_context(route) as context:
        return {**context.request.environ, **headers}


class _Answer:
    status = ""

    def begin(self, status: str, _headers: Any, _error: Any = None) -> None:
        self.status = status


def ask(app: Flask, environ: Environ) -> bytes:
    """The body of one answer, through the WSGI door and no socket."""
    answer = _Answer()
    parts = app.wsgi_app({key: value for key, value in environ.items() if not key.startswith("werkzeug.")},
                         answer.begin)
    body = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    if not answer.status.startswith("200"):
        raise SystemExit(f"{answer.status}: {body[:500]!r}")
    return body


def main() -> int:
    """Read how many requests to answer, answer them, tell the cost of one; until nobody asks any more."""
    app, environ = {"product": product, "raw": raw, "usual": usual}[sys.argv[1]](json.loads(sys.argv[2]))
    ask(app, environ)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        times = int(line)
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(times):
            body = ask(app, environ)
        took = {"cpu": (time.process_time() - cpu) / times, "wall": (time.perf_counter() - wall) / times}
        print(json.dumps(took | {"rows": len(json.loads(body)["items"])}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
