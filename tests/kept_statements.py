"""Statements are compiled once for a process: what a planted fault had one compile must not outlive its test.

One that did made lists of other tests answer in another order, now and then, as the tests were dealt out.
"""

import sys
from collections.abc import Hashable

from flask import Flask

from tenants.prepared import Compiled, Prepared

OURS = ("app", "permissions", "tenants")
Kept = dict[Prepared, set[Hashable]]


def kept() -> Kept:
    """Every template of ours, with what it has compiled so far."""
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] in OURS]
    return {each: set(each._made) for module in modules for each in vars(module).values()
            if isinstance(each, Prepared)}


def drop_changed(app: Flask, before: Kept) -> list[str]:
    """Forget what was compiled since and would be compiled otherwise now; the texts that went."""
    gone = []
    with app.app_context():
        for each, known in before.items():
            for key in each._made.keys() - known:
                if _again(each, key) != each._made[key].text:
                    gone.append(each._made.pop(key).text)
    return gone


def _again(each: Prepared, key: Hashable) -> str:
    """The text of a key, compiled anew."""
    dialect, form, shape = key  # type: ignore[misc]
    return Compiled(each._template(form, shape), dialect).text
