"""The listener: whatever its shape, a statement on tenant data without a scope is refused; a marked one runs."""

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import delete, event, exists, func, insert, literal, select, union, update
from sqlalchemy.orm import ORMExecuteState, Session, aliased, sessionmaker, with_polymorphic
from werkzeug.exceptions import HTTPException

from app import registry
from app.api.idempotency import KeptAnswer
from app.people.model import Cadre
from app.records.model import Record, RecordPerson
from permissions.accounts import Account, LoginSession
from permissions.audit import AuditEntry, AuditSeal
from tenants import scope as scoping
from tenants.db import Base, db
from tenants.errors import UnscopedQuery
from tenants.models import TreeState, Unit
from tenants.scope import Scope, UnitOwned, guarded_tables

WHOLE = Scope.everything("a test of the listener")
ALIAS = aliased(Cadre)
CADRES = Cadre.__table__


def visits() -> Any:
    """The record class of a module: a table joined to `records` by inheritance."""
    return registry.module("visits").record


# Every shape of statement that reads or writes a guarded table, built without a scope.
STATEMENTS: dict[str, Callable[[], Any]] = {
    "entity": lambda: select(Cadre),
    "unit": lambda: select(Unit),
    "column": lambda: select(Cadre.name),
    "two entities": lambda: select(LoginSession, Account).join(Account, Account.id == LoginSession.account_id),
    "count": lambda: select(func.count()).select_from(Cadre),
    "count of a column": lambda: select(func.count(Cadre.id)),
    "where only": lambda: select(LoginSession.id).where(LoginSession.account_id == Account.id),
    "join": lambda: select(LoginSession.id).join(Account, Account.id == LoginSession.account_id),
    "outer join": lambda: select(AuditSeal.seq).outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id),
    "exists": lambda: select(literal(1)).where(exists().where(Cadre.life_status == "living")),
    "bare exists": lambda: select(exists().where(Cadre.id.is_not(None))),
    "in subquery": lambda: select(LoginSession.id).where(LoginSession.account_id.in_(select(Account.id))),
    "subquery": lambda: select(select(Cadre.id).subquery()),
    "count of a subquery": lambda: select(func.count()).select_from(select(Cadre.id).subquery()),
    "scalar subquery": lambda: select(select(func.count(Cadre.id)).scalar_subquery()),
    "scalar subquery in an order": lambda: select(TreeState.id).order_by(
        select(func.max(Cadre.id)).scalar_subquery()),
    "cte": lambda: select(select(Cadre.id).cte("found")),
    "recursive cte": lambda: select(_recursive()),
    "lateral": lambda: select(TreeState.id).join(select(Cadre.name).limit(1).lateral("one"), literal(1) == 1),
    "union": lambda: union(select(Cadre.id), select(Account.id)),
    "entity from a union": lambda: select(Cadre).from_statement(union(select(Cadre), select(Cadre))),
    "entity from text": lambda: select(Cadre).from_statement(sa.text("SELECT * FROM cadres")),
    "window": lambda: select(func.row_number().over(order_by=Cadre.name)),
    "case": lambda: select(sa.case((Cadre.sex == "1", 1), else_=0)),
    "aggregate filter": lambda: select(func.count(Record.id).filter(Record.deleted_at.is_(None))),
    "aliased": lambda: select(ALIAS),
    "aliased column": lambda: select(ALIAS.name).where(ALIAS.sex == "1"),
    "aliased table": lambda: select(CADRES.alias("c")),
    "core table": lambda: select(CADRES),
    "core column": lambda: select(CADRES.c.name),
    "lightweight table": lambda: select(sa.column("name")).select_from(sa.table("cadres")),
    "lightweight column": lambda: select(sa.table("cadres", sa.column("name")).c.name),
    "table of other metadata": lambda: select(sa.Table("cadres", sa.MetaData(), sa.Column("id", sa.String())).c.id),
    "child table of a module": lambda: select(visits().__table__),
    "child entity": lambda: select(visits()),
    "polymorphic": lambda: select(with_polymorphic(Record, "*")),
    "association": lambda: select(RecordPerson.cadre_id),
    "log": lambda: select(AuditEntry.id),
    "sampled": lambda: select(sa.tablesample(CADRES, 10)),
    "for update": lambda: select(Account.id).with_for_update(),
    "update": lambda: update(Cadre).values(branch="一"),
    "update by key": lambda: update(Cadre).where(Cadre.id == "x").values(branch="一"),
    "update of a free table from ours": lambda: update(TreeState).values(
        version=select(func.count(Cadre.id)).scalar_subquery()),
    "delete": lambda: delete(Cadre),
    "delete of a free table from ours": lambda: delete(LoginSession).where(
        LoginSession.account_id.in_(select(Account.id))),
    "core update": lambda: CADRES.update().values(branch="一"),
    "core delete": lambda: CADRES.delete(),
    "insert from select": lambda: insert(TreeState).from_select(
        ["id", "version"], select(literal(2), func.count(Cadre.id))),
    "insert of a scalar subquery": lambda: insert(TreeState).values(
        id=2, version=select(func.count(Cadre.id)).scalar_subquery()),
    "option that is no scope": lambda: select(Cadre).execution_options(scope=True),
}


