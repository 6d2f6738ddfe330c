"""The pages: PC console under `/desk`, phone pages under `/m`, and the way in."""

import importlib
import pkgutil

from flask import Blueprint, Flask


def init_app(app: Flask) -> None:
    """Register every blueprint found in this package."""
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda each: each.name):
        loaded = importlib.import_module(f"{__name__}.{info.name}")
        blueprint = getattr(loaded, "blueprint", None)
        if isinstance(blueprint, Blueprint):
            app.register_blueprint(blueprint)
