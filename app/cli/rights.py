"""`flask who-can ACTION UNIT`."""

import click
from flask.cli import with_appcontext

from permissions import explain, lineage, table
from permissions.actions import Action
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope

PROOF = "; and a password or code not older than 15 minutes"
_BY_NAME = Scope.everything("a command looks a unit up by id or code")


@click.command("who-can")
@click.argument("action", type=click.Choice([each.value for each in Action]))
@click.argument("unit")
@with_appcontext
def who(action: str, unit: str) -> None:
    """List everybody who may do ACTION at UNIT (its id or code): by which right, where it came from, by which rule."""
    found = db.session.execute(
        _BY_NAME.select(Unit).where((Unit.id == unit) | (Unit.code == unit))
    ).scalar_one_or_none()
    if found is None:
        raise click.ClickException(f"no unit has the id or code {unit}")
    reasons = explain.who_can(Action(action), found)
    for reason in reasons:
        columns = f" [{', '.join(reason.columns)}]" if reason.columns else ""
        click.echo(f"{reason.name}\t{reason.role} @ {reason.held_at}{columns}\t{reason.account_id}")
        for step in lineage.chain(reason.right_id):
            click.echo(f"    <- {explain.told(step)}")
    said = "; ".join(f"{role} {reach}" for role, reach in explain.rule(Action(action)))
    click.echo(f"# {action} @ {found.name}: {'nobody' if not reasons else len({each.account_id for each in reasons})}"
               f" may; rule: {said}{PROOF if action in table.PROVED else ''}")


COMMANDS = (who,)
