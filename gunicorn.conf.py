"""How gunicorn serves the application; `scripts/server` and a bare `gunicorn` both read this."""

import os
from pathlib import Path

_host = os.environ.get("YINLING_HOST") or "127.0.0.1"
_port = os.environ.get("YINLING_PORT") or "8000"

wsgi_app = "wsgi:app"
chdir = str(Path(__file__).resolve().parent)
bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or min(4, os.cpu_count() or 1))
# More than half of them may wait for a password to be hashed (permissions/hashing.py) and the rest still serve.
threads = 8
timeout = 60
graceful_timeout = 20
keepalive = 5
# A list filter with a cursor may be longer than the default of 4094.
limit_request_line = 8190
# The heartbeat file must not wait for a busy disk.
if Path("/dev/shm").is_dir():  # noqa: S108  gunicorn makes its own private file in there
    worker_tmp_dir = "/dev/shm"  # noqa: S108

# The control socket is of no use here, and an unprivileged account may not be able to open it.
control_socket_disable = True
# Requests are logged by the application; two logs would tell two stories.
accesslog = None
loglevel = "warning"
