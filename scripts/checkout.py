"""Where the checkout is, and how its commands say what they are doing."""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

_started = time.monotonic()


class Refusal(Exception):
    """The command cannot go on; the text is a sentence for the person at the terminal."""


def elapsed() -> float:
    """Seconds since the command began."""
    return time.monotonic() - _started


def say(text: str) -> None:
    """Print one step with the seconds elapsed so far."""
    print(f"[{elapsed():6.1f} 秒] {text}", flush=True)


def speak_plainly() -> None:
    """Make Chinese printable on any terminal: a foreign locale gets escapes, never a crash."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")


def run(
    command: Sequence[str | Path],
    *,
    failing: str,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    quiet: bool = True,
) -> None:
    """Run a command in the checkout; a quiet one shows its output only when it fails.

    Raises Refusal, beginning with `failing`, when the command ends with anything but 0.
    """
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        cwd=cwd,
        env=dict(env) if env is not None else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        if done.stdout:
            sys.stderr.write(done.stdout)
        raise Refusal(f"{failing}(退出码 {done.returncode}):{' '.join(words)}")
