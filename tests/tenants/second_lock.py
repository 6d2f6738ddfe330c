"""The switches of the two locks, for planted faults: the application's filter off, the database's policies open."""

import pytest
from sqlalchemy import true

from tenants import row_security
from tenants.scope import Scope


def filter_off(patch: pytest.MonkeyPatch) -> None:
    """Every statement of the application asks for all rows."""
    patch.setattr(Scope, "clause", lambda _self, _model: true())


def policies_open(patch: pytest.MonkeyPatch) -> None:
    """Whatever a statement's scope, the database is told the whole tree."""
    patch.setattr(row_security, "as_multirange", lambda _scope: row_security.EVERYTHING)
