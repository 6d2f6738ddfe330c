"""The worker: a queue that wakes, a ticker that never forgets. Our own tables are the truth.

The queue (`app.calls`) carries wake-up calls; once a second the ticker seals the log, folds the counters and spells
names whether or not anybody called, so a lost call costs a second, never a job. Messages are sent beside it, since a
slow gateway must hold nothing else up; so is what has come due looked for. Any number of workers may run, on any number
of hosts: what two of them take up at once is claimed by one, by a lease or a lock.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask
from huey import Huey
from huey.consumer import Consumer

from app import job_rows, jobs, outbox, room
from app.administration import codes, dormancy, endings
from app.counters import folding
from app.exports import kept
from app.obligations import scheduler
from app.people import roster_upload, spelling
from app.plans import effect
from permissions import sealing, second_factor, slowing, transaction
from tenants import clock

log = logging.getLogger("yinling.worker")
EVERY = 1.0
LOOK_EVERY = 30.0
COLLECT_EVERY = 60.0
CALL_AGAIN = 10.0
CLEAR_EVERY = 3600.0


class Ticker(threading.Thread):
    """Does its parts once a second until told to stop; a failure is logged and tried again."""

    every = EVERY
    stands_back = True

    def __init__(self, app: Flask) -> None:
        super().__init__(name=type(self).__name__.lower(), daemon=True)
        self.app = app
        self.stopping = threading.Event()
        self.called: dict[str, float] = {}
        self.cleared: float | None = None
        self.collected: float | None = None
        self.looked_on: date | None = None

    def run(self) -> None:
        if self.stands_back:
            room.stand_back()
        while not self.stopping.wait(self.every):
            for work in self.parts():
                try:
                    with self.app.app_context():
                        work()
                except Exception:
                    log.exception("the ticker's %s failed and will be tried again", work.__name__)

    def parts(self) -> tuple[Callable[[], None], ...]:
        """What is done each time, in order."""
        return self._take_effect, self._seal, self._fold, self._spell, self._call_again, self._clear

    def _take_effect(self) -> None:
        effect.take_effect()

    def _seal(self) -> None:
        sealing.seal(self.app.config["SETTINGS"].instance / "audit.head")

    def _fold(self) -> None:
        folding.fold_all()
        folding.forget_days()

    def _spell(self) -> None:
        spelling.spell_all()

    def _call_again(self) -> None:
        """A job whose call was lost, or whose worker died, is called once more; claiming makes it run once.

        One that waits because every worker is busy is not called each second anew: calls pile up in the queue.
        """
        now = time.monotonic()
        self.called = {job_id: at for job_id, at in self.called.items() if now - at < CALL_AGAIN}
        for job_id in job_rows.waiting_ids():
            if job_id not in self.called:
                self.called[job_id] = now
                self.app.extensions["wake"](job_id)

    def _clear(self) -> None:
        """Old imports and exports and their files, and counts of failures long forgotten, once an hour."""
        now = time.monotonic()
        if self.cleared is None or now - self.cleared >= CLEAR_EVERY:
            self.cleared = now
            roster_upload.clear_away()
            kept.clear_away()
            with transaction.act("worker"):
                slowing.clear_away(clock.now())
                codes.clear_away(clock.now())
                second_factor.clear_away(clock.now())


class Sender(Ticker):
    """Sends what waits in the outbox; reminders only while somebody is at work. Somebody waits for a code."""

    stands_back = False

    def parts(self) -> tuple[Callable[[], None], ...]:
        return self._drain, self._collect

    def _drain(self) -> None:
        codes.send_waiting()
        outbox.drain(office=scheduler.in_office_hours())

    def _collect(self) -> None:
        """What became of messages, as far as a gateway says, once a minute."""
        now = time.monotonic()
        if self.collected is None or now - self.collected >= COLLECT_EVERY:
            self.collected = now
            outbox.collect()


class Scheduler(Ticker):
    """Looks at what has come due; cheap when nothing has."""

    every = LOOK_EVERY

    def parts(self) -> tuple[Callable[[], None], ...]:
        return self._settle, self._look, self._dormant

    def _dormant(self) -> None:
        """Accounts nobody uses, once a day; after a start once more, which changes nothing."""
        if self.looked_on != clock.today() and scheduler.in_office_hours():
            dormancy.look(self.app.config["SETTINGS"])
            self.looked_on = clock.today()

    def _settle(self) -> None:
        """Who leaves or retires today does so at midnight, whatever the office hours."""
        endings.settle_due()

    def _look(self) -> None:
        scheduler.look()


class Worker(Consumer):
    """Runs jobs. SIGINT, SIGTERM and SIGHUP all end it in order: running jobs stop at their next step and go back."""

    def __init__(self, huey: Huey, threads: int) -> None:
        super().__init__(huey, workers=threads, periodic=False, initial_delay=0.1, backoff=1.15, max_delay=0.5,
                         shutdown_timeout=30)
        jobs.stopping.clear()
        self._signal_actions = dict.fromkeys((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), (False, True))

    def _handle_signal(self, signum: int, frame: Any) -> None:
        jobs.stopping.set()
        super()._handle_signal(signum, frame)
