"""Runs migrations with the application's own engine; a lock that cannot be had soon is given up, not waited for."""

from alembic import context
from flask import current_app
from sqlalchemy import text
from sqlalchemy.types import TypeDecorator

from tenants.db import WRITES

target = current_app.extensions["migrate"].db


def render_item(type_, obj, autogen_context):
    """Our column types are written as the plain types under them, so that no migration imports the application."""
    if type_ == "type" and isinstance(obj, TypeDecorator):
        impl = obj.impl_instance if hasattr(obj, "impl_instance") else obj.impl
        return "sa." + repr(impl() if isinstance(impl, type) else impl)
    return False


def run() -> None:
    """Upgrade or downgrade inside one transaction."""
    engine = target.engine
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET lock_timeout = '4s'"))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=target.metadata,
            render_as_batch=True,
            compare_type=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("migrations need a database")
run()
