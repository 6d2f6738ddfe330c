"""Statements sent past the driver's cursors: the same rows, whatever has dropped what a connection had prepared."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import DBAPIError

from tenants import row_security, wire
from tenants.db import begin_read, begin_write, db, end_read, send
from tenants.fields import Instant
from tenants.models import Unit
from tenants.prepared import Prepared, together
from tenants.scope import Scope

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
ALL = Scope.everything("a test looks at everybody")
NAMES = Prepared(lambda within: select(Unit.name).where(within(Unit)).order_by(Unit.number))
EVERY_KIND = Prepared(lambda within: select(
    Unit.number % 7, bindparam("text", type_=sa.String), bindparam("day", type_=sa.Date),
    bindparam("moment", type_=sa.DateTime(timezone=True)), bindparam("nothing", type_=sa.Integer),
    bindparam("text", type_=sa.String)).where(within(Unit), sa.true() == bindparam("yes", type_=sa.Boolean)))

MOMENT = Prepared(lambda within: select(Unit.name).where(within(Unit), bindparam("moment", type_=Instant) > func.now()))


def names():
    return [name for (name,) in NAMES.rows(ALL)]


def ours():
    """How many statements of ours the connection has."""
    texts = db.session.connection().exec_driver_sql("SELECT name FROM pg_prepared_statements").scalars().all()
    return sum(text.startswith("yl_") for text in texts)


def drop_by_rollback():
    """psycopg drops every prepared statement at a rollback when it has one itself."""
    for _each in range(8):
        db.session.execute(select(func.count()).select_from(sa.table("tree_state")))
    db.session.rollback()


def drop_by_savepoint():
    with db.session.begin_nested() as nested:
        for _each in range(8):
            db.session.execute(select(func.count()).select_from(sa.table("tree_state")))
        nested.rollback()


def drop_by_a_change_of_tables():
    db.session.rollback()
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in ("CREATE TEMPORARY TABLE gone (one int)", "DEALLOCATE ALL", "DROP TABLE gone"):
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize("drop", [drop_by_rollback, drop_by_savepoint, drop_by_a_change_of_tables])
def test_what_was_dropped_is_prepared_again(world, drop):
    with world.app.app_context():
        before = names()
        assert len(before) == len(world.units)
        drop()
        assert names() == before
        end_read()
        assert names() == before
        db.session.rollback()


def test_names_kept_too_long_are_an_error_once(world, monkeypatch):
    """Planted: nobody tells that psycopg has dropped the statements."""
    monkeypatch.setattr(wire, "_NAMES", "names that no event forgets")
    with world.app.app_context():
        names()
        kept = dict(db.session.connection().info[wire._NAMES])
        drop_by_rollback()
        db.session.connection().info[wire._NAMES] = kept
        with pytest.raises(DBAPIError):
            names()
        db.session.rollback()
        assert len(names()) == len(world.units)
        db.session.rollback()


def test_a_connection_keeps_a_bounded_number(world, monkeypatch):
    monkeypatch.setattr(wire, "MOST", 3)
    with world.app.app_context():
        for each in range(8):
            Prepared(lambda within, value=each: select(Unit.id, sa.literal(value)).where(within(Unit))).rows(ALL)
        assert ours() <= 3
        db.session.rollback()


def test_values_and_columns_are_what_the_driver_makes_of_them(world, monkeypatch):
    values = {"text": "百分之五 5% 'x' $1", "day": date(2026, 6, 10), "moment": datetime(2026, 6, 10, 9, tzinfo=UTC),
              "yes": True, "nothing": None}
    with world.app.app_context():
        quick = EVERY_KIND.rows(ALL, **values)
        monkeypatch.setattr(wire, "bare", lambda _connection: None)
        assert quick == EVERY_KIND.rows(ALL, **values)
        assert [type(each) for each in quick[0]] == [int, str, date, datetime, type(None), str]
        db.session.rollback()


def test_a_reader_has_one_snapshot_and_the_role_that_owns_nothing(world):
    with world.app.app_context():
        begin_read()
        names()
        asked = "SELECT current_setting('transaction_isolation'), current_user, current_setting('yinling.scope')"
        assert send(db.session.connection(), asked, None) == [
            ("repeatable read", row_security.ROLE, row_security.EVERYTHING)]
        end_read()
        assert send(db.session.connection(), "SELECT current_setting('yinling.scope', true)", None)[0][0] in (None, "")
        db.session.rollback()


def test_a_lost_connection_is_found_before_it_is_used(world):
    with world.app.app_context():
        names()
        pid = db.session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        db.session.rollback()
        other = sa.create_engine(db.engine.url, poolclass=sa.NullPool)
        with other.connect() as connection:
            connection.exec_driver_sql("SELECT pg_terminate_backend(%s, 300000)", (pid,))
        assert len(names()) == len(world.units)
        db.session.rollback()


def test_a_connection_lost_on_the_way_is_thrown_away(world):
    with world.app.app_context():
        names()
        pid = db.session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        other = sa.create_engine(db.engine.url, poolclass=sa.NullPool)
        with other.connect() as connection:
            connection.exec_driver_sql("SELECT pg_terminate_backend(%s, 300000)", (pid,))
        with pytest.raises(DBAPIError) as refused:
            names()
        assert refused.value.connection_invalidated
        db.session.rollback()
        assert len(names()) == len(world.units)
        db.session.rollback()


def test_a_statement_that_fails_on_the_way_with_its_scope_leaves_the_connection_whole(world):
    """What failed was sent together with the scope: both are told again, and nothing is left in the pipe."""
    broken = Prepared(lambda within: select(sa.literal(1) // (Unit.number - Unit.number)).where(within(Unit)))
    with world.app.app_context():
        for _each in range(2):  # the second time it goes in a pipeline
            with pytest.raises(DBAPIError, match="division by zero"):
                broken.rows(ALL)
            db.session.rollback()
            assert len(names()) == len(world.units)
            db.session.rollback()


def test_a_value_that_cannot_be_sent_leaves_no_scope_that_was_never_told(world):
    """Planted by a naive moment: the scope was promised, and the statement that carried it never went."""
    here = Scope.of([(1, 1)])
    with world.app.app_context():
        names()
        with pytest.raises(ValueError, match="time zone"):
            MOMENT.rows(here, moment=datetime(2026, 6, 10, 9))  # noqa: DTZ001
        assert NAMES.rows(here) == []
        assert send(db.session.connection(), "SELECT current_setting('yinling.scope')", None) == [
            (row_security.as_multirange(here),)]
        db.session.rollback()


def test_begin_scope_and_statement_are_one_way(world, monkeypatch):
    ways = []
    kept = wire._at_once
    monkeypatch.setattr(wire, "_at_once", lambda connection, raw, begin, sent: (
        ways.append((begin, [each.name for each in sent])), kept(connection, raw, begin, sent))[1])
    with world.app.app_context():
        names()
        end_read()
        names()
        end_read()
    assert [(begin[:5], sent[0], len(sent)) for begin, sent in ways][-1] == (b"BEGIN", b"yl_role", 2)


def test_the_end_of_a_read_is_not_waited_for_and_nothing_of_it_stays(world):
    """The connection goes back with a ROLLBACK on its way; whoever takes it next finds it free and its names kept."""
    begun = "SELECT txid_current_if_assigned(), current_setting('transaction_isolation'), current_user <> session_user"
    with world.app.app_context():
        names()
        end_read()  # the names are there now
        begin_read()
        names()
        raw = db.session.connection().connection.dbapi_connection
        end_read()
        assert raw.pgconn.transaction_status == TransactionStatus.ACTIVE
        begin_write()
        assert db.session.connection().connection.dbapi_connection is raw
        assert raw.pgconn.transaction_status == TransactionStatus.IDLE
        assert send(db.session.connection(), begun, None) == [(None, "read committed", False)]
        assert ours()
        db.session.rollback()


def test_a_connection_lost_after_a_read_is_found_before_it_is_used(world, monkeypatch):
    """Where the answer to the ROLLBACK came and then the end; without the look at the socket the next one fails."""
    monkeypatch.setattr(wire, "_JUST_NOW", 0.0)
    with world.app.app_context():
        names()
        pid = db.session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        end_read()
        other = sa.create_engine(db.engine.url, poolclass=sa.NullPool)
        with other.connect() as connection:
            connection.exec_driver_sql("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        assert len(names()) == len(world.units)
        db.session.rollback()


def test_statements_sent_together_answer_as_one_by_one(world, monkeypatch):
    values = {"text": "x", "day": date(2026, 6, 10), "moment": datetime(2026, 6, 10, 9, tzinfo=UTC), "yes": True,
              "nothing": None}
    asked = [(NAMES, (), {}), (EVERY_KIND, (), values), (NAMES, (), {})]
    with world.app.app_context():
        quick = [together(ALL, *((each, shape, dict(told)) for each, shape, told in asked)) for _twice in range(2)]
        monkeypatch.setattr(wire, "bare", lambda _connection: None)
        slow = together(ALL, *asked)
        assert quick == [slow, slow]
        assert [len(each) for each in slow] == [len(world.units)] * 3
        assert together(Scope(), *asked) == [[], [], []]
        db.session.rollback()


def test_one_that_fails_among_several_is_the_error_and_the_connection_is_whole(world):
    broken = Prepared(lambda within: select(sa.literal(1) // (Unit.number - Unit.number)).where(within(Unit)))
    with world.app.app_context():
        for _each in range(2):
            with pytest.raises(DBAPIError, match="division by zero"):
                together(ALL, (NAMES, (), {}), (broken, (), {}), (NAMES, (), {}))
            db.session.rollback()
            assert len(names()) == len(world.units)
            db.session.rollback()
