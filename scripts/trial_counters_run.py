#!/usr/bin/env python3
"""The trial of the counters itself, in the project's environment; a throw-away database, gone afterwards."""

import argparse
import base64
import contextlib
import secrets
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from flask_migrate import upgrade

from app.config import Settings
from app.factory import create_app
from permissions import audit, transaction
from postgres_for_tests import running
from tenants import keys, provision
from tenants.provision import Planned
from trials.endurance import endure

KEY = "k1:" + base64.b64encode(bytes(range(32))).decode()


@contextlib.contextmanager
def database(engine: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'yinling.db'}"
    else:
        with running() as url:
            yield url


def planned(cities: int = 4, counties: int = 5, towns: int = 3) -> list[Planned]:
    """A province of cities, each with as many counties of as many townships."""
    rows = [Planned("p", None, "province_bureau", "省", "P")]
    for city in range(cities):
        rows.append(Planned(f"c{city}", "p", "city_bureau", f"市{city}", f"C{city}"))
        for county in range(counties):
            key = f"c{city}-{county}"
            rows.append(Planned(key, f"c{city}", "county_bureau", f"县{key}", f"K{key}"))
            rows += [Planned(f"{key}-{town}", key, "township", f"镇{key}-{town}", f"T{key}-{town}")
                     for town in range(towns)]
    return rows


def main() -> int:
    """0 when the counters are exact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--operations", type=int, default=100_000)
    parser.add_argument("--engine", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--writers", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yinling-trial-") as name, database(asked.engine, Path(name)) as url:
        folder = Path(name)
        settings = Settings(instance=folder, database_url=url, secret_key=secrets.token_urlsafe(32),
                            field_keys=KEY, public_url="", sms_url="file:", queue_url=f"sqlite:///{folder / 'q.db'}",
                            demo=True, now=None)
        keys.use(keys.KeyRing.parse(KEY))
        app = create_app(settings)
        with app.app_context():
            upgrade()
            with transaction.act("trial"):
                made = provision.load_tree(planned(), valid_from=date(2020, 1, 1))
                audit.record("trial:load", "unit", None, made["p"])
        told = endure(app, folder, operations=asked.operations, writers=asked.writers, seed=asked.seed, say=print)
        print(f"{asked.engine}: {told}")
        for line in told.differences[:20]:
            print(line)
        checked = app.test_cli_runner().invoke(args=["counters", "verify"])
        print(checked.output.strip())
        return 1 if told.differences or checked.exit_code else 0


if __name__ == "__main__":
    sys.exit(main())
