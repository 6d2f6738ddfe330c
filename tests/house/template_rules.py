"""The house rules on templates and styles: each takes the root of a tree and gives back its faults."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, TemplateSyntaxError, nodes
from python_rules import python_files

LONGEST = 120
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:",
                    re.IGNORECASE)
REMOTE = re.compile(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", re.IGNORECASE)
NAMESPACES = re.compile(r"http://www\.w3\.org/\d{4}/\w+")
_environment = Environment(extensions=["jinja2.ext.do"], autoescape=True)


def templates(root: Path) -> dict[str, str]:
    """Every template by the name it is rendered under."""
    folder = root / "app/templates"
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.html"))}


def _trees(root: Path) -> Iterator[tuple[str, nodes.Template]]:
    for name, source in templates(root).items():
        try:
            yield name, _environment.parse(source, name)
        except TemplateSyntaxError:
            continue  # `broken` tells


def broken(root: Path) -> list[str]:
    """Every template compiles."""
    faults = []
    for name, source in templates(root).items():
        try:
            _environment.compile(source, name)
        except TemplateSyntaxError as error:
            faults.append(f"{name}:{error.lineno}: {error.message}")
    return faults


def long_templates(root: Path) -> list[str]:
    """No template over 120 lines."""
    return [f"{name}: {lines} lines" for name, source in templates(root).items()
            if (lines := len(source.splitlines())) > LONGEST]


def inline_code(root: Path) -> list[str]:
    """No inline script, style or handler: the policy of the headers would refuse it."""
    return [f"{name}: {found.group().strip()}" for name, source in templates(root).items()
            for found in INLINE.finditer(source)]


def trusting_filters(root: Path) -> list[str]:
    """No `safe` filter, no escaping switched off."""
    faults = [f"{name}:{each.lineno}: safe" for name, tree in _trees(root) for each in tree.find_all(nodes.Filter)
              if each.name == "safe"]
    return faults + [f"{name}: autoescape" for name, source in templates(root).items() if "autoescape" in source]


def remote_addresses(root: Path) -> list[str]:
    """Nothing is fetched from elsewhere, by a template, a style or a script of ours."""
    static = [path for path in (root / "app/static").glob("*") if path.suffix in (".css", ".js", ".svg")]
    sources = templates(root) | {path.name: path.read_text(encoding="utf-8") for path in sorted(static)}
    return [f"{name}: {found.group()}" for name, source in sources.items()
            for found in REMOTE.finditer(NAMESPACES.sub("", source))]


def unused_imports(root: Path) -> list[str]:
    """What a template imports, it uses."""
    faults = []
    for name, tree in _trees(root):
        used = {each.name for each in tree.find_all(nodes.Name) if each.ctx == "load"}
        for imported in _imports(tree):
            if imported not in used:
                faults.append(f"{name}: imports {imported} and does not use it")
    return faults


def _imports(tree: nodes.Template) -> Iterator[str]:
    for each in tree.find_all(nodes.Import):
        yield each.target
    for named in tree.find_all(nodes.FromImport):
        yield from (name if isinstance(name, str) else name[1] for name in named.names)


def missing_names(root: Path) -> list[str]:
    """What a template imports from another is defined there."""
    macros = {name: {each.name for each in tree.find_all(nodes.Macro)} | _assigned(tree) for name, tree in _trees(root)}
    return [
        f"{name}: {wanted} is not in {source.as_const()}"
        for name, tree in _trees(root)
        for each in tree.find_all(nodes.FromImport)
        if isinstance(source := each.template, nodes.Const)
        for wanted in (one if isinstance(one, str) else one[0] for one in each.names)
        if wanted not in macros.get(source.as_const(), set())
    ]


def _assigned(tree: nodes.Template) -> set[str]:
    return {each.target.name for each in tree.find_all(nodes.Assign) if isinstance(each.target, nodes.Name)}


def unused_templates(root: Path) -> list[str]:
    """Every template is rendered, extended, included or imported by something."""
    wanted = [*_named_in_python(root), *_named_in_templates(root)]
    return [f"{name}: nothing uses it" for name in templates(root)
            if not any(re.fullmatch(pattern, name) for pattern in wanted)]


def _named_in_python(root: Path) -> Iterator[str]:
    for path in python_files(root, "app"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and str(node.value).endswith(".html"):
                yield re.escape(str(node.value))
            elif isinstance(node, ast.JoinedStr):
                parts = [re.escape(str(each.value)) if isinstance(each, ast.Constant) else "[^/]+"
                         for each in node.values]
                if parts and parts[-1].endswith("html"):
                    yield "".join(parts)


def _named_in_templates(root: Path) -> Iterator[str]:
    for _name, tree in _trees(root):
        for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
            for constant in node.template.find_all(nodes.Const) if not isinstance(node.template, nodes.Const) else (
                    node.template,):
                yield re.escape(str(constant.value))


def deaf_names(root: Path) -> list[str]:
    """Nothing is handed to a template as `none`, `true` or `false`: there these are words of the language."""
    return [f"{path.name}:{node.lineno}: {each.arg}=" for path in python_files(root, "app")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
            for each in node.keywords if each.arg in ("none", "true", "false")]


RULES = (broken, long_templates, inline_code, trusting_filters, remote_addresses, unused_imports, missing_names,
         unused_templates, deaf_names)
