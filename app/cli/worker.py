"""`flask worker`: runs in the foreground until SIGINT or SIGTERM."""

import click
from flask import current_app
from flask.cli import with_appcontext

from app.worker import Ticker, queue_of


@click.command("worker")
@click.option("--threads", default=2, show_default=True, help="How many jobs run at once.")
@with_appcontext
def worker(threads: int) -> None:
    """Send messages, seal the log, run jobs."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    huey = queue_of(app)
    ticker = Ticker(app)
    ticker.start()
    consumer = huey.create_consumer(workers=threads, periodic=False, initial_delay=0.1, backoff=1.15, max_delay=0.5,
                                    check_worker_health=True)
    try:
        consumer.run()
    finally:
        ticker.stopping.set()
        ticker.join(10)


COMMANDS = (worker,)
