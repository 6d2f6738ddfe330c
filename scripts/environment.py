"""The Python environment in .venv, installed from the locks with every hash checked."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from checkout import PYTHON, ROOT, VENV, run, say

BUILD = "requirements-build.lock"
SERVING = "requirements.lock"
TESTING = "requirements-dev.lock"
# Beside the packages it speaks of, so that deleting .venv forgets it too.
_RECORD = VENV / "installed.json"


def digest(*files: Path) -> str:
    """One SHA-256 (hex) over the contents of some files."""
    total = hashlib.sha256()
    for file in files:
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def prepare(lock: str) -> None:
    """Make .venv hold what a lock of the checkout says; does nothing when it already does.

    Raises Refusal when the environment cannot be made.
    """
    wanted = digest(ROOT / BUILD, ROOT / lock)
    if _alive() and _recorded().get(lock) == wanted:
        say("Python 环境已就绪")
        return
    if not _alive():
        say("建立 Python 环境 .venv")
        run([sys.executable, "-m", "venv", "--clear", VENV], failing="建立 .venv 失败")
    record = _recorded()
    _RECORD.unlink(missing_ok=True)
    say(f"按 {lock} 安装依赖(逐个核对哈希)")
    install(ROOT / BUILD)
    # The build tools come from a lock as well: an isolated build would fetch them unchecked.
    install(ROOT / lock, "--no-build-isolation", "--use-pep517")
    _RECORD.write_text(json.dumps({**record, "python": sys.version, lock: wanted}), encoding="utf-8")


def install(lock: Path, *options: str) -> None:
    """Install a lock with pip; raises Refusal when a package or its hash is not to be had."""
    words = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", *options]
    run([*words, "-r", lock], failing="安装依赖失败")


def _alive() -> bool:
    """Whether .venv has a pip that runs: an interrupted set-up or an upgraded Python leaves one that does not."""
    if not PYTHON.exists():
        return False
    if _recorded().get("python") == sys.version:
        return True
    return not subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False).returncode


def _recorded() -> dict[str, str]:
    return json.loads(_RECORD.read_text(encoding="utf-8")) if _RECORD.exists() else {}
