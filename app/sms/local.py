"""Ways out that need no network: JSON lines in a file for trials, and a dry run that sends nothing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.sms.provider import Answer, Outgoing


@dataclass(frozen=True)
class ToFile:
    """JSON lines, readable by the owner only."""

    path: Path
    name: str = "file"
    at_once: int = 50

    def send(self, messages: Sequence[Outgoing]) -> list[Answer]:
        if not self.path.exists():
            self.path.touch(mode=0o600)
        lines = [{"id": each.key, "at": each.at, "to": each.to, "template": each.template,
                  "template_version": each.version, "params": dict(each.params), "text": each.text}
                 for each in messages]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        # One write: two workers that share the file must not cut into each other's lines.
        with self.path.open("ab", buffering=0) as out:
            out.write(text.encode())
        return [Answer.accepted for _each in messages]

    def receipts(self, keys: Sequence[str]) -> dict[str, bool]:
        return {}


@dataclass(frozen=True)
class DryRun:
    """Nothing leaves the house; messages count as sent, so that everything else can be tried."""

    name: str = "dry"
    at_once: int = 50

    def send(self, messages: Sequence[Outgoing]) -> list[Answer]:
        return [Answer.accepted for _each in messages]

    def receipts(self, keys: Sequence[str]) -> dict[str, bool]:
        return {}
