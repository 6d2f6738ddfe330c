"""Runs one trial with the settings of the environment."""

import argparse
import sys

from app.factory import create_app
from checkout import Refusal, speak_plainly
from trials import move_county


def main() -> int:
    """Run the trial asked for; 0 when it held."""
    speak_plainly()
    parser = argparse.ArgumentParser()
    parser.add_argument("trial", choices=["move"])
    parser.add_argument("--moves", type=int, default=1000)
    parser.add_argument("--readers", type=int, default=8)
    options = parser.parse_args()
    try:
        return 0 if move_county.run(create_app(), options.moves, options.readers) else 1
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
