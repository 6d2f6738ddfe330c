"""A fifth kind of record is one new file and one migration: everything else about it appears by itself."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from migration_rules import versions
from python_rules import ROOT

PYTHON = ROOT / ".venv/bin/python"
MODULE = '''"""住院登记: a stay in hospital, told of by the family (精准服务)."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.records.model import Record, module_record, record_key
from app.records.module import Module
from app.records.schema import OneCadre, RecordSchema
from app.schemas.fields import Line, Text
from tenants.fields import encrypted


class HospitalStay(Record):
    """A stay; `ended_on` is the day of discharge."""

    __tablename__ = "hospital_stay"
    __mapper_args__ = module_record("hospital_stay")

    id: Mapped[str] = record_key()
    hospital: Mapped[str | None] = mapped_column(String(100))
    diagnosis: Mapped[str | None] = mapped_column(encrypted("hospital_stay.diagnosis"))


class HospitalStaySchema(RecordSchema):
    """What is asked about a stay."""

    cadre_id = OneCadre("老同志", required=True)
    hospital = Line("医院", longest=100, required=True, search=True)
    diagnosis = Text("诊断", longest=500, sensitive=True)


def summary(values: Any) -> str:
    """`住院登记 · 医院`."""
    return " · ".join(part for part in ("住院登记", values.get("hospital")) if part)


MODULE = Module(key="hospital_stay", column="precision_service", title="住院登记", record=HospitalStay,
                schema=HospitalStaySchema, summary=summary, service="探望了住院的您", order=15)
'''
MIGRATION = '''"""The table of hospital stays."""

import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hospital_stay",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("hospital", sa.String(length=100), nullable=True),
        sa.Column("diagnosis", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["records.id"], name="fk_hospital_stay_id"),
        sa.PrimaryKeyConstraint("id", name="pk_hospital_stay"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CALL guard_rows('hospital_stay', 'record')")


def downgrade() -> None:
    op.drop_table("hospital_stay")
'''


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The house with one file and one migration more."""
    for place in ("app", "migrations", "scripts", "tests", "tenants", "permissions"):
        shutil.copytree(ROOT / place, tmp_path / place, ignore=shutil.ignore_patterns("vendor", "__pycache__"))
    before = versions(ROOT)[-1].name[:4]
    number = f"{int(before) + 1:04d}"
    (tmp_path / "app/modules/hospital_stay.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / f"migrations/versions/{number}_hospital_stay.py").write_text(
        MIGRATION.format(number=number, before=before), encoding="utf-8")
    return tmp_path


def probe(copy: Path, engine: str, server: str) -> dict[str, Any]:
    """What the module can do in the copy; the copy's own code runs, not ours."""
    path = os.pathsep.join(str(copy / place) for place in (".", "tests", "scripts"))
    done = subprocess.run([PYTHON, copy / "tests/house/fifth_module_probe.py", copy / "instance", engine, server],
                          cwd=copy, env={**os.environ, "PYTHONPATH": path, "YINLING_DEMO": "1"}, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_one_file_and_one_migration_are_enough(copy: Path, engine_name: str, request: pytest.FixtureRequest) -> None:
    server = request.getfixturevalue("postgres_url") if engine_name == "postgresql" else ""
    found = probe(copy, engine_name, server)
    made = found["made"]
    assert (found["status"], made["due_on"], made["timeliness"]) == (201, "2026-06-15", "on_time")
    assert made["summary"] == "住院登记 · 盐城市第一人民医院" and made["diagnosis"] == "肺炎"
    assert found["listed"] == [made["id"]] and found["masked"] == "***"
    assert (found["foreign"], found["refused"]) == (404, 422)
    assert [(row["name"], row["module"], row["on_time"]) for row in found["report"]] == [("盐城", "hospital_stay", 1)]
    assert found["in the whole report"] and found["logged"] and found["explained"] == "2026-06-15"
    assert [each["service"] for each in found["served"]] == ["探望了住院的您"]
    assert {"hospital", "diagnosis", "cadre_id", "ended_on"} <= set(found["openapi"])
    assert found["navigation"] == [200, True] and found["page"] == [200, True]


def test_a_module_that_declares_too_little_stops_the_start(copy: Path) -> None:
    file = copy / "app/modules/hospital_stay.py"
    file.write_text(MODULE.replace('column="precision_service"', 'column="nowhere"'), encoding="utf-8")
    done = subprocess.run([PYTHON, "-c", "from app import registry; registry.load()"], cwd=copy, capture_output=True,
                          text=True, check=False)
    assert done.returncode and "BadModule: module hospital_stay names an unknown column nowhere" in done.stderr


def test_the_scaffolded_module_passes_its_own_test(copy: Path) -> None:
    number = sorted((copy / "migrations/versions").glob("*.py"))[-1].name[:4]
    (copy / "migrations/.head").write_text(number, encoding="utf-8")
    made = subprocess.run([PYTHON, copy / "scripts/new_module.py", "hospital_stays", "住院", "precision_service"],
                          capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    shutil.copy(ROOT / "setup.cfg", copy)
    done = subprocess.run([PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "sqlite",
                           "tests/app/modules/test_hospital_stays.py"], cwd=copy, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout
