"""The second lock on PostgreSQL: every statement's scope is told to the database, whose policies hide all else.

A policy on every guarded table compares a row's unit number with the setting `yinling.scope`. It is set for the
transaction only, together with a role that owns nothing, and before each statement whose scope is another than the
transaction has (ADR-0013). Nothing told means no rows. SQLite has one lock.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, column, event, func, or_, select, table
from sqlalchemy.engine import Connection
from sqlalchemy.orm import ORMExecuteState, Session

from tenants import wire
from tenants.db import send
from tenants.numbering import LAST
from tenants.scope import NOTHING, OPTION, Scope, guarded_tables
from tenants.session import TOLD

ROLE = "yinling_app"
SETTING = "yinling.scope"
PATIENCE = "milliseconds a statement may take"  # of a session; 0 or nothing is no limit
EVERYTHING = "{(,)}"
_SCOPE_ALONE = f"SELECT set_config('{SETTING}', %(wanted)s, true)"
_WITH_ROLE = (f"SELECT set_config('role', %(role)s, true), set_config('{SETTING}', %(wanted)s, true), "
              "set_config('statement_timeout', %(patience)s, true)")
_NUMBERED_ALONE = f"SELECT set_config('{SETTING}', $1, true)".encode()
_NUMBERED = (f"SELECT set_config('role', $1, true), set_config('{SETTING}', $2, true), "
             "set_config('statement_timeout', $3, true)").encode()
FLUSHES = Scope.everything("a flush writes rows that were read inside a scope, or new ones beside them")
_RELOADS = Scope.everything("a row that the session holds is read again by its own key")


def as_multirange(scope: Scope) -> str:
    """The scope as PostgreSQL's `int8multirange`; the whole tree has no bounds, nothing is the empty set."""
    if scope.because is not None:
        return EVERYTHING
    return "{" + ",".join(f"[{low},{_above(high)}" for low, high in scope.ranges) + "}"


def _above(high: int) -> str:
    return ")" if high >= LAST else f"{high}]"


def tell(session: Session, scope: Scope | None, **bind: Any) -> None:
    """Make the scope that of the transaction from here on; None leaves what it has, nothing at its beginning.

    `bind` is a statement's own `bind_arguments`: a session may speak to several databases, each told for itself.
    """
    tell_on(session, session.connection(bind_arguments=bind), scope)


def tell_on(session: Session, connection: Connection, scope: Scope | None) -> None:
    """The same, for whoever has the transaction's connection at hand."""
    owed = untold(session, connection, scope)
    if owed is not None:
        owed.send(connection)


@dataclass(frozen=True, slots=True)
class Owed:
    """What the database has to be told before the next statement: the scope, at first the role and patience too (M4).

    All of it is gone at the transaction's end.
    """

    wanted: str
    patience: int | None

    def send(self, connection: Connection) -> None:
        """Tell it on a way of its own."""
        raw = wire.bare(connection)
        if raw is not None:
            wire.rows(connection, raw, self.statement)
        elif self.patience is None:
            send(connection, _SCOPE_ALONE, {"wanted": self.wanted})
        else:
            send(connection, _WITH_ROLE, {"role": ROLE, "wanted": self.wanted, "patience": str(self.patience)})

    @property
    def statement(self) -> wire.Statement:
        """The same with numbered parameters, to go with another statement."""
        wanted = self.wanted.encode()
        if self.patience is None:
            return wire.Statement(b"yl_scope", _NUMBERED_ALONE, [wanted])
        return wire.Statement(b"yl_role", _NUMBERED, [ROLE.encode(), wanted, b"%d" % self.patience])


def untold(session: Session, connection: Connection, scope: Scope | None) -> Owed | None:
    """What must be told before a statement under this scope; whoever asks has to send it."""
    if connection.dialect.name != "postgresql":
        return None
    kept: dict[Engine, str] = session.info.setdefault(TOLD, {})
    told = kept.get(connection.engine)
    wanted = as_multirange(scope) if scope is not None else told if told is not None else as_multirange(NOTHING)
    if wanted == told:
        return None
    kept[connection.engine] = wanted
    return Owed(wanted, session.info.get(PATIENCE, 0) if told is None else None)


def unsure(session: Session) -> None:
    """Something failed on the way: whatever the database was told is told again."""
    session.info.pop(TOLD, None)


def _before_statement(state: ORMExecuteState) -> None:
    scope = state.execution_options.get(OPTION)
    wanted: Scope | None = None  # it reads no guarded table, or it would have been refused
    if isinstance(scope, Scope):
        wanted = scope
    elif state.is_column_load:
        wanted = _RELOADS
    elif state.is_insert or state.is_update or state.is_delete:
        wanted = FLUSHES
    tell(state.session, wanted, **state.bind_arguments)


def _before_flush(session: Session, _context: object, _instances: object) -> None:
    tell(session, FLUSHES)


def _begun(session: Session, _transaction: object, connection: Connection) -> None:
    session.info.get(TOLD, {}).pop(connection.engine, None)


def _rolled_back(session: Session, _transaction: object) -> None:
    """A savepoint's end takes its settings with it."""
    unsure(session)


def install(session_class: type[Session]) -> None:
    """Put the listeners on a session class, after those of `tenants.scope`; once is enough."""
    if event.contains(session_class, "do_orm_execute", _before_statement):
        return
    event.listen(session_class, "do_orm_execute", _before_statement)
    event.listen(session_class, "before_flush", _before_flush)
    event.listen(session_class, "after_begin", _begun)
    event.listen(session_class, "after_soft_rollback", _rolled_back)


def defects(session: Session) -> list[str]:
    """What keeps the lock from holding: a role it does not bind, or tables without it. PostgreSQL only."""
    roles = table("pg_roles", column("oid"), column("rolname"), column("rolsuper"), column("rolbypassrls"))
    tell(session, NOTHING)
    unbound = session.execute(
        select(roles.c.rolname).where(roles.c.rolname == func.current_user(),
                                      or_(roles.c.rolsuper, roles.c.rolbypassrls))
    ).scalars()
    return [*(f"{name} is not bound by it" for name in unbound), *_open_tables(session)]


def _open_tables(session: Session) -> Iterable[str]:
    classes = table("pg_class", column("oid"), column("relname"), column("relnamespace"), column("relowner"),
                    column("relrowsecurity"), column("relforcerowsecurity"))
    here: Any = func.to_regnamespace(func.current_schema())
    names = [each.name for each in guarded_tables()]
    held = session.execute(
        select(classes.c.relname, func.pg_get_userbyid(classes.c.relowner) == func.current_user(),
               classes.c.relrowsecurity & classes.c.relforcerowsecurity)
        .where(classes.c.relnamespace == here, classes.c.relname.in_(names))
    )
    for name, owned, forced in held:
        if owned:
            yield f"{name} belongs to the role that works"
        elif not forced:
            yield f"{name} is open"
