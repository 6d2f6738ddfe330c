"""Statements compiled once: only under a scope, the same rows as any other way, and kept by the database too."""

import pytest
from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import DBAPIError

from permissions.accounts import Account
from tenants import tree
from tenants.db import db, end_read
from tenants.errors import UnscopedQuery
from tenants.models import Unit
from tenants.prepared import Prepared
from tenants.scope import NOTHING, Scope

ALL = Scope.everything("a test looks at everybody")
NAMES = Prepared(lambda within: select(Unit.name).where(within(Unit)).order_by(Unit.number))


def names(scope: Scope) -> list[str]:
    return [name for (name,) in NAMES.rows(scope)]


def test_the_rows_are_those_of_the_scope(world):
    with world.app.app_context():
        for name in ("江苏", "盐城", "射阳", "合德镇"):
            scope = tree.below(tree.unit_by_id(world.units[name], ALL))
            plain = db.session.execute(scope.select(Unit, Unit.name).order_by(Unit.number)).scalars().all()
            assert names(scope) == list(plain)
            one = tree.here(tree.unit_by_id(world.units[name], ALL))
            assert len(names(one)) == 1
        several = Scope.of([(world.numbers["东台"],) * 2, (world.numbers["海安"],) * 2])
        assert len(names(several)) == 2
        assert names(NOTHING) == []
        assert len(names(ALL)) == len(world.units)


def test_a_template_without_its_scopes_filter_is_refused(world):
    loose = Prepared(lambda within: select(Unit.name))
    with world.app.app_context():
        scope = tree.here(tree.unit_by_id(world.units["射阳"], ALL))
        with pytest.raises(UnscopedQuery):
            loose.rows(scope)


def test_what_was_just_added_is_found(world):
    """A pending row is written before a prepared statement reads, as before any other."""
    named = Prepared(lambda within: select(Account.name).where(within(Account), Account.id == bindparam("wanted")))
    with world.app.app_context():
        account = db.session.execute(ALL.select(Account).where(Account.id == world.accounts["clerk"])).scalar_one()
        account.name = "改名"
        assert named.rows(ALL, wanted=account.id) == [("改名",)]
        db.session.rollback()


def test_what_the_database_refuses_is_an_error_like_any_other(world, engine_name):
    wrong = Prepared(lambda within: select(func.no_such_function(bindparam("value"))).where(within(Unit)))
    with world.app.app_context():
        with pytest.raises(DBAPIError) as refused:
            wrong.rows(ALL, value="秘密")
        assert "秘密" not in str(refused.value)
        db.session.rollback()
        assert len(names(ALL)) == len(world.units)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("end", "kept"), [(end_read, True), (lambda: db.session.rollback(), False)])
def test_a_read_leaves_the_connection_its_prepared_statements(world, end, kept):
    """The second is what psycopg's own rollback does: it drops them, and each request would plan everything anew."""
    with world.app.app_context():
        names(ALL)
        for _each in range(8):
            db.session.execute(ALL.select(Unit, Unit.name))
        end()
        held = db.session.connection().exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar_one()
        db.session.rollback()
    assert bool(held) is kept


def test_a_read_leaves_nothing(world):
    with world.app.app_context():
        unit = tree.unit_by_id(world.units["射阳"], ALL)
        db.session.execute(ALL.update(Unit).where(Unit.id == unit.id).values(name="别名"))
        end_read()
        assert tree.unit_by_id(world.units["射阳"], ALL).name == "射阳"
        db.session.rollback()
