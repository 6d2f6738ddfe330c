#!/usr/bin/env python3
"""The trial of the messages itself, in the project's environment; a throw-away database, gone afterwards."""

import argparse
import secrets
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

from flask_migrate import upgrade

from app.config import Settings
from app.factory import create_app
from permissions import audit, transaction
from tenants import keys, provision
from trial_counters_run import KEY, database, planned
from trials.sms_kills import kill_senders


def main() -> int:
    """0 when every message was delivered once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--engine", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yinling-trial-") as name, database(asked.engine, Path(name)) as url:
        folder = Path(name)
        settings = Settings(instance=folder, database_url=url, secret_key=secrets.token_urlsafe(32),
                            field_keys=KEY, public_url="", sms_url="file:",
                            queue_url=f"sqlite:///{folder / 'queue.db'}", demo=True, now=None)
        app = create_app(settings)
        keys.use(keys.KeyRing.parse(KEY))
        with app.app_context():
            upgrade()
            with transaction.act("trial"):
                made = provision.load_tree(planned(), valid_from=date(2026, 1, 1))
                audit.record("trial:load", "unit", None, made["p"])
        told = kill_senders(app, messages=asked.messages, kills=asked.kills, seed=asked.seed, say=print,
                            lease=timedelta(seconds=2))
        print(told)
        return 0 if told.lost == 0 and told.delivered == asked.messages else 1


if __name__ == "__main__":
    sys.exit(main())
