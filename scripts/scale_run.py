"""Loads the scale province with the settings of the environment, and looks whether the result is whole."""

import argparse
import sys
from pathlib import Path

from app import registry
from app.factory import create_app
from checkout import Refusal, say, speak_plainly
from scale import province
from scale.load import load
from scale.plan import Size
from scale.verify import verify
from tenants import tree


def main() -> int:
    """Load and verify; 0 when every check holds."""
    speak_plainly()
    parser = argparse.ArgumentParser()
    parser.add_argument("--villages", type=Path)
    parser.add_argument("--units", type=int)
    for name in ("--cadres", "--records", "--processes"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("--seed", required=True)
    options = parser.parse_args()
    app = create_app()
    with app.app_context():
        if tree.root() is not None:
            print("数据库里已有单位,规模数据只能装入空的数据库。", file=sys.stderr)
            return 1
        units = province.units(options.villages, options.units)
        size = Size.of(options.cadres, options.records)
        counts, file = load(app.config["SETTINGS"].instance, units, registry.modules(), size, options.seed,
                            options.processes)
        say(", ".join(f"{table} {count:,}" for table, count in counts.items()))
        try:
            verify(app, counts, len(units))
        except Refusal as refusal:
            print(refusal, file=sys.stderr)
            return 1
    say(f"核对无误;账号见 {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
