"""`flask worker`: runs in the foreground until SIGINT or SIGTERM."""

import click
from flask import current_app
from flask.cli import with_appcontext

from app.calls import queue_of
from app.worker import Scheduler, Sender, Ticker, Worker


@click.command("worker")
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 16), help="How many jobs run at once.")
@with_appcontext
def worker(threads: int) -> None:
    """Send messages, remind of what is due, seal the log, run jobs."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    tickers = [made(app) for made in (Ticker, Sender, Scheduler)]
    consumer = Worker(queue_of(app), threads)
    for each in tickers:
        each.start()
    try:
        consumer.run()
    finally:
        for each in tickers:
            each.stopping.set()
        for each in tickers:
            each.join(10)


COMMANDS = (worker,)
