"""`flask counters verify`, `rebuild` and `fold`."""

import click
from flask.cli import AppGroup

from app.counters import folding
from app.reports import counter_check

counters = AppGroup("counters", help="The sums that totals and reports are read from.")
COMMANDS = (counters,)
SHOWN = 50


@counters.command("verify")
def verify() -> None:
    """Count every record again and compare with what the counters say; each difference is a line."""
    found = 0
    for line in counter_check.differences():
        found += 1
        if found <= SHOWN:
            click.echo(line)
    if found:
        raise click.ClickException(f"{found} sums are not what the records say (flask counters rebuild mends them)")
    kept, waiting = counter_check.size()
    click.echo(f"OK: {kept} sums exact, {waiting} changes not folded yet")


@counters.command("rebuild")
def rebuild() -> None:
    """Build the counters anew from the records; others may go on writing."""
    click.echo(f"{counter_check.rebuild()} sums")


@counters.command("fold")
def fold() -> None:
    """Fold what waits now (the worker does this every second)."""
    click.echo(f"{folding.fold_all(most=1_000_000)} changes folded")
