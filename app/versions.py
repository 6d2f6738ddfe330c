"""Optimistic locking over HTTP: the version a caller saw against the one there is."""

from typing import Any

from tenants.errors import Stale


def check_version(record: Any, wanted: str | None) -> None:
    """Raise Stale when `If-Match` names another version."""
    if wanted is not None and wanted.strip().removeprefix("W/").strip('"') != str(record.version):
        raise Stale
