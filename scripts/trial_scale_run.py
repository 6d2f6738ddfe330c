"""Runs one trial on scale data with the settings of the environment."""

import argparse
import sys
from pathlib import Path

from app.factory import create_app
from checkout import Refusal, speak_plainly
from trials import elsewhere, move_county, sqlite_writers


def main() -> int:
    """Run the trial asked for; 0 when it held."""
    speak_plainly()
    parser = argparse.ArgumentParser()
    parser.add_argument("trial", choices=["move", "writers", "elsewhere"])
    for name in ("--moves", "--readers", "--writers", "--rounds"):
        parser.add_argument(name, type=int)
    parser.add_argument("--seconds", type=float)
    for name in ("--small", "--large"):
        parser.add_argument(name, nargs=2)
    options = parser.parse_args()
    try:
        return 0 if run(options) else 1
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1


def run(options: argparse.Namespace) -> bool:
    """Whether the trial held. Raises Refusal when it cannot be made."""
    if options.trial == "elsewhere":
        if not options.small or not options.large:
            raise Refusal("请用 --small 与 --large 给出两个数据集。")
        small, large = ((Path(folder), url) for folder, url in (options.small, options.large))
        return elsewhere.run(small, large, options.rounds)
    app = create_app()
    if options.trial == "writers":
        return sqlite_writers.run(app, options.writers, options.seconds)
    return move_county.run(app, options.moves, options.readers)


if __name__ == "__main__":
    sys.exit(main())
