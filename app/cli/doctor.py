"""`flask doctor`: what is in order and what is not."""

import click
from flask.cli import with_appcontext

from app import readiness


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Print every check; exit 1 when one that matters fails."""
    checks = readiness.checks()
    for check in checks:
        click.echo(f"{'ok  ' if check.fine else 'BAD '} {check.name} {check.word if not check.fine else ''}".rstrip())
    if any(check.vital and not check.fine for check in checks):
        raise click.exceptions.Exit(1)


COMMANDS = (doctor,)
