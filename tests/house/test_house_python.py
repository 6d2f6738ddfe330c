"""Every house rule on Python files holds, and each sees the fault it is there for."""

from pathlib import Path

import pytest
from python_rules import ROOT, RULES, python_files

PLANTED = {
    "long_files": ("app/long.py", '"""A long file."""\n' + "x = 1\n" * 300),
    "long_functions": ("app/deep.py", '"""A deep file."""\n\n\ndef f():\n' + "    x = 1\n" * 40),
    "without_opening_sentence": ("app/silent.py", "x = 1\n"),
    "forbidden_names": ("app/reports/utils.py", '"""Says nothing."""\n'),
    "hidden_imports": ("app/hidden.py", '"""Hides one."""\n\n\ndef f():\n    from tenants.db import db\n    db\n'),
    "relative_imports": ("app/relative.py", '"""Imports relatively."""\n\nfrom . import config\n'),
    "raw_sql": ("app/raw.py", '"""Speaks SQL."""\n\nimport sqlalchemy as sa\n\nQ = sa.text("x")\n'),
    "stray_commits": ("app/keeping/eager.py", '"""Commits by itself."""\n\n\ndef f(db):\n    db.session.commit()\n'),
    "unescaped": ("app/web/naive.py", '"""Trusts input."""\n\nfrom markupsafe import Markup\n\nX = Markup("<b>")\n'),
    "wall_clocks": ("app/hasty.py", '"""Has its own clock."""\n\nfrom datetime import date\n\nD = date.today()\n'),
    "lazy_tests": ("tests/test_lazy.py",
                   '"""A test that sleeps."""\n\nimport pytest\n\n\n@pytest.mark.skip\ndef test_x():\n    pass\n'),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_holds(rule) -> None:
    assert rule(ROOT) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_sees_its_fault(rule, tmp_path: Path) -> None:
    place, source = PLANTED[rule.__name__]
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).write_text(source, encoding="utf-8")
    faults = rule(tmp_path)
    assert faults and all(place in fault for fault in faults)
    others = [each for each in RULES if each is not rule and each(tmp_path)]
    assert not others, "a planted fault should break one rule only"


def test_a_well_behaved_file_breaks_nothing(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    source = '"""Counts the days."""\n\nfrom tenants import clock\n\n\ndef today():\n    return clock.today()\n'
    (tmp_path / "app/days.py").write_text(source, encoding="utf-8")
    assert [fault for rule in RULES for fault in rule(tmp_path)] == []


def test_the_walk_finds_every_part_of_the_house() -> None:
    found = {str(path.relative_to(ROOT)) for path in python_files(ROOT)}
    assert {"wsgi.py", "app/factory.py", "tenants/scope.py", "permissions/table.py", "scripts/test", "scripts/server",
            "migrations/env.py", "tests/conftest.py", "app/modules/visits.py"} <= found
    assert len(found) > 200 and not any(name.startswith((".venv", "node_modules")) for name in found)


def test_the_application_package_is_a_docstring_only() -> None:
    assert (ROOT / "app/__init__.py").read_text(encoding="utf-8").count("\n") <= 1
