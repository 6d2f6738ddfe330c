"""The house rules on migrations: one line of numbered files, none of which imports the application."""

import ast
import re
from pathlib import Path

NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.py")
OURS = frozenset({"app", "tenants", "permissions"})


def versions(root: Path) -> list[Path]:
    """Every revision, in the order of its number."""
    return sorted(path for path in (root / "migrations/versions").glob("*.py"))


def said(path: Path, name: str) -> str | None:
    """What a revision assigns to a name at its top."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return ast.literal_eval(node.value)
    return None


def disorder(root: Path) -> list[str]:
    """Numbers are unique and without a gap, each revision follows the one before it, and `.head` names the last."""
    faults = [f"{path.name}: not NNNN_slug.py" for path in versions(root) if not NAME.fullmatch(path.name)]
    before = None
    for place, path in enumerate(versions(root), start=1):
        number = path.name[:4]
        if number != f"{place:04d}":
            faults.append(f"{path.name}: number {place:04d} was expected")
        if said(path, "revision") != number:
            faults.append(f"{path.name}: its revision is {said(path, 'revision')}")
        if said(path, "down_revision") != before:
            faults.append(f"{path.name}: follows {said(path, 'down_revision')}, not {before}")
        before = number
    head = (root / "migrations/.head").read_text(encoding="utf-8").strip()
    return faults + ([] if head == before else [f".head says {head}, the last revision is {before}"])


def dependent(root: Path) -> list[str]:
    """A revision imports nothing of ours: the application moves on, a revision does not."""
    faults = []
    for path in versions(root):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else (
                [node.module or ""] if isinstance(node, ast.ImportFrom) else [])
            faults += [f"{path.name}: imports {name}" for name in names if name.split(".")[0] in OURS]
    return faults


def one_way(root: Path) -> list[str]:
    """Every revision can be taken back: its downgrade does something."""
    faults = []
    for path in versions(root):
        functions = {node.name: node.body for node in ast.parse(path.read_text(encoding="utf-8")).body
                     if isinstance(node, ast.FunctionDef)}
        for name in ("upgrade", "downgrade"):
            body = [each for each in functions.get(name, []) if not isinstance(each, ast.Pass)]
            if not body or any(isinstance(each, ast.Raise) for each in body):
                faults.append(f"{path.name}: no {name}")
    return faults


RULES = (disorder, dependent, one_way)
