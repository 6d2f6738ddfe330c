"""Who calls a function by its name: a question that tests ask of the source."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def callers(name: str, *places: str) -> set[str]:
    """The files, below these folders, that call something of this name."""
    found = set()
    for place in places:
        for path in (ROOT / place).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                called = node.func if isinstance(node, ast.Call) else None
                if name in (getattr(called, "id", ""), getattr(called, "attr", "")):
                    found.add(str(path.relative_to(ROOT)))
    return found
