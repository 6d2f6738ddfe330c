"""Commands: `flask --app wsgi …`."""

import importlib
import pkgutil

from click import Command
from flask import Flask
from flask.cli import AppGroup


def init_app(app: Flask) -> None:
    """Register every command and group found in this package."""
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda each: each.name):
        loaded = importlib.import_module(f"{__name__}.{info.name}")
        for command in getattr(loaded, "COMMANDS", ()):
            app.cli.add_command(command)


__all__ = ["AppGroup", "Command", "init_app"]
