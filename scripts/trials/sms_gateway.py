"""A made-up SMS gateway on this machine, for trials and tests: delivers each key once, and can be made to misbehave."""

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODES = ("well", "500", "503", "422", "wrong key", "no answer", "garbage", "redirect", "slow")


class Gateway:
    """One gateway. `delivered` counts what reached phones, by key; `asked` how often each key came."""

    def __init__(self, mode: str = "well") -> None:
        self.mode = mode
        self.asked: Counter[str] = Counter()
        self.delivered: dict[str, dict[str, Any]] = {}
        self.credentials: set[str] = set()
        self.let_go = threading.Event()  # what "slow" waits for
        self._lock = threading.Lock()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            """Hands each call on."""

            def do_POST(self) -> None:
                gateway._answer(self)

            def log_message(self, *_words: Any) -> None:
                """Nothing is said."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://yinling:secret@127.0.0.1:{self._server.server_port}/sms"

    def __enter__(self) -> "Gateway":
        self._thread.start()
        return self

    def __exit__(self, *_error: Any) -> None:
        self.let_go.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, call: BaseHTTPRequestHandler) -> None:
        body = json.loads(call.rfile.read(int(call.headers["Content-Length"])))
        self.credentials.add(call.headers.get("Authorization", ""))
        if call.path.endswith("/receipts"):
            known = [{"key": key, "state": "delivered"} for key in body["keys"] if key in self.delivered]
            return self._say(call, 200, known + known + [{"key": "somebody else's", "state": "failed"}])  # twice
        key = body["key"]
        with self._lock:
            self.asked[key] += 1
            if self.mode not in ("503", "422", "redirect"):
                self.delivered.setdefault(key, body)
        if self.mode == "slow":
            self.let_go.wait(30)
        if self.mode == "no answer":
            call.close_connection = True
            return call.connection.close()
        if self.mode == "garbage":
            return self._raw(call, 200, b"<html>OK</html>")
        if self.mode == "redirect":
            return self._raw(call, 302, b"", {"Location": "http://127.0.0.1:9/"})
        status = int(self.mode) if self.mode.isdigit() else 200
        return self._say(call, status, {"key": "another" if self.mode == "wrong key" else key, "accepted": True})

    def _say(self, call: BaseHTTPRequestHandler, status: int, answer: Any) -> None:
        self._raw(call, status, json.dumps(answer).encode())

    def _raw(self, call: BaseHTTPRequestHandler, status: int, body: bytes,
             headers: dict[str, str] | None = None) -> None:
        try:
            call.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                call.send_header(name, value)
            call.end_headers()
            call.wfile.write(body)
        except OSError:
            pass  # who asked was killed or has gone
