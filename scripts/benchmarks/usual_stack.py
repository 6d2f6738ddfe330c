"""What most applications of this kind do: Flask-Login, ORM entities under loader criteria, a count, marshmallow."""

from typing import Any

from flask import Flask, Response, jsonify
from flask_login import LoginManager, UserMixin, login_required, login_user
from marshmallow import Schema, fields
from sqlalchemy import MetaData, Table, create_engine, event, func, join, select
from sqlalchemy.orm import (
    Mapper,
    Session,
    declarative_base,
    registry,
    scoped_session,
    sessionmaker,
    with_loader_criteria,
)


class Tenant:
    """Mixed into whatever belongs to a unit."""


class VisitOut(Schema):
    """The row as it goes out."""

    id = fields.Str()
    unit_id = fields.Str()
    module = fields.Str()
    state = fields.Str()
    ended_on = fields.Date()
    due_on = fields.Date()
    first_due_on = fields.Date()
    due_provisional = fields.Bool()
    entered_at = fields.DateTime()
    entered_on = fields.Date()
    entered_by = fields.Str(allow_none=True)
    late_reason = fields.Str(allow_none=True)
    summary = fields.Str()
    created_at = fields.DateTime()
    created_by = fields.Str(allow_none=True)
    version = fields.Int()
    type = fields.Str(allow_none=True)
    place = fields.Str(allow_none=True)
    visitors = fields.Str(allow_none=True)
    goods = fields.Str(allow_none=True)
    cash_fen = fields.Int(allow_none=True)


def _models(engine: Any) -> tuple[Any, Any]:
    """User and Visit, mapped from the tables as they are."""
    tables = MetaData()
    records, visits, accounts = (Table(name, tables, autoload_with=engine) for name in ("records", "visits",
                                                                                       "accounts"))
    base = declarative_base(metadata=tables)
    user = type("User", (UserMixin, base), {"__table__": accounts})
    visit = type("Visit", (Tenant,), {})
    both: registry = base.registry
    mapped: Mapper[Any] = both.map_imperatively(visit, join(records, visits, records.c.id == visits.c.id),
                                                properties={"id": [records.c.id, visits.c.id]})
    return user, mapped.class_


def make(url: str, low: int, high: int) -> Flask:
    """The application over a database, its tenant filter set to one range of unit numbers."""
    app = Flask("usual")
    app.secret_key = "usual"  # noqa: S105  lives as long as the run
    engine = create_engine(url)
    session = scoped_session(sessionmaker(engine))
    user, visit = _models(engine)
    login = LoginManager(app)
    schema = VisitOut(many=True)

    @event.listens_for(Session, "do_orm_execute")
    def _only_mine(state: Any) -> None:
        state.statement = state.statement.options(
            with_loader_criteria(visit, visit.unit_number.between(low, high), include_aliases=True))

    login.user_loader(lambda user_id: session.get(user, user_id))
    app.teardown_appcontext(lambda _error: session.remove())

    @app.post("/login/<account>")
    def log_in(account: str) -> str:
        login_user(session.get(user, account))
        return ""

    @app.get("/visits")
    @login_required
    def visits() -> Response:
        wanted = (visit.module == "visits", visit.deleted_at.is_(None))
        rows = session.execute(select(visit).where(*wanted).order_by(visit.ended_on.desc(), visit.id.desc())
                               .limit(20)).scalars().all()
        total = session.execute(select(func.count()).select_from(visit).where(*wanted)).scalar_one()
        return jsonify({"items": schema.dump(rows), "total": total})

    return app
