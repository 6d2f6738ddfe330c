"""A reader's statements see one moment, whatever is committed between them; a writer sees the latest."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from tenants import db as handle
from tenants.db import begin_read, begin_write, db
from tenants.models import TreeState

VERSION = sa.select(TreeState.version)


def _raised_elsewhere() -> None:
    """Somebody else changes the tree and commits."""
    with Session(db.engine) as other:
        other.connection(execution_options={handle.WRITES: True})
        other.execute(sa.update(TreeState).values(version=TreeState.version + 1))
        other.commit()


def _seen(begin: Callable[[], None]) -> tuple[int, int]:
    """The tree's version before and after somebody else's commit, in one transaction."""
    begin()
    before = db.session.execute(VERSION).scalar_one()
    _raised_elsewhere()
    return before, db.session.execute(VERSION).scalar_one()


def test_a_reader_stays_at_his_moment(app: Flask) -> None:
    with app.app_context():
        before, after = _seen(begin_read)
        assert before == after
        begin_read()
        assert db.session.execute(VERSION).scalar_one() == before + 1


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_reader_without_a_snapshot_would_mix(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handle, "READS", "something else")
    with app.app_context():
        before, after = _seen(db.session.rollback)
        assert after == before + 1


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_a_writer_on_the_same_connection_sees_the_latest(app: Flask) -> None:
    with app.app_context():
        before, _same = _seen(begin_read)
        begin_write()
        assert db.session.execute(VERSION).scalar_one() == before + 1
        level = db.session.execute(sa.select(sa.func.current_setting("transaction_isolation"))).scalar_one()
        assert level == "read committed"
        assert db.engine.pool.checkedout() == 1, "the one connection, used again"
