"""A reader's connection without the session's bookkeeping: one snapshot, both locks, and given back by every end."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from app.people.model import Cadre
from tenants import inserting, row_security, tree
from tenants.db import begin_read, begin_write, db, end_read
from tenants.models import TreeState, Unit
from tenants.prepared import Prepared
from tenants.scope import Scope
from tenants.session import LENT, Session
from world import World

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
ALL = Scope.everything("a test looks at every unit")
VERSION = sa.select(TreeState.version)
FILES = Prepared(lambda within: sa.select(Cadre.id).where(within(Cadre)))
TOLD = Prepared(lambda _within: sa.select(
    sa.func.current_user(), sa.func.current_setting("yinling.scope", True),
    sa.func.current_setting("transaction_isolation"), sa.func.pg_backend_pid()))


def told() -> tuple[str, str, str, int]:
    """Role, scope, level and process of this transaction, asked as a view asks."""
    [row] = TOLD.rows(ALL)
    role, scope, level, pid = row
    return role, scope, level, pid


def checked_out() -> int:
    pool = db.engine.pool
    return int(pool.checkedout())  # type: ignore[attr-defined]


def raised_elsewhere() -> None:
    """Somebody else changes the tree and commits."""
    with sa.orm.Session(db.engine) as other:
        other.execute(sa.update(TreeState).values(version=TreeState.version + 1))
        other.commit()


def test_a_reader_is_lent_a_connection_and_no_unit_of_work(world: World) -> None:
    with world.app.app_context():
        begin_read()
        assert told()[:3] == ("yinling_app", "{(,)}", "repeatable read")
        assert not db.session().in_transaction()
        assert checked_out() == 1
        end_read()
        assert checked_out() == 0
        assert LENT not in db.session().info


def test_nobody_else_is_lent_one(world: World) -> None:
    with world.app.app_context():
        for begin in (begin_write, db.session.rollback):
            begin()
            assert told()[2] == "read committed"
            assert db.session().in_transaction()
            assert LENT not in db.session().info


@pytest.mark.parametrize("mapped_first", [False, True])
def test_mapped_and_compiled_statements_of_a_reader_are_of_one_moment(world: World, mapped_first: bool) -> None:
    with world.app.app_context():
        begin_read()
        if mapped_first:
            db.session.execute(ALL.select(Unit)).all()
        pid = told()[3]
        assert (LENT in db.session().info) is not mapped_first
        before = db.session.execute(VERSION).scalar_one()
        raised_elsewhere()
        assert db.session.execute(VERSION).scalar_one() == before
        assert (told()[2:], checked_out()) == (("repeatable read", pid), 1)
        end_read()
        begin_read()
        assert db.session.execute(VERSION).scalar_one() == before + 1


def test_a_mapped_statement_that_joins_is_under_its_own_scope(world: World) -> None:
    with world.app.app_context():
        begin_read()
        county = tree.unit_by_id(world.units["射阳"], ALL)
        everybody = len(FILES.rows(ALL))
        here = tree.here(county)
        assert FILES.rows(here) == [(each,) for each in db.session.execute(here.select(Cadre, Cadre.id)).scalars()]
        assert 0 < len(FILES.rows(here)) < everybody
        unscoped = db.session.connection().execute(sa.select(sa.func.count()).select_from(Cadre.__table__)).scalar_one()
        assert unscoped == len(FILES.rows(here)), "the second lock is told what the first is"


ENDS: dict[str, Callable[[], None]] = {
    "read": end_read, "rollback": lambda: db.session.rollback(), "commit": lambda: db.session.commit(),
    "close": lambda: db.session.close(), "remove": lambda: db.session.remove(), "another": begin_read,
    "write": lambda: (begin_write(), db.session.rollback())[1],
}


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("end", ENDS)
def test_every_end_gives_it_back_with_nothing_told(world: World, end: str, joined: bool) -> None:
    with world.app.app_context():
        begin_read()
        told()
        if joined:
            db.session.execute(VERSION).all()
        ENDS[end]()
        assert checked_out() == 0
        with db.engine.connect() as next_one:
            kept = next_one.exec_driver_sql(
                "SELECT current_user = session_user, current_setting('yinling.scope', true)").one()
        assert kept == (True, "")
        begin_read()
        assert told()[:2] == ("yinling_app", "{(,)}")


@pytest.mark.parametrize("scoped", [False, True])
@pytest.mark.parametrize("end", ["rollback", "commit", "close", "reset", "remove"])
def test_what_a_writer_was_told_is_over_for_the_reader_after_him(world: World, end: str, scoped: bool) -> None:
    with world.app.app_context():
        begin_write()
        if scoped:
            told()
        else:
            db.session.execute(VERSION).all()
        getattr(db.session, end)()
        begin_read()
        assert told()[:2] == ("yinling_app", "{(,)}")
        assert LENT in db.session().info


def test_a_reader_does_not_write(world: World) -> None:
    with world.app.app_context():
        begin_read()
        told()
        with pytest.raises(RuntimeError, match="a reader writes"), inserting.gathered():
            inserting.put(Unit, {"id": "x"})


def test_a_statement_that_names_another_database_goes_there(world: World) -> None:
    with world.app.app_context():
        begin_read()
        told()
        elsewhere = sa.create_engine(db.engine.url)
        assert db.session().get_bind(bind=elsewhere) is elsewhere
        assert db.session().get_bind() is db.session().info[LENT]


def test_what_was_told_is_not_taken_for_told_to_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the memory of what was told outlives the transaction; the second lock is then not told anything."""
    lend = Session._lend

    def remembering(self: Session, engine: sa.Engine) -> sa.Connection:
        kept = self.info.get(row_security.TOLD)
        connection = lend(self, engine)
        self.info[row_security.TOLD] = kept if kept is not None else {}
        return connection

    monkeypatch.setattr(Session, "_lend", remembering)
    monkeypatch.setattr(Session, "_give_back", lambda self: self.info.pop(LENT).close() if LENT in self.info else None)
    with world.app.app_context():
        begin_read()
        told()
        end_read()
        begin_read()
        assert told()[0] == "postgres", "the check above would see it"


def test_a_lost_connection_is_given_back_too(world: World) -> None:
    with world.app.app_context():
        begin_read()
        pid = told()[3]
        with db.engine.connect() as other:
            other.exec_driver_sql("SELECT pg_terminate_backend(%s, 5000)", (pid,))
            other.commit()
        with pytest.raises(sa.exc.DBAPIError):
            told()
        for ask in (told, lambda: db.session.execute(VERSION)):
            with pytest.raises(sa.exc.PendingRollbackError):
                ask()
        end_read()
        assert checked_out() == 0
        begin_read()
        assert told()[0] == "yinling_app"
