"""`flask worker`: runs in the foreground until SIGINT or SIGTERM."""

import click
from flask import current_app
from flask.cli import with_appcontext

from app.calls import queue_of
from app.worker import Ticker, Worker


@click.command("worker")
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 16), help="How many jobs run at once.")
@with_appcontext
def worker(threads: int) -> None:
    """Send messages, seal the log, run jobs."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    ticker = Ticker(app)
    consumer = Worker(queue_of(app), threads)
    ticker.start()
    try:
        consumer.run()
    finally:
        ticker.stopping.set()
        ticker.join(10)


COMMANDS = (worker,)
