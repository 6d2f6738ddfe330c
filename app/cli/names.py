"""`flask names spell`."""

import click
from flask.cli import AppGroup

from app.people import spelling

names = AppGroup("names", help="The words people are found by.")
COMMANDS = (names,)


@names.command("spell")
def spell() -> None:
    """Spell every name that has no words yet (the worker does this, a few thousand each second)."""
    click.echo(f"{spelling.spell_all(most=1_000_000)} names spelled")
