"""A right that has ended opens nothing, in whichever process: a short run of the trial, on sockets, on both engines."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "scripts" / "trial_revocation_run.py"


def trial(*words: str) -> "subprocess.CompletedProcess[str]":
    """The trial in a process of its own."""
    folders = (ROOT, ROOT / "scripts", ROOT / "tests" / "scripts")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}
    return subprocess.run([sys.executable, str(RUN), "--workers", "2", *words], env=env, check=False,
                          capture_output=True, text=True, timeout=900)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_nothing_that_begins_after_the_answer_succeeds(engine: str) -> None:
    done = trial("--engine", engine, "--trials", "16")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "其中仍然成功的 0 个" in done.stdout


def test_a_process_that_remembers_would_be_seen() -> None:
    """Planted: see `stale_wsgi`."""
    done = trial("--engine", "sqlite", "--trials", "2", "--application", "stale_wsgi:app")
    assert done.returncode == 1 and "仍然成功" in done.stdout and "其中仍然成功的 0 个" not in done.stdout, done.stdout
