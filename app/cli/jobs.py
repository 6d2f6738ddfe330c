"""`flask jobs status`: what waits, what runs, what is done: jobs, messages and what people are reminded of."""

import click
from flask.cli import AppGroup

from app import job_rows, outbox
from app.obligations import status as obligations

jobs = AppGroup("jobs", help="Long work in the worker.")


@jobs.command("status")
def status() -> None:
    """Count jobs by kind and state, messages by template and state, and how the scheduler stands."""
    counted = job_rows.counts()
    for kind, state, number in counted:
        click.echo(f"{kind}\t{state}\t{number}")
    if not counted:
        click.echo("no jobs")
    for template, state, number in outbox.counts():
        click.echo(f"message {template}\t{state}\t{number}")
    for kind, state, number in obligations.figures():
        click.echo(f"{kind}\t{state}\t{number}")


COMMANDS = (jobs,)
