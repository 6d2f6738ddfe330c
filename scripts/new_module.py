#!/usr/bin/env python3
"""Scaffold a new kind of record: its module, its migration and a test; no other file of the house is edited."""

import argparse
import keyword
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.columns import COLUMNS  # noqa: E402 - the checkout has to be importable first

KEY = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")

MODULE = '''"""{title}: say in one sentence what a record of it is ({column_title})."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.records.model import Record, module_record, record_key
from app.records.module import Module
from app.records.schema import CadreIds, RecordSchema
from app.schemas.fields import Line, Text
from tenants.fields import encrypted


class {name}(Record):
    """One record; `ended_on` is the day the work ended. What may be sensitive is encrypted."""

    __tablename__ = "{key}"
    __mapper_args__ = module_record("{key}")

    id: Mapped[str] = record_key()
    place: Mapped[str | None] = mapped_column(String(100))
    note: Mapped[str | None] = mapped_column(encrypted("{key}.note"))


class {name}Schema(RecordSchema):
    """What is asked about one."""

    cadre_ids = CadreIds("老同志", required=True)
    place = Line("地点", longest=100, search=True)
    note = Text("备注", longest=1000, sensitive=True)


def summary(values: Any) -> str:
    """The line shown in lists; never anything sensitive."""
    return " · ".join(part for part in ("{title}", values.get("place")) if part)


MODULE = Module(key="{key}", column="{column}", title="{title}", record={name}, schema={name}Schema,
                summary=summary)
'''

MIGRATION = '''"""The table of {key}."""

import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "{key}",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["records.id"], name="fk_{key}_id"),
        sa.PrimaryKeyConstraint("id", name="pk_{key}"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CALL guard_rows('{key}', 'record')")


def downgrade() -> None:
    op.drop_table("{key}")
'''

TEST = '''"""{title}: entered, read back, and counted like every other record."""

from tenants import clock
from world import World


def test_a_record_is_entered_and_read_back(world: World) -> None:
    clock.configure("2026-06-10T10:00:00+08:00")
    clerk = world.api("clerk")
    made = clerk.post("/records/{key}", {{"unit_id": world.units["射阳"], "ended_on": "2026-06-08",
                                          "cadre_ids": [world.cadres["cadre"]], "place": "合德镇"}})
    assert made.status_code == 201, made.text
    assert (made.json["due_on"], made.json["timeliness"]) == ("2026-06-15", "on_time")
    found = clerk.get("/records/{key}").json
    assert [each["id"] for each in found["items"]] == [made.json["id"]]
    assert world.api("other clerk").get(f"/records/{key}/{{made.json['id']}}").status_code == 404
'''


@dataclass(frozen=True)
class Plan:
    """What to write where: file -> text, and the migration that is the head from then on."""

    files: dict[Path, str]
    head: str


class Unusable(ValueError):
    """The words given cannot name a module; the text says why."""


def plan(key: str, title: str, column: str, root: Path = ROOT) -> Plan:
    """The files of a new module. Raises Unusable."""
    if not KEY.fullmatch(key) or keyword.iskeyword(key) or len(key) > 40:
        raise Unusable("KEY is a noun in lower case with underscores, such as hospital_stays")
    if column not in COLUMNS:
        raise Unusable(f"COLUMN is one of: {', '.join(COLUMNS)}")
    if not title.strip() or any(each in title for each in '"\\\n{}'):
        raise Unusable("TITLE is the Chinese name, such as 住院登记")
    before = (root / "migrations/.head").read_text(encoding="utf-8").strip()
    number = f"{int(before) + 1:04d}"
    said = {"key": key, "title": title.strip(), "column": column, "column_title": COLUMNS[column], "number": number,
            "before": before, "name": "".join(part.title() for part in key.split("_"))}
    files = {
        root / f"app/modules/{key}.py": MODULE.format(**said),
        root / f"migrations/versions/{number}_{key}.py": MIGRATION.format(**said),
        root / f"tests/app/modules/test_{key}.py": TEST.format(**said),
    }
    taken = [path for path in files if path.exists()]
    if taken or (root / f"app/modules/{key}").exists():
        raise Unusable(f"{key} exists already")
    return Plan(files, number)


def write(planned: Plan, root: Path = ROOT) -> None:
    """Write the files; the head file, which makes two branches' migrations collide, goes with the migration."""
    for path, text in planned.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "migrations/.head").write_text(f"{planned.head}\n", encoding="utf-8")


def main() -> int:
    """Scaffold, or say what stands in the way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     epilog=f"columns: {', '.join(f'{key} {name}' for key, name in COLUMNS.items())}")
    parser.add_argument("key", metavar="KEY", help="a noun in the plural, such as hospital_stays")
    parser.add_argument("title", metavar="TITLE", help="its Chinese name, such as 住院登记")
    parser.add_argument("column", metavar="COLUMN", help="the column (栏目) it belongs to")
    options = parser.parse_args()
    try:
        planned = plan(options.key, options.title, options.column)
    except Unusable as error:
        print(error, file=sys.stderr)
        return 2
    write(planned)
    for path in planned.files:
        print(f"wrote {path.relative_to(ROOT)}")
    print(f"migrations/.head says {planned.head}; next: fill in the fields, scripts/render_docs.py, scripts/test")
    return 0


if __name__ == "__main__":
    sys.exit(main())
