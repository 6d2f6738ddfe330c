"""Files at rest: every one encrypted, under a random name, readable through the key ring only."""

import re
import secrets

from app.storage import Shelf
from tenants.keys import ring

_NAME = re.compile(r"[A-Za-z0-9_-]{22}\Z")


class BadFileName(ValueError):
    """The name is not one that `save` gives out (and so may point anywhere)."""


def save(data: bytes, shelf: Shelf, *, context: str) -> str:
    """Encrypt and store `data`, return its random 22-character name.

    `context` says whose file it is (table and row); with the name it is bound to the
    content, so that a file swapped for another does not open. It appears whole or not at
    all. Raises KeyRingError without a key ring, and OSError when the shelf refuses; plain
    bytes never reach it.
    """
    name = secrets.token_urlsafe(16)
    shelf.put(name, ring().seal(data, _bound(context, name)))
    return name


def load(name: str, shelf: Shelf, context: str) -> bytes:
    """Return the content saved under this name and context.

    Raises BadFileName, FileNotFoundError, UnknownKey, or BadCiphertext when the file was
    altered, cut short or belongs to another context; OSError when the shelf is out of reach.
    """
    return ring().unseal(shelf.get(_checked(name)), _bound(context, name))


def remove(name: str, shelf: Shelf) -> bool:
    """Delete the file; say whether it was there. Raises BadFileName."""
    return shelf.remove(_checked(name))


def _bound(context: str, name: str) -> str:
    return f"file\0{context}\0{name}"


def _checked(name: str) -> str:
    if not isinstance(name, str) or not _NAME.match(name):
        raise BadFileName("a stored file is named by 22 URL-safe characters")
    return name
