"""Child processes that live and end together with the command that started them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from checkout import ROOT

_SET_PARENT_DEATH_SIGNAL = 1
PATIENCE = 15


class Stop(BaseException):
    """Someone asked the command to end (SIGINT, SIGTERM or SIGHUP)."""


class _Child(NamedTuple):
    name: str
    process: subprocess.Popen[bytes]
    ends_on: signal.Signals


def listen() -> None:
    """From now on a request to end raises Stop in the main thread, wherever it is."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _raise_stop)


def _raise_stop(number: int, frame: object) -> None:
    raise Stop


def end_with_parent(number: signal.Signals) -> None:
    """Have the kernel signal this process when its parent dies, even by SIGKILL (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, int(number))


class Children:
    """Processes of which the first to die ends all."""

    def __init__(self) -> None:
        """Begin with none."""
        self._all: list[_Child] = []

    def start(
        self, name: str, command: Sequence[str | Path], *, env: Mapping[str, str], ends_on: signal.Signals
    ) -> None:
        """Start one in a session of its own, so that Ctrl-C reaches only us and we end them in order."""
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: end_with_parent(ends_on),
        )
        self._all.append(_Child(name, process, ends_on))

    def dead(self) -> str | None:
        """What has ended, as a sentence, or None while all live."""
        for child in self._all:
            if (code := child.process.poll()) is not None:
                return f"{child.name}已退出(退出码 {code})"
        return None

    def watch(self) -> str:
        """Wait until one of them ends; say which."""
        while not (told := self.dead()):
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        return told

    def stop(self) -> None:
        """End them, last started first: kindly, then by force. Further requests to end are ignored meanwhile."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for child in reversed(self._all):
            if child.process.poll() is None:
                child.process.send_signal(child.ends_on)
        for child in reversed(self._all):
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(PATIENCE)
            # Also what a child that was killed left behind: its own children share its group.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
