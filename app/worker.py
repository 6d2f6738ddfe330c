"""The worker: a queue that wakes, a ticker that never forgets. Our own tables are the truth.

Huey carries wake-up calls and jobs; once a second the ticker drains the outbox and seals the log whether or not
anybody called, so a lost call costs a second, never a message.
"""

import logging
import threading
from pathlib import Path

from flask import Flask
from huey import SqliteHuey

from app import jobs, outbox
from permissions import sealing

log = logging.getLogger("yinling.worker")
EVERY = 1.0


def queue_of(app: Flask) -> SqliteHuey:
    """The queue of this instance (`YINLING_QUEUE_URL`, SQLite so far)."""
    made: SqliteHuey = app.extensions.get("huey") or _make(app)
    return made


def _make(app: Flask) -> SqliteHuey:
    path = Path(app.config["SETTINGS"].queue_url.removeprefix("sqlite:///"))
    huey = SqliteHuey("yinling", filename=str(path), immediate=bool(app.config.get("TESTING")))
    app.extensions["huey"] = huey
    return huey


class Ticker(threading.Thread):
    """Drains and seals once a second until told to stop; a failure is logged and tried again."""

    def __init__(self, app: Flask) -> None:
        super().__init__(name="ticker", daemon=True)
        self.app = app
        self.stopping = threading.Event()

    def run(self) -> None:
        while not self.stopping.wait(EVERY):
            for work in (self._drain, self._seal, self._call_again):
                try:
                    with self.app.app_context():
                        work()
                except Exception:
                    log.exception("the ticker's %s failed and will be tried again", work.__name__)

    def _drain(self) -> None:
        outbox.drain()

    def _seal(self) -> None:
        sealing.seal(self.app.config["SETTINGS"].instance / "audit.head")

    def _call_again(self) -> None:
        """A job whose call was lost, or whose worker died, is called once more; claiming makes it run once."""
        for job_id in jobs.waiting_ids():
            self.app.extensions["wake"](job_id)
