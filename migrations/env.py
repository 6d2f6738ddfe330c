"""Runs migrations as the tables' owner; a lock that cannot be had soon is given up, not waited for."""

from alembic import context
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator

from tenants.db import WRITES, prepare
from tenants.row_security import EVERYTHING, ROLE, SETTING

target = current_app.extensions["migrate"].db
# Made outside the migrations' transaction, so that nobody who makes it at the same time has to wait for them.
MAKE_ROLE = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
        BEGIN
            CREATE ROLE {ROLE} NOLOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END IF;
    IF NOT pg_has_role(current_user, '{ROLE}', 'MEMBER') THEN
        EXECUTE format('GRANT {ROLE} TO %I', current_user);
    END IF;
END $$
"""


def render_item(type_, obj, autogen_context):
    """Our column types are written as the plain types under them, so that no migration imports the application."""
    if type_ == "type" and isinstance(obj, TypeDecorator):
        impl = obj.impl_instance if hasattr(obj, "impl_instance") else obj.impl
        return "sa." + repr(impl() if isinstance(impl, type) else impl)
    return False


def owners_engine():
    """The engine of YINLING_OWNER_URL where there is one, else the application's own."""
    owner_url = current_app.config["SETTINGS"].owner_url
    if not owner_url:
        return target.engine
    engine = create_engine(owner_url, poolclass=NullPool, hide_parameters=True)
    prepare(engine)
    return engine


def make_role(connection):
    """The role the application works as; whoever may not make one is told what to have done."""
    try:
        connection.execute(text(MAKE_ROLE))
        connection.commit()
    except DBAPIError as error:
        connection.rollback()
        if getattr(error.orig, "sqlstate", "") != "42501":
            raise
        me = connection.execute(text("SELECT quote_ident(current_user)")).scalar_one()
        wanted = f"CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO {me};"
        raise CommandError(f"the role {ROLE} is missing and {me} may not make or join it; "
                           f"a database administrator runs: {wanted}") from None


def run() -> None:
    """Upgrade or downgrade inside one transaction, which sees every row."""
    engine = owners_engine()
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        if engine.dialect.name == "postgresql":
            make_role(connection)
        context.configure(
            connection=connection,
            target_metadata=target.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SELECT set_config('lock_timeout', '4s', true), "
                                        f"set_config('{SETTING}', '{EVERYTHING}', true)"))
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("migrations need a database")
run()
