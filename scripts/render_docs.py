#!/usr/bin/env python3
"""Write the documents that the code says by itself, or check that they still say the same."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from flask import Flask  # noqa: E402 - the checkout has to be importable first

from app import registry  # noqa: E402
from app.columns import COLUMNS  # noqa: E402
from app.config import Settings  # noqa: E402
from app.factory import create_app  # noqa: E402
from permissions.actions import Action  # noqa: E402
from permissions.guard import Mark  # noqa: E402
from permissions.roles import LABELS, Role  # noqa: E402
from permissions.table import Reach, may_hand_out, reach  # noqa: E402

DOCS = ROOT / "docs"
WORDS = {Reach.HERE: "本单位", Reach.BELOW: "本单位及下级", Reach.UNDER: "仅下级",
         Reach.OVER: "仅下级；省级含本单位", Reach.SELF: "本人", Reach.NO: ""}
NOTE = "<!-- Rendered by scripts/render_docs.py; do not edit. -->"


def application(folder: Path) -> Flask:
    """The application, on a database that is never opened."""
    return create_app(Settings(
        instance=folder, database_url="sqlite://", secret_key="0123456789abcdef" * 4,
        field_keys="k1:" + "A" * 43 + "=", public_url="", sms_url="file:", queue_url=f"sqlite:///{folder}/queue.db",
        demo=False, now=None,
    ))


def _rows(cells: Iterator[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in cells)


def permissions_page(_app: Flask) -> str:
    """Both blocks of the table, in words."""
    heads = [f"{LABELS[role]} `{role.value}`" for role in Role]
    table = [[f"`{action.value}`", *(WORDS[reach(action, role)] for role in Role)] for action in Action]
    given = [[LABELS[giver], *(WORDS[may_hand_out(giver, role)] for role in Role)]
             for giver in Role if any(may_hand_out(giver, role) is not Reach.NO for role in Role)]
    ruler = ["---"] * (len(heads) + 1)
    return "\n".join([
        "# Who may do what", "", NOTE, "",
        "The source is `permissions/table.py`. Empty: no. A right may be limited to some columns (栏目).", "",
        _rows(iter([["", *heads], ruler, *table])), "",
        "## Who may hand out which role", "", _rows(iter([["", *heads], ruler, *given])), "",
    ])


def routes_file(app: Flask) -> str:
    """Every route with its methods and what its guard declares."""
    found = []
    for rule in app.url_map.iter_rules():
        mark: Mark = app.view_functions[rule.endpoint].__guard__
        found.append({
            "route": rule.rule, "methods": sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}),
            "endpoint": rule.endpoint, "guard": mark.kind, "action": mark.action.value if mark.action else None,
            "channels": sorted(channel.value for channel in mark.channels), "reach": mark.reach,
        })
    lines = [json.dumps(each, ensure_ascii=False) for each in sorted(found, key=lambda each: _place(each))]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _place(route: dict[str, Any]) -> tuple[str, list[str]]:
    return route["route"], route["methods"]


def modules_page(_app: Flask) -> str:
    """Every kind of record with its fields and deadlines."""
    parts = ["# Kinds of records", "", NOTE, "",
             "One file each in `app/modules`; `scripts/new_module.py` makes another."]
    for module in registry.modules().values():
        rules = [f"{rule.days} working days after `{rule.after}`" + (f" from {rule.since}" if rule.since else "") +
                 f" ({rule.article})" for rule in module.deadlines]
        fields = [[f"`{name}`", field.metadata["label"], field.metadata["widget"], "yes" if field.required else "",
                   "yes" if field.metadata["sensitive"] else ""] for name, field in module.schema().named().items()]
        parts += ["", f"## {module.title} `{module.key}`", "",
                  f"栏目：{COLUMNS[module.column]} `{module.column}`. Due: {'; '.join(rules)}.", "",
                  _rows(iter([["field", "label", "widget", "required", "sensitive"], ["---"] * 5, *fields]))]
    return "\n".join([*parts, ""])


PAGES: dict[str, Callable[[Flask], str]] = {
    "permissions.md": permissions_page, "routes.json": routes_file, "modules.md": modules_page,
}


def rendered() -> dict[str, str]:
    """What each document should say, by file name."""
    with tempfile.TemporaryDirectory() as folder:
        app = application(Path(folder))
        with app.app_context():
            return {name: page(app) for name, page in PAGES.items()}


def stale(pages: dict[str, str], folder: Path = DOCS) -> list[str]:
    """The documents that say something else, or are not there."""
    return [name for name, text in pages.items()
            if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text]


def count_statements() -> int:
    """Measure the statements of each page on SQLite and write `docs/statements.md`; the tests do the measuring."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "sqlite",
               "tests/app/test_statement_counts.py"]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "YINLING_WRITE_DOCS": "1"}, check=False).returncode


def main() -> int:
    """Write them, or with `--check` only say which are stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a document is stale")
    parser.add_argument("--statements", action="store_true", help="also measure docs/statements.md anew")
    options = parser.parse_args()
    pages = rendered()
    old = stale(pages)
    if options.check:
        print("\n".join(f"docs/{name} is stale: run scripts/render_docs.py" for name in old) or "documents are current")
        return int(bool(old))
    for name in old:
        (DOCS / name).write_text(pages[name], encoding="utf-8")
        print(f"wrote docs/{name}")
    return count_statements() if options.statements else 0


if __name__ == "__main__":
    sys.exit(main())
