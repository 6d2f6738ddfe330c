"""How a job leaves the machine to those who wait for a page: what they want of it, and what memory goes back.

PostgreSQL knows no priorities: what a job has it do competes with everybody's page. Only small parts with rests in
between leave it to others. Where nobody else wants the machine a job takes what it can get.
"""

import ctypes
import gc
import os
import platform
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

NICE = 15  # a thirtieth of the share of those who serve pages
WANTED = 0.25  # of the cores, by others than our jobs: people are at work
LOOK = 0.5  # seconds that a look at the machine covers, at the least
LULL = 5.0  # seconds without them after which others are taken to have gone: people pause between two pages
_TICKS = Path("/proc/stat")
_PAGES = {"PYTHONMALLOC": "malloc", "MALLOC_ARENA_MAX": "2"}


def stand_back() -> None:
    """A thread of the worker leaves the CPU to those who wait for a page; Linux counts niceness by thread."""
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


def begin_anew() -> None:
    """Start the worker's process over, under the allocator of the system, if it is the worker's.

    Python's own keeps a megabyte for as long as anything small lies in it: a roster of 12,000 left a fifth more behind,
    and the next one more. The system's (glibc) gives back every page that is free (`tidy`).
    """
    if "worker" in sys.orig_argv and "PYTHONMALLOC" not in os.environ and platform.libc_ver()[0] == "glibc":
        os.execve(sys.executable, sys.orig_argv, os.environ | _PAGES)  # noqa: S606


def tidy() -> None:
    """Give the memory of a long list back to the system: the allocator would keep it for the next one."""
    gc.collect()
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def _ticks() -> tuple[int, int] | None:
    """(ticks in which cores worked, all ticks) since the machine began; niced work wants nothing that others need."""
    try:
        user, _nice, system, idle, waiting, *more = map(int, _TICKS.read_text(encoding="ascii").split()[1:9])
    except (OSError, ValueError):
        return None
    busy = user + system + sum(more)
    return busy, busy + _nice + idle + waiting


class Gauge:
    """What others want of the cores, seen afresh twice a second, our own jobs' work left out.

    The system's load average would tell a minute too late, and counts what our own jobs have the database do.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen = _ticks()
        self._at, self._ours, self._share = time.monotonic(), 0.0, 0.0
        self._last_wanted = self._at - LULL

    def worked(self, seconds: float) -> None:
        """A job's part had the database (or whoever else is not niced) busy for at most so long."""
        with self._lock:
            self._ours += min(seconds, LOOK)  # a longer one may have been held still, and nobody else was

    def others(self) -> float:
        """The share of the cores that others have wanted lately; a lull does not count before it lasts."""
        with self._lock:
            took = time.monotonic() - self._at
            if took >= LOOK:
                share = self._look(took)
                if share >= WANTED:
                    self._last_wanted = self._at
                if share >= WANTED or self._at - self._last_wanted >= LULL:
                    self._share = share
            return self._share

    def _look(self, took: float) -> float:
        cores, seen, before, ours = os.cpu_count() or 1, _ticks(), self._seen, self._ours
        self._at, self._seen, self._ours = time.monotonic(), seen, 0.0
        if seen is None or before is None:
            return os.getloadavg()[0] / cores
        busy = (seen[0] - before[0]) / max(seen[1] - before[1], 1)
        return max(busy - ours / (took * cores), 0.0)
