"""One of the four processes of a race: does what it is told over JSON lines, all at once in threads of its own."""

import json
import sys
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts"), str(ROOT / "tests"), str(ROOT / "tests" / "races")]

import acts  # noqa: E402
import faults  # noqa: E402
from flask import Flask  # noqa: E402

from app.factory import create_app  # noqa: E402
from app.records import calendar  # noqa: E402
from engines import settings  # noqa: E402
from permissions import identity  # noqa: E402
from tenants import clock, tree  # noqa: E402
from tenants.db import db  # noqa: E402

PATIENCE = 600  # for a slow machine; nobody waits so long for anything
_apps: dict[str, Flask] = {}


def open_app(instance: str, url: str) -> Flask:
    """The application of this process for a database; made once, as a gunicorn worker would."""
    if url not in _apps:
        _apps[url] = create_app(settings(Path(instance), url))
        _apps[url].extensions["huey"].immediate = True
    return _apps[url]


def rest(app: Flask) -> None:
    """Let every connection and everything kept in memory go: the database is about to be replaced."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
        tree.forget()
        identity.forget()
        calendar._kept.pop(db.engine, None)
    clock.configure(None)
    faults.undo()


def race(app: Flask, jobs: list[dict[str, Any]]) -> list[Any]:
    """All jobs at once, each in a thread; begun on the word `go`."""
    answers: list[Any] = [None] * len(jobs)
    start = threading.Barrier(len(jobs) + 1)

    def do(place: int, job: dict[str, Any]) -> None:
        act = getattr(acts, job.pop("act"))
        start.wait(PATIENCE)
        try:
            answers[place] = act(app, **job)
        except Exception as error:
            answers[place] = {"error": f"{type(error).__name__}: {error}"}

    threads = [threading.Thread(target=do, args=(place, job)) for place, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    say({"ready": len(jobs)})
    sys.stdin.readline()
    start.wait(PATIENCE)
    for thread in threads:
        thread.join(PATIENCE)
    return answers


def say(said: Any) -> None:
    """One line to the parent."""
    sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Obey until the parent hangs up."""
    app: Flask | None = None
    for line in sys.stdin:
        told = json.loads(line)
        if told["do"] == "open":
            app = open_app(told["instance"], told["url"])
            clock.configure(told["now"])
            say({"open": True})
        elif app is None:
            say({"error": "nothing is open"})
        elif told["do"] == "rest":
            rest(app)
            say({"rested": True})
        elif told["do"] == "plant":
            getattr(faults, told["name"])()
            say({"planted": told["name"]})
        else:
            say({"answers": race(app, told["jobs"])})


if __name__ == "__main__":
    main()
