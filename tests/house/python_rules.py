"""The house rules on Python files: each takes the root of a tree and gives back its faults, one sentence each."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("app", "tenants", "permissions", "migrations", "scripts", "tests")
OURS = ("app", "tenants", "permissions")
FORBIDDEN_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "handler",
                             "handlers", "misc", "data", "service", "services"})
LONGEST_FILE, LONGEST_FUNCTION = 300, 40


def python_files(root: Path, *places: str) -> list[Path]:
    """Our Python files below these folders (all of them by default), scripts without a suffix included."""
    found = [path for place in places or PLACES for path in (root / place).rglob("*") if _is_python(path)]
    return sorted([*found, *([] if places else root.glob("*.py"))])


def _is_python(path: Path) -> bool:
    if not path.is_file() or "__pycache__" in path.parts or "vendor" in path.parts:
        return False
    if path.suffix == ".py":
        return True
    if path.suffix or path.parent.name != "scripts":
        return False
    return path.read_bytes().startswith(b"#!/usr/bin/env python3")


def _trees(root: Path, *places: str) -> Iterator[tuple[str, ast.Module]]:
    for path in python_files(root, *places):
        yield str(path.relative_to(root)), ast.parse(path.read_text(encoding="utf-8"))


def long_files(root: Path) -> list[str]:
    """No file over 300 lines."""
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files(root)}
    return [f"{path.relative_to(root)}: {lines} lines" for path, lines in lengths.items() if lines > LONGEST_FILE]


def long_functions(root: Path) -> list[str]:
    """No function over 40 lines. A migration lists columns, and a flow tells a story: those two may be longer."""
    return [
        f"{name}:{node.lineno}: {node.name} has {length} lines"
        for name, tree in _trees(root)
        if not name.startswith(("migrations/versions/", "tests/flows/"))
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]


def without_opening_sentence(root: Path) -> list[str]:
    """The first thing in each file is a sentence."""
    faults = []
    for name, tree in _trees(root):
        first = (ast.get_docstring(tree) or "").split("\n\n")[0].strip()
        if len(first.split()) < 2 or not first.endswith((".", "。")):
            faults.append(f"{name}: does not open with a sentence")
    return faults


def forbidden_names(root: Path) -> list[str]:
    """Words that mean nothing name no file and no package of ours."""
    return [f"{path.relative_to(root)}: a name that means nothing" for path in python_files(root)
            if path.stem in FORBIDDEN_NAMES or path.parent.name in FORBIDDEN_NAMES]


def hidden_imports(root: Path) -> list[str]:
    """Nothing of ours is imported inside a function."""
    return [
        f"{name}:{inner.lineno}: {function.name} imports {imported}"
        for name, tree in _trees(root)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(function)
        for imported in _imported(inner)
        if imported.split(".")[0] in OURS
    ]


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def relative_imports(root: Path) -> list[str]:
    """Imports are absolute."""
    return [f"{name}:{node.lineno}: a relative import" for name, tree in _trees(root) for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.level]


def raw_sql(root: Path) -> list[str]:
    """No SQL in strings outside migrations and the tree: a scope cannot see into it."""
    return [f"{name}:{node.lineno}: SQL in a string" for name, tree in _trees(root, "app", "permissions")
            for node in ast.walk(tree) if _is_raw_sql(node)]


def _is_raw_sql(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
        return any(each.name in ("text", "literal_column", "TextClause") for each in node.names)
    if isinstance(node, ast.Attribute):
        raw = ("exec_driver_sql", "literal_column")
        return node.attr in raw or (node.attr == "text" and getattr(node.value, "id", "") in ("sa", "sqlalchemy", "db"))
    return False


def stray_commits(root: Path) -> list[str]:
    """One file commits (`permissions/transaction.py`), and no other; a session that is told to may pass it on."""
    return [f"{name}:{node.lineno}: commits" for name, tree in _trees(root, *OURS)
            if name != "permissions/transaction.py"
            for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "commit"
            and not (name == "tenants/session.py" and ast.unparse(node.value) == "super()")]


def unescaped(root: Path) -> list[str]:
    """Nothing is declared safe: Markup and its relatives are not used."""
    names = {"Markup", "markupsafe", "render_template_string"}
    return [f"{name}:{node.lineno}: {said}" for name, tree in _trees(root, *OURS) for node in ast.walk(tree)
            for said in _mentioned(node) if said in names]


def _mentioned(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [*(each.name for each in node.names), *_imported(node)]
    return [node.attr] if isinstance(node, ast.Attribute) else []


def wall_clocks(root: Path) -> list[str]:
    """Now and today are asked of `tenants.clock` alone."""
    return [f"{name}:{node.lineno}: asks another clock" for name, tree in _trees(root, *OURS)
            if name != "tenants/clock.py" for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today", "fromtimestamp")
            and getattr(node.value, "id", "") in ("datetime", "date")]


def lazy_tests(root: Path) -> list[str]:
    """A test runs: none is skipped, expected to fail, or asleep."""
    return [f"{name}:{node.lineno}: {node.attr}" for name, tree in _trees(root, "tests") for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and _is_lazy(node)]


def _is_lazy(node: ast.Attribute) -> bool:
    owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    return (owner in ("pytest", "mark") and node.attr in ("skip", "skipif", "xfail", "importorskip")) or (
        owner == "time" and node.attr == "sleep")


RULES = (long_files, long_functions, without_opening_sentence, forbidden_names, hidden_imports, relative_imports,
         raw_sql, stray_commits, unescaped, wall_clocks, lazy_tests)
