"""The switches of the two locks, for planted faults: the application's filter off, the database's policies open."""

from typing import Any

import pytest
from sqlalchemy import true

from tenants import prepared, row_security
from tenants.scope import Scope

WHOLE = Scope.everything("a planted fault")


def filter_off(patch: pytest.MonkeyPatch) -> None:
    """Every statement of the application asks for all rows; what the database is told stays as it is."""
    patch.setattr(Scope, "clause", lambda _self, _model, *_number: true())
    real = prepared.Prepared.made

    def made(self: prepared.Prepared, connection: Any, _scope: Scope, shape: Any, values: Any) -> Any:
        return real(self, connection, WHOLE, shape, values)

    patch.setattr(prepared.Prepared, "made", made)


def policies_open(patch: pytest.MonkeyPatch) -> None:
    """Whatever a statement's scope, the database is told the whole tree."""
    patch.setattr(row_security, "as_multirange", lambda _scope: row_security.EVERYTHING)