def _recursive() -> Any:
    top = select(Unit.id).where(Unit.parent_id.is_(None)).cte("tree", recursive=True)
    return top.union_all(select(Unit.id).join(top, Unit.parent_id == top.c.id))


def _session_of_its_own() -> Any:
    with sessionmaker(db.engine)() as own:
        return own.scalars(select(Cadre)).all()


# The same through the session's other doors.
CALLS: dict[str, Callable[[Session], Any]] = {
    "get": lambda session: session.get(Cadre, "x"),
    "get of a unit": lambda session: session.get(Unit, "x"),
    "get of several keys": lambda session: session.get(RecordPerson, ("x", "y")),
    "get for update": lambda session: session.get(Account, "x", with_for_update=True),
    "get one": lambda session: session.get_one(Cadre, "x"),
    "merge": lambda session: session.merge(Cadre(id="x")),
    "scalar": lambda session: session.scalar(select(func.count(Cadre.id))),
    "scalars": lambda session: session.scalars(select(Cadre)).all(),
    "stream": lambda session: session.execute(select(Cadre), execution_options={"yield_per": 10}).all(),
    "query": lambda session: session.query(Cadre).all(),
    "query of a column": lambda session: session.query(Cadre.name).all(),
    "query first": lambda session: session.query(Cadre).filter_by(sex="1").first(),
    "query get": lambda session: session.query(Cadre).filter(Cadre.id == "x").one_or_none(),
    "query count": lambda session: session.query(Cadre).count(),
    "query exists": lambda session: session.query(session.query(Cadre).exists()).scalar(),
    "query update": lambda session: session.query(Cadre).update({"branch": "一"}),
    "query delete": lambda session: session.query(Cadre).delete(),
    "query of a free entity joined": lambda session: session.query(LoginSession).join(
        Account, Account.id == LoginSession.account_id).all(),
    "bulk update by key": lambda session: session.execute(update(Cadre), [{"id": "x", "branch": "一"}]),
    "paginate": lambda _session: db.paginate(select(Cadre), error_out=False),
    "first or 404": lambda _session: db.first_or_404(select(Cadre)),
    "get or 404": lambda _session: db.get_or_404(Cadre, "x"),
    "one or 404": lambda _session: db.one_or_404(select(Cadre)),
    "session of its own": lambda _session: _session_of_its_own(),
}


FREE: dict[str, Callable[[], Any]] = {
    "tree version": lambda: select(TreeState.version),
    "sessions": lambda: select(LoginSession),
    "seals": lambda: select(AuditSeal.seq),
    "kept answers": lambda: select(func.count()).select_from(KeptAnswer),
    "no table": lambda: select(literal(1)),
}
MARKED = ("entity", "column", "two entities", "count", "exists", "in subquery", "subquery", "scalar subquery", "cte",
          "recursive cte", "union", "entity from a union", "window", "aliased", "core table", "child entity",
          "polymorphic", "update", "delete")


@pytest.fixture
def _context(store: Any) -> Any:
    """A context on whatever database is there; nothing is written."""
    store.reset("empty")
    with store.app.app_context():
        yield
        db.session.rollback()
    store.rest()


def refused(call: Callable[[], Any]) -> bool:
    """Whether the listener refused it; what the database says is another matter."""
    try:
        call()
    except UnscopedQuery:
        return True
    except (sa.exc.SQLAlchemyError, HTTPException, KeyError):
        return False
    finally:
        db.session.rollback()
    return False


def refusals() -> set[str]:
    """The names of all shapes that are refused."""
    found = {name for name, build in STATEMENTS.items() if refused(lambda build=build: db.session.execute(build()))}
    return found | {name for name, call in CALLS.items() if refused(lambda call=call: call(db.session()))}


ALL = set(STATEMENTS) | set(CALLS)


@pytest.mark.usefixtures("_context")
def test_every_shape_without_a_scope_is_refused():
    assert len(ALL) == len(STATEMENTS) + len(CALLS) >= 70
    assert ALL - refusals() == set()


@pytest.mark.usefixtures("_context")
@pytest.mark.parametrize("name", MARKED)
def test_a_marked_statement_runs(name):
    result = db.session.execute(WHOLE.mark(STATEMENTS[name]()), execution_options={"synchronize_session": False})
    result.close()


