"""`flask jobs status`: what waits, what runs, what is done."""

import click
from flask.cli import AppGroup

from app import job_rows

jobs = AppGroup("jobs", help="Long work in the worker.")


@jobs.command("status")
def status() -> None:
    """Count jobs by kind and state."""
    counted = job_rows.counts()
    for kind, state, number in counted:
        click.echo(f"{kind}\t{state}\t{number}")
    if not counted:
        click.echo("no jobs")


COMMANDS = (jobs,)
