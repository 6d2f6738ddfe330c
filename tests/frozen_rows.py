"""Rows of what is kept for good, for tests that need every owned table filled."""

from datetime import date
from typing import Any

from app.records.homes import RecordHome
from app.records.ruling import Ruling
from app.reports.frozen import FrozenReport
from permissions.accounts import Account
from tenants import clock
from tenants.models import Unit


def frozen_row(unit: Unit, by: Account, title: str = "封存的报表") -> FrozenReport:
    """Not yet added; its hashes are of nothing."""
    return FrozenReport(
        unit_id=unit.id, unit_number=unit.number, unit_name=unit.name, title=title, first=date(2026, 4, 1),
        last=date(2026, 6, 30), tree_on=date(2026, 6, 10), columns="precision_service", sheet=b"sheet",
        sheet_hash="0" * 64,
        figures=b'{"rows": [], "total_row": {}}', figures_hash="0" * 64, frozen_at=clock.now(), frozen_by=by.id,
        frozen_by_name=by.name)


def kept_rows(unit: Unit, by: Account, record_id: str) -> list[Any]:
    """A frozen report, a word about a record, and where it lay before; not yet added."""
    place = {"unit_id": unit.id, "unit_number": unit.number}
    return [frozen_row(unit, by),
            Ruling(record_id=record_id, kind="reopened", at=clock.now(), by_name="x", by_unit="x", **place),
            RecordHome(record_id=record_id, home_id=unit.id, to_id=unit.id, handed_at=clock.now(), **place)]
