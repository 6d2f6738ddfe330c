#!/usr/bin/env python3
"""The trial of revocation itself, in the project's environment: gunicorn on a throw-away database."""

import argparse
import base64
import os
import secrets
import sys
import tempfile
from pathlib import Path

from flask_migrate import upgrade

import load_servers
from app.config import from_environment
from app.factory import create_app
from checkout import say, speak_plainly
from trial_counters_run import database
from trials.revocation import Told, try_all
from trials.revocation_people import Place


def run(engine: str, url: str, folder: Path, *, trials: int, workers: int, application: str | None = None) -> Told:
    """Serve an empty database with so many processes and try; `application` is another one than the product's."""
    said = {"YINLING_INSTANCE": str(folder), "YINLING_DATABASE_URL": url, "YINLING_SECRET_KEY": secrets.token_hex(32),
            "YINLING_FIELD_KEYS": "k1:" + base64.b64encode(os.urandom(32)).decode(), "YINLING_SECOND_FACTOR": "0",
            "YINLING_DEMO": "0"}
    app = create_app(from_environment(said))
    app.extensions["huey"].immediate = True
    with app.app_context():
        upgrade()
    place = Place(app)
    port, env = load_servers.free_port(), {**os.environ, **said, "WEB_CONCURRENCY": str(workers)}
    server = load_servers.web(env, port, folder / "web.log", application)
    try:
        return try_all(port, place, trials, say)
    finally:
        server.stop()


def main() -> int:
    """0 when no request that began after an answer succeeded."""
    speak_plainly()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="postgresql")
    parser.add_argument("--application", help="another application than the product's")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yinling-revocation-") as name, \
            database(asked.engine, Path(name)) as url:
        say(f"{asked.engine}:{asked.trials} 次,{asked.workers} 个进程")
        told = run(asked.engine, url, Path(name), trials=asked.trials, workers=asked.workers,
                   application=asked.application)
    print(told, flush=True)
    return 1 if told.slipped or told.failed else 0


if __name__ == "__main__":
    sys.exit(main())
