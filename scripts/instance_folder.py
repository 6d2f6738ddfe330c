"""The instance folder of a served system: its secrets, its database and whether that is the demonstration."""

import base64
import fcntl
import hashlib
import json
import os
import secrets
import subprocess
from pathlib import Path
from typing import IO

from checkout import PYTHON, ROOT, Refusal

SECRETS = "secrets.env"
ACCOUNTS = "demo_accounts.json"
_MARK = "demo"
_LOCK = "server.lock"
# The default of app/config.py.
_DATABASE = "yinling.db"


class Instance:
    """The folder of one system and the database that goes with it."""

    def __init__(self, environment: dict[str, str]) -> None:
        """Read the settings that say where things are; an empty setting counts as none."""
        self.folder = Path(environment.get("YINLING_INSTANCE") or ROOT / "instance").resolve()
        self.database = _anchored(environment.get("YINLING_DATABASE_URL") or f"sqlite:///{self.folder / _DATABASE}")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def alone(self) -> IO[str]:
        """Hold the folder for one server; keep the answer open. Raises Refusal when another holds it."""
        held = (self.folder / _LOCK).open("a", encoding="utf-8")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            held.close()
            raise Refusal(f"已有一个 scripts/server 在用 {self.folder}。") from error
        return held

    def is_empty(self) -> bool:
        """Whether the database has no table yet. Raises Refusal when it cannot be reached."""
        words = [PYTHON, ROOT / "scripts" / "database_tables.py"]
        env = {**os.environ, "YINLING_DATABASE_URL": self.database}
        told = subprocess.run(words, capture_output=True, text=True, check=False, env=env)
        if told.returncode:
            raise Refusal(f"连不上数据库:{told.stderr.strip()}")
        return int(told.stdout) == 0

    def secrets(self, environment: dict[str, str], *, may_make: bool) -> dict[str, str]:
        """The two secrets: from the environment, else from the folder, else made there (0600).

        Raises Refusal instead of making new ones beside data that the old ones encrypted.
        """
        names = ("YINLING_SECRET_KEY", "YINLING_FIELD_KEYS")
        if all(environment.get(name) for name in names):
            return {name: environment[name] for name in names}
        file = self.folder / SECRETS
        if not file.exists():
            if not may_make:
                raise Refusal(f"数据库里已有数据,却找不到密钥 {file}。请从备份恢复,新密钥解不开旧数据。")
            _write_privately(file, _fresh())
        lines = file.read_text(encoding="utf-8").split()
        kept = dict(line.split("=", 1) for line in lines)
        return {name: environment.get(name) or kept[name] for name in names}

    def demo_state(self) -> str | None:
        """`loading`, `loaded`, or None when this database is not the demonstration."""
        mark = self.folder / _MARK
        if not mark.exists():
            return None
        told = json.loads(mark.read_text(encoding="utf-8"))
        # A folder that once held a demonstration must not turn a later, real database into one.
        return str(told["state"]) if told["database"] == self._fingerprint() else None

    def mark_demo(self, state: str) -> None:
        """Remember that this database holds the demonstration, or is about to."""
        told = json.dumps({"state": state, "database": self._fingerprint()})
        (self.folder / _MARK).write_text(told, encoding="utf-8")

    def drop_half_loaded(self) -> None:
        """Remove a demonstration whose loading was interrupted. Raises Refusal for a database server."""
        file = self.database.removeprefix("sqlite:///")
        if file == self.database:
            raise Refusal("上次装入演示数据时中断了。请清空这个数据库后重试。")
        for suffix in ("", "-wal", "-shm"):
            Path(file + suffix).unlink(missing_ok=True)

    def _fingerprint(self) -> str:
        # The URL may hold a password, so only its sum is written down.
        return hashlib.sha256(self.database.encode()).hexdigest()


def _anchored(url: str) -> str:
    """A relative SQLite file counts from where the command was given, for every process alike."""
    file = url.removeprefix("sqlite:///")
    return url if file == url else f"sqlite:///{Path(file).absolute()}"


def _fresh() -> str:
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    return f"YINLING_SECRET_KEY={secrets.token_urlsafe(48)}\nYINLING_FIELD_KEYS=k1:{key}\n"


def _write_privately(file: Path, text: str) -> None:
    # Complete or not there at all: half a key file would pass for a key.
    partial = file.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    partial.rename(file)
