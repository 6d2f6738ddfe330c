"""`flask audit verify` and `flask audit seal`."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from permissions import sealing

audit = AppGroup("audit", help="The append-only log.")
COMMANDS = (audit,)


def anchor() -> Path:
    """Where the head of the chain is kept outside the database."""
    place: Path = current_app.config["SETTINGS"].instance / "audit.head"
    return place


@audit.command("verify")
def verify() -> None:
    """Recompute the chain; name the first bad entry; count the unsealed tail."""
    verdict = sealing.verify(anchor())
    if not verdict.whole:
        raise click.ClickException(f"first bad entry: {verdict.bad} ({verdict.reason}); "
                                   f"{verdict.sealed} sealed entries before it are whole")
    click.echo(f"OK: {verdict.sealed} sealed entries whole, {verdict.unsealed} not sealed yet")


@audit.command("seal")
def seal() -> None:
    """Seal what waits now (the worker does this every second or so), and what was lost on the way."""
    sealing.gather()
    click.echo(f"{sealing.seal(anchor())} entries sealed")
