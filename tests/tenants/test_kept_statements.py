"""A statement compiled under a planted fault does not outlive it, and one that is right stays."""

import pytest
from flask import Flask

import kept_statements
from app.people import listing
from tenants import in_order
from tenants.in_order import Aisle
from tenants.prepared import Prepared
from tenants.scope import Scope

WHOLE = Scope.everything("a test lists everybody")


def _page(app: Flask) -> None:
    with app.app_context():
        in_order.first(listing._EVERYBODY, WHOLE, 3)


def test_what_a_fault_had_compiled_is_dropped(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_order, "_PAGE", Prepared(in_order._page_of))
    before = kept_statements.kept()
    with monkeypatch.context() as planted:
        planted.setattr(Aisle, "key", property(lambda self: (self.rank, self.model.unit_number, self.row_id)))
        _page(app)
    gone = kept_statements.drop_changed(app, before)
    assert len(gone) == 1 and gone[0].startswith("SELECT cadres.name_reading") and not in_order._PAGE._made
    _page(app)
    assert kept_statements.drop_changed(app, before) == [] and len(in_order._PAGE._made) == 1