@pytest.mark.usefixtures("_context")
@pytest.mark.parametrize("name", FREE)
def test_what_belongs_to_no_unit_needs_no_scope(name):
    assert not refused(lambda: db.session.execute(FREE[name]()).all())
    assert db.session.execute(FREE[name]()) is not None


@contextmanager
def listening(other: Callable[[Any], None] | None) -> Iterator[None]:
    """Another listener, or none, in the place of ours."""
    event.remove(Session, "do_orm_execute", scoping._refuse_unscoped)
    if other is not None:
        event.listen(Session, "do_orm_execute", other)
    try:
        yield
    finally:
        if other is not None:
            event.remove(Session, "do_orm_execute", other)
        scoping.install(Session)


def _entities_only(state: ORMExecuteState) -> None:
    """Planted: looks at the entities SQLAlchemy names, as a loader criterion would (M11)."""
    if scoping.OPTION not in state.execution_options and {
        table for mapper in state.all_mappers for table in mapper.tables
    } & guarded_tables():
        raise UnscopedQuery("an entity")


def _froms_only(state: ORMExecuteState) -> None:
    """Planted: looks at the outermost FROM list."""
    statement = state.statement
    outermost = statement.get_final_froms() if isinstance(statement, sa.Select) else [getattr(statement, "table", None)]
    if set(outermost) & guarded_tables():
        raise UnscopedQuery("a FROM")


@pytest.mark.usefixtures("_context")
@pytest.mark.parametrize("other", [None, _entities_only, _froms_only])
def test_with_a_lesser_listener_shapes_get_through(other):
    with listening(other):
        missed = ALL - refusals()
    assert missed == ALL if other is None else len(missed) > 5
    assert ALL - refusals() == set()


def owned_mappers() -> list[Any]:
    """Every mapped class whose rows belong to a unit."""
    return [mapper for mapper in Base.registry.mappers if mapper.class_ is Unit or issubclass(mapper.class_, UnitOwned)]


def test_no_owned_model_can_be_reached_over_a_relationship():
    assert len(owned_mappers()) >= 15
    assert {mapper.class_.__name__: list(mapper.relationships) for mapper in Base.registry.mappers
            if mapper.relationships} == {}


def test_number_and_id_of_the_unit_are_held_together_by_the_database():
    tables = {mapper.local_table for mapper in owned_mappers() if mapper.class_ is not Unit
              and not mapper.class_.derived}  # computed ones are held by `flask counters verify` (ADR-0015)
    for table in tables:
        if "unit_number" in table.columns:
            keys = [{each.target_fullname for each in key.elements} for key in table.foreign_key_constraints]
            assert {"units.id", "units.number"} in keys, table.name
        else:
            assert table.primary_key.columns.keys() == ["id"] and table in guarded_tables()


# Doors that lead past the session's listener (M11), and who may use them: for a dialect, a revision, a BEGIN.
DOORS = frozenset({"connection", "connect", "raw_connection", "exec_driver_sql", "get_bind", "bulk_save_objects",
                   "bulk_update_mappings", "bulk_insert_mappings"})
MAY_USE = {("tenants/db.py", "connection"), ("tenants/db.py", "exec_driver_sql"), ("app/readiness.py", "connection"),
           ("tenants/row_security.py", "connection"), ("app/calls.py", "connect"),
           ("tenants/prepared.py", "connection"), ("tenants/partitioning.py", "connect"),
           ("tenants/session.py", "connect"), ("tenants/session.py", "get_bind"),
           ("tenants/partitioning.py", "exec_driver_sql"),
           # what it sends was compiled by SQLAlchemy, rows of many at once; the other speaks to a gateway
           ("tenants/bulk.py", "connection"), ("tenants/bulk.py", "exec_driver_sql"), ("app/sms/http.py", "connect")}
ROOT = Path(__file__).resolve().parents[2]


def doors_in(source: str) -> set[str]:
    """Calls in a source text that reach the database past the session."""
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return {call.attr for call in calls if isinstance(call, ast.Attribute) and call.attr in DOORS} | {
        call.id for call in calls if isinstance(call, ast.Name) and call.id == "text"}


def test_nobody_goes_past_the_session():
    found = {(str(path.relative_to(ROOT)), door) for package in ("app", "permissions", "tenants")
             for path in (ROOT / package).rglob("*.py") for door in doors_in(path.read_text(encoding="utf-8"))}
    fixed = {(name, "text") for name in ("tenants/models.py", "tenants/words.py", "app/records/model.py")}
    assert found - MAY_USE - fixed == set()
    assert doors_in("db.session.connection().execute(x); text('SELECT')") == {"connection", "text"}
