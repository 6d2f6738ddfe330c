"""The import contracts hold, and each of them breaks when a forbidden import is planted."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from python_rules import ROOT

LINTER = ROOT / ".venv/bin/lint-imports"
# contract -> (file, import it must not have); several for the layers, one for each kind of arrow.
PLANTED = {
    "storeys": [("tenants/db.py", "import permissions.roles")],
    "below-the-application": [("permissions/roles.py", "import app.columns")],
    "layers": [
        ("app/records/view.py", "import app.registry"),
        ("app/people/model.py", "import app.records.model"),
        ("app/reports/explain.py", "import app.web.forms"),
        ("app/web/render.py", "import app.api.shapes"),
        ("app/schemas/person.py", "import app.people.schema"),
        ("app/own/owed.py", "import app.opinions.store"),
        ("app/values/bad.py", "import app.paging"),
        ("app/config.py", "import app.columns"),
        ("app/attic.py", "import tenants"),
    ],
    "modules-apart": [("app/modules/hardship_aid.py", "import app.modules.visits")],
    "modules-unnamed": [("app/reports/sheet.py", "import app.modules.visits")],
    "pure-rules": [("app/deadlines/rules.py", "import flask"), ("permissions/table.py", "import sqlalchemy")],
    "no-request": [("app/records/store.py", "import flask"), ("app/administration/units.py", "import flask")],
    "acyclic": [("app/sheets/words.py", "import app.sheets.export")],
}
SEEN = re.compile(r"^(?P<name>.+) (?P<verdict>KEPT|BROKEN)", re.MULTILINE)


def lint(root: Path) -> tuple[dict[str, str], str]:
    """Verdict by the contract's key, and everything the linter said."""
    done = subprocess.run([LINTER, "--no-logo", "--no-cache"], cwd=root, capture_output=True, text=True, check=False)
    setup = configparser.ConfigParser()
    setup.read(root / "setup.cfg", encoding="utf-8")
    keys = {setup[section]["name"]: section.rpartition(":")[2] for section in setup.sections()
            if section.startswith("importlinter:contract:")}
    found = {keys[match["name"]]: match["verdict"] for match in SEEN.finditer(done.stdout) if match["name"] in keys}
    return found, done.stdout + done.stderr


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], str]:
    """What the linter says of a copy of the house with every fault planted at once."""
    copy = tmp_path_factory.mktemp("house")
    for place in ("app", "tenants", "permissions"):
        shutil.copytree(ROOT / place, copy / place, ignore=shutil.ignore_patterns("static", "templates", "__pycache__"))
    shutil.copy(ROOT / "setup.cfg", copy)
    for faults in PLANTED.values():
        for place, line in faults:
            file = copy / place
            source = file.read_text(encoding="utf-8") if file.exists() else '"""Belongs to no layer."""\n'
            file.write_text(f"{source}\n{line}\n", encoding="utf-8")
    return lint(copy)


def test_every_contract_is_kept() -> None:
    verdicts, said = lint(ROOT)
    assert set(verdicts) == set(PLANTED), said
    assert set(verdicts.values()) == {"KEPT"}, said


@pytest.mark.parametrize("contract", PLANTED)
def test_each_contract_bites(contract: str, planted: tuple[dict[str, str], str]) -> None:
    verdicts, said = planted
    assert verdicts[contract] == "BROKEN", said
    for place, line in PLANTED[contract]:
        importer = place.removesuffix(".py").replace("/", ".")
        imported = line.removeprefix("import ")
        siblings = f".{importer.rpartition('.')[2]} -> .{imported.rpartition('.')[2]}"
        assert importer == "app.attic" or f"{importer} -> {imported}" in said or siblings in said, said


def test_a_file_in_no_layer_is_named(planted: tuple[dict[str, str], str]) -> None:
    assert "attic" in planted[1].partition("Broken contracts")[2]
