"""A session beside the job's own, in which everything read is of one moment, however long it takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from tenants.db import READS, db
from tenants.row_security import PATIENCE


class Snapshot:
    """Reads of one moment; between two of them the job's own session writes how far it is."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Within, `db.session` is the snapshot's."""
        registry: Any = db.session.registry
        own = registry()
        registry.set(self._session)
        try:
            yield
        finally:
            registry.set(own)


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """Open one, and let it go at the end; nothing is ever written through it."""
    session = Session(bind=db.engine, autoflush=False, expire_on_commit=False)
    session.info[READS] = True
    session.info[PATIENCE] = int(1000 * current_app.config["SETTINGS"].job_seconds)
    try:
        yield Snapshot(session)
    finally:
        session.close()
