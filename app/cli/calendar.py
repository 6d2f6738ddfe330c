"""`flask calendar load FILE`, `flask calendar ship`, `flask calendar status`."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app import registry
from app.deadlines.calendar import YearNotice
from app.deadlines.notices import NoticeError, parse, shipped
from app.records.calendar import work_calendar
from app.records.redating import store_notices
from permissions import transaction

calendar = AppGroup("calendar", help="The official working-day calendar.")
COMMANDS = (calendar,)


def _store(notices: list[YearNotice]) -> None:
    with transaction.act("calendar load"):
        years, changed = store_notices(notices, registry.modules())
    click.echo(f"{years} years stored, {changed} due dates changed")


@calendar.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--notice", default="", help="Number of the notice, where the file does not name it.")
def load(file: Path, notice: str) -> None:
    """Load a notice (JSON or CSV) and recompute open records."""
    try:
        notices = parse(file.read_bytes(), notice)
    except NoticeError as error:
        raise click.ClickException(str(error)) from error
    _store(notices)


@calendar.command("ship")
def ship() -> None:
    """Load the notices of 2023-2026 that come with the program; years already there are left alone."""
    known = [notice for notice in shipped() if not work_calendar().published(notice.year)]
    if known:
        _store(known)


@calendar.command("status")
def status() -> None:
    """Say through which day the calendar is published."""
    click.echo(f"published through {work_calendar().published_through}")
