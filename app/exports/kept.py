"""Finished files: sealed part by part while they are written, whole only when the job says so, gone after a day."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from app import files, job_rows, storage
from app.job_rows import Job
from app.storage import Shelf
from permissions import transaction
from permissions.actions import Action
from tenants import clock
from tenants.db import db

KINDS = (Action.CADRE_EXPORT.value, Action.RECORD_EXPORT.value)
KEPT = timedelta(hours=24)
REMEMBERED = timedelta(days=7)
_ORPHANED = timedelta(days=1)
PART = 4 * 1024 * 1024


def shelf() -> Shelf:
    """Where finished exports lie; every host reaches it."""
    return storage.shelf("exports")


def _context(job_id: str, place: int) -> str:
    return f"exports.{job_id}.{place}"


class Parts:
    """A stream that keeps what is written in sealed parts. Nobody can name them before the job has ended well."""

    def __init__(self, job_id: str) -> None:
        self.names: list[str] = []
        self.size = 0
        self._job_id, self._shelf, self._held = job_id, shelf(), bytearray()

    def write(self, data: bytes, /) -> int:
        self._held += data
        self.size += len(data)
        while len(self._held) >= PART:
            self._put(bytes(self._held[:PART]))
            del self._held[:PART]
        return len(data)

    def flush(self) -> None:
        """There is nothing to wait for."""

    def close(self) -> None:
        """Keep what is left."""
        if self._held:
            self._put(bytes(self._held))
            self._held.clear()

    def discard(self) -> None:
        """Take everything away again."""
        self._held.clear()
        for name in self.names:
            files.remove(name, self._shelf)
        self.names.clear()

    def _put(self, part: bytes) -> None:
        self.names.append(files.save(part, self._shelf, context=_context(self._job_id, len(self.names))))


def read(job_id: str, names: Sequence[str]) -> Iterator[bytes]:
    """The file part by part; the first is opened at once. Raises FileNotFoundError when it was cleared away."""
    place = shelf()
    first = files.load(names[0], place, _context(job_id, 0))

    def parts() -> Iterator[bytes]:
        yield first
        for number, name in enumerate(names[1:], start=1):
            yield files.load(name, place, _context(job_id, number))

    return parts()


def expires_at(job: Job) -> datetime | None:
    """Until when the file of a finished export may be fetched."""
    return job.finished_at + KEPT if job.state == "done" and job.finished_at is not None else None


def is_expired(job: Job) -> bool:
    """Whether the file's time is over, cleared away already or not."""
    until = expires_at(job)
    return until is not None and (clock.now() >= until or not (job.result or {}).get("_parts"))


def _parts_of(result: Mapping[str, Any] | None) -> list[str]:
    return list((result or {}).get("_parts") or ())


def clear_away() -> int:
    """Delete files whose time is over or that no job names, and forget old jobs; returns how many files went."""
    now = clock.now()
    with transaction.act("worker"):
        gone: set[str] = set()
        for job in [each for kind in KINDS for each in job_rows.older_than(kind, now - KEPT)]:
            if is_expired(job):
                gone |= set(_parts_of(job.result))
                job.result = (job.result or {}) | {"_parts": []}
            if job.created_at < now - REMEMBERED:
                db.session.delete(job)
        db.session.flush()
        needed = {name for kind in KINDS for job in job_rows.of_kind(kind) for name in _parts_of(job.result)}
    oldest, removed, place = (now - _ORPHANED).timestamp(), 0, shelf()
    for name, written in list(place.names()):
        if name not in needed and (name in gone or written < oldest) and place.remove(name):
            removed += 1
    return removed
