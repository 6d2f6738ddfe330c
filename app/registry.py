"""Finds the modules by walking `app.modules`; a broken declaration stops the start with one sentence."""

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from app import modules as package
from app.columns import COLUMNS
from app.records.module import Module
from tenants.errors import NotFound

_found: dict[str, Module] = {}


class BadModule(RuntimeError):
    """A module's declaration is incomplete or clashes with another's."""


def load() -> Mapping[str, Module]:
    """Import every file or folder in `app/modules` and read its MODULE."""
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda each: each.name):
        loaded = importlib.import_module(f"{package.__name__}.{info.name}")
        _add(getattr(loaded, "MODULE", None), info.name)
    return modules()


def _add(module: Module | None, name: str) -> None:
    if not isinstance(module, Module):
        raise BadModule(f"app/modules/{name} declares no MODULE")
    if module.column not in COLUMNS:
        raise BadModule(f"module {module.key} names an unknown column {module.column}")
    known = _found.get(module.key)
    if known is not None and known.record is not module.record:
        raise BadModule(f"two modules are called {module.key}")
    fields = module.schema().named()
    for rule in module.deadlines:
        if rule.after not in fields:
            raise BadModule(f"module {module.key} has a deadline after {rule.after}, which its schema lacks")
    _found[module.key] = module


def modules() -> Mapping[str, Module]:
    """Every module by key, in display order."""
    return MappingProxyType(dict(sorted(_found.items(), key=lambda item: (item[1].order, item[0]))))


def module(key: str) -> Module:
    """The module, or NotFound."""
    found = _found.get(key)
    if found is None:
        raise NotFound
    return found


def modules_of(column: str) -> list[Module]:
    """The modules of a column."""
    return [each for each in modules().values() if each.column == column]
