"""Slow hashing in its turn: one at a time in each process, behind everything else, and with a queue that ends.

Argon2 takes 64 MiB and some 0.15 s of CPU, by intent. On a morning when everybody logs in at once it
would take the machine from those who work already; so it runs in one thread of lowered priority, a few requests may
wait for it, and whoever comes when these places are taken, or waits too long, is told to come again.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from tenants.errors import Busy

T = TypeVar("T")
PLACES = 5  # of a process's eight threads (gunicorn.conf.py): the others stay free for those who are in
PATIENCE = 15.0
COME_AGAIN = 5
NICE = 5  # a third of the share of those who are in: behind them, but not starved on a busy machine

_places = threading.BoundedSemaphore(PLACES)
_made: dict[int, ThreadPoolExecutor] = {}  # by process: a thread does not outlive a fork
_making = threading.Lock()


def in_turn(work: Callable[[], T]) -> T:
    """Do slow work when its turn comes, and give what it gives. Raises Busy when too many wait, or it takes too long.

    Nothing may be locked meanwhile: whoever calls has let his transaction go.
    """
    if not _places.acquire(blocking=False):
        raise Busy(COME_AGAIN)
    try:
        waiting = _thread().submit(work)
        try:
            return waiting.result(PATIENCE)
        except TimeoutError:
            waiting.cancel()
            raise Busy(COME_AGAIN) from None
    finally:
        _places.release()


def _thread() -> ThreadPoolExecutor:
    with _making:
        found = _made.get(os.getpid())
        if found is None:
            _made.clear()
            found = _made[os.getpid()] = ThreadPoolExecutor(1, "hashing", initializer=step_back)
    return found


def step_back() -> None:
    """Let this thread, and those it starts, have what CPU others leave (Linux counts niceness by thread)."""
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
