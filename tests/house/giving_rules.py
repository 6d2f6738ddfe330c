"""The house rule on rights: one module makes, changes and ends them; whoever loads them in bulk writes their origin."""

import ast
from collections.abc import Iterator
from pathlib import Path

from python_rules import python_files

DOORS = frozenset({"permissions/giving.py"})
WRITES_ORIGIN = "permissions/lineage.py"
RIGHTS = frozenset({"Grant", "Seat", "RightGiven"})
TABLES = frozenset({"grants", "administrators", "rights_given"})
# Columns that mean a right wherever they are assigned; on rows of rights any column does.
OPENERS = frozenset({"pc_grant", "mobile_access", "frozen_at", "template_id", "appointed_by", "given_by"})
ENDS = frozenset({"pc_grant", "mobile_access"})  # closing one takes rights away, which anybody's path may do
COLUMNS = OPENERS | {"role", "columns", "channel", "since", "until", "account_id", "unit_id", "unit_number", "seat"}
WRITES = frozenset({"insert", "update", "delete", "merge", "bulk_insert_mappings", "bulk_save_objects"})
# Loaders of whole worlds, with no person before them.
BULK = {
    "app/demo/load_accounts.py": "loads the demonstration's staff in one go",
    "scripts/scale/account_rows.py": "makes the rows of a province for COPY",
    "scripts/trials/open_records.py": "loads the tree, the clerks and the records of a trial",
    "scripts/scale/load.py": "names the tables it loads",
}
ORIGIN = "rights_given"


def rights_made_elsewhere(root: Path) -> list[str]:
    """Every place outside the door that makes, changes or ends a right."""
    faults = []
    for path in python_files(root, "app", "permissions", "tenants", "scripts"):
        name = str(path.relative_to(root))
        if name in DOORS or name in BULK:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        near = _knows_rights(tree)
        faults += [f"{name}:{line}: {what}" for line, what in _written(tree, near=near)
                   if not (name == WRITES_ORIGIN and what == "makes a RightGiven")]
    return faults


def _knows_rights(tree: ast.Module) -> bool:
    """Whether a module imports a class of rights."""
    return any(each.name in RIGHTS for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
               for each in node.names)


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _written(tree: ast.Module, *, near: bool) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _calls(node, near=near)
        for target, value in _assigned(node):
            closes = target.attr in ENDS and isinstance(value, ast.Constant) and value.value is False
            if target.attr in (COLUMNS if near else OPENERS) and not closes:
                yield node.lineno, f"assigns .{target.attr}"


def _assigned(node: ast.AST) -> Iterator[tuple[ast.Attribute, ast.expr | None]]:
    """Each attribute that a statement assigns, with what it is given."""
    targets: list[ast.expr] = node.targets if isinstance(node, ast.Assign) else (
        [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else [])
    given = getattr(node, "value", None)
    for target in targets:
        each = target.elts if isinstance(target, ast.Tuple) else [target]
        values = given.elts if isinstance(given, ast.Tuple) and len(given.elts) == len(each) else [given] * len(each)
        yield from ((one, value) for one, value in zip(each, values, strict=True) if isinstance(one, ast.Attribute))


def _calls(node: ast.Call, *, near: bool) -> Iterator[tuple[int, str]]:
    called = _called(node)
    if called in RIGHTS:
        yield node.lineno, f"makes a {called}"
    first = node.args[0] if node.args else None
    if called in WRITES and (getattr(first, "id", "") in RIGHTS or getattr(getattr(first, "value", None), "id", "")
                             in RIGHTS):
        yield node.lineno, f"{called} of rights"
    if near and called == "delete" and getattr(getattr(node.func, "value", None), "attr", "") == "session":
        yield node.lineno, "deletes a row beside rights"
    if called == "setattr" and near:
        yield node.lineno, "sets a column by name beside rights"
    if called in ("Block", "Table", "table", *WRITES) and isinstance(first, ast.Constant) and first.value in TABLES:
        yield node.lineno, f"{called} of {first.value}"


def bulk_without_origin(root: Path) -> list[str]:
    """A loader that is let past the door and does not write where its rights came from."""
    faults = []
    for name in BULK:
        text = (root / name).read_text(encoding="utf-8") if (root / name).exists() else ""
        if ORIGIN not in text and "RightGiven" not in text:
            faults.append(f"{name}: loads rights without their origin")
    return faults


RULES = (rights_made_elsewhere, bulk_without_origin)
