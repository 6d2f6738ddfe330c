"""The scaffolder writes a module, its migration and its test, which stand on their own; bad words are refused."""

import shutil
import subprocess
from pathlib import Path

import migration_rules
import pytest
import python_rules
from python_rules import ROOT

PYTHON = ROOT / ".venv/bin/python"
BAD = (
    ("HospitalStays", "住院登记", "precision_service"),
    ("class", "住院登记", "precision_service"),
    ("hospital-stays", "住院登记", "precision_service"),
    ("../stays", "住院登记", "precision_service"),
    ("hospital_stays", "住院登记", "nowhere"),
    ("hospital_stays", ' " ', "precision_service"),
    ("visits", "走访", "precision_service"),
)


def scaffold(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command of a copy of the house."""
    return subprocess.run([PYTHON, copy / "scripts/new_module.py", *words], capture_output=True, text=True, check=False)


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A house to scaffold in."""
    for place in ("app", "migrations", "scripts", "tests", "tenants", "permissions"):
        shutil.copytree(ROOT / place, tmp_path / place, ignore=shutil.ignore_patterns("static", "__pycache__"))
    shutil.copy(ROOT / "wsgi.py", tmp_path)
    return tmp_path


def test_it_writes_a_module_a_migration_and_a_test(copy: Path) -> None:
    before = _files(copy)
    done = scaffold(copy, "hospital_stays", "住院登记", "precision_service")
    assert done.returncode == 0, done.stderr
    after = _files(copy)
    new = set(after) - set(before)
    number = f"{int(before['migrations/.head']) + 1:04d}"
    assert new == {"app/modules/hospital_stays.py", f"migrations/versions/{number}_hospital_stays.py",
                   "tests/app/modules/test_hospital_stays.py"}
    assert {name for name in before if after[name] != before[name]} == {"migrations/.head"}
    for rule in (*python_rules.RULES, *migration_rules.RULES):
        assert [fault for fault in rule(copy) if "hospital_stays" in fault] == []
    assert migration_rules.disorder(copy) == []


def test_it_says_how_it_is_used() -> None:
    done = scaffold(ROOT, "--help")
    assert done.returncode == 0 and "KEY" in done.stdout and "precision_service" in done.stdout


@pytest.mark.parametrize("words", BAD)
def test_it_refuses_words_that_cannot_name_a_module(words: tuple[str, str, str], copy: Path) -> None:
    before = _files(copy)
    done = scaffold(copy, *words)
    assert done.returncode == 2 and done.stderr.strip()
    assert _files(copy) == before
