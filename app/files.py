"""Files at rest: every one encrypted, under a random name, readable through the key ring only."""

import os
import re
import secrets
from pathlib import Path

from tenants.keys import ring

_NAME = re.compile(r"[A-Za-z0-9_-]{22}\Z")


class BadFileName(ValueError):
    """The name is not one that `save` gives out (and so may point anywhere)."""


def save(data: bytes, *, folder: Path, context: str) -> str:
    """Encrypt and store `data`, return its random 22-character name.

    `context` says whose file it is (table and row); with the name it is bound to the
    content, so that a file swapped for another does not open. The folder is made if
    needed (0700), the file is 0600 and appears whole or not at all; a `.part` left behind
    by a crash is nobody's and may be deleted. Raises KeyRingError without a key ring, and
    OSError when the disk refuses; plain bytes never reach it.
    """
    name = secrets.token_urlsafe(16)
    sealed = ring().seal(data, _bound(context, name))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = folder / f"{name}.part"
    try:
        _write(part, sealed)
        os.replace(part, folder / name)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync(folder)
    return name


def load(name: str, folder: Path, context: str) -> bytes:
    """Return the content saved under this name and context.

    Raises BadFileName, FileNotFoundError, UnknownKey, or BadCiphertext when the file was
    altered, cut short or belongs to another context. Symbolic links are not followed.
    """
    path = _path(name, folder)
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        sealed = file.read()
    return ring().unseal(sealed, _bound(context, name))


def remove(name: str, folder: Path) -> bool:
    """Delete the file; say whether it was there. Raises BadFileName."""
    try:
        _path(name, folder).unlink()
    except FileNotFoundError:
        return False
    return True


def _bound(context: str, name: str) -> str:
    return f"file\0{context}\0{name}"


def _path(name: str, folder: Path) -> Path:
    if not isinstance(name, str) or not _NAME.match(name):
        raise BadFileName("a stored file is named by 22 URL-safe characters")
    return folder / name


def _write(path: Path, sealed: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
