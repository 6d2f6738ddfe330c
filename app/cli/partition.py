"""`flask records partition`: the opt-in step of docs/growth.md; no migration takes it."""

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import NullPool, create_engine

from tenants import clock, partitioning

records = AppGroup("records", help="The table of records as a whole.")


@records.command("partition")
@click.confirmation_option(prompt="Nobody can read or write records meanwhile. Is there a backup?")
@with_appcontext
def partition() -> None:
    """Split records by year (PostgreSQL); run it again each year for the years to come."""
    settings = current_app.config["SETTINGS"]
    if settings.database_url.startswith("sqlite:"):
        raise click.ClickException("SQLite has no partitions")
    engine = create_engine(settings.owner_url or settings.database_url, poolclass=NullPool, hide_parameters=True)
    for name, size in partitioning.records_by_year(engine, clock.today().year):
        click.echo(f"{name} {size / 1024 / 1024:.1f} MB")


COMMANDS = (records,)
