"""Print how many tables the database of YINLING_DATABASE_URL has; run with the Python of .venv."""

import os
import sys
from pathlib import Path

import sqlalchemy


def count(url: str) -> int:
    """Tables in the database; a SQLite file that does not exist has none and is not created."""
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return 0
    for short in ("postgresql://", "postgres://"):
        if url.startswith(short):
            url = "postgresql+psycopg://" + url.removeprefix(short)
    engine = sqlalchemy.create_engine(url)
    try:
        return len(sqlalchemy.inspect(engine).get_table_names())
    finally:
        engine.dispose()


if __name__ == "__main__":
    try:
        print(count(os.environ["YINLING_DATABASE_URL"]))
    except sqlalchemy.exc.SQLAlchemyError as error:
        # The driver's own words: the wrapper's end with a link to a page about itself.
        sys.exit(str(getattr(error, "orig", error)))
