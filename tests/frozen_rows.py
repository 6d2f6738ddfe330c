"""Rows of what is kept for good, for tests that need every owned table filled."""

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from typing import Any

from app.plans.model import PlannedChange, PlannedUnit
from app.records.homes import RecordHome
from app.records.ruling import Ruling
from app.reports.frozen import FrozenReport
from permissions.accounts import Account
from tenants import clock
from tenants.db import db
from tenants.fields import new_id
from tenants.models import Unit

SHEET, FIGURES = b"sheet", b'{"rows": [], "total_row": {}}'


def frozen_row(unit: Unit, by: Account, title: str = "封存的报表") -> FrozenReport:
    """Not yet added, its seals whole."""
    return FrozenReport(
        unit_id=unit.id, unit_number=unit.number, unit_name=unit.name, title=title, first=date(2026, 4, 1),
        last=date(2026, 6, 30), tree_on=date(2026, 6, 10), columns="precision_service", sheet=SHEET,
        sheet_hash=sha256(SHEET).hexdigest(), figures=FIGURES, figures_hash=sha256(FIGURES).hexdigest(),
        frozen_at=clock.now(), frozen_by=by.id, frozen_by_name=by.name)


def kept_rows(unit: Unit, by: Account, record_id: str) -> list[Any]:
    """A frozen report, a word about a record, and where it lay before; not yet added."""
    place = {"unit_id": unit.id, "unit_number": unit.number}
    change, concerned = change_rows(unit, by)
    change.id = new_id()
    db.session.add(change)
    db.session.flush()
    return [frozen_row(unit, by), concerned(change.id),
            Ruling(record_id=record_id, kind="reopened", at=clock.now(), by_name="x", by_unit="x", **place),
            RecordHome(record_id=record_id, home_id=unit.id, to_id=unit.id, handed_at=clock.now(), **place)]


def change_rows(unit: Unit, by: Account, name: str = "新名称") -> tuple[PlannedChange, Callable[[str], PlannedUnit]]:
    """A renaming of a unit planned for later, and what says that it concerns the unit, once the id is known."""
    place = {"unit_id": unit.id, "unit_number": unit.number}
    return (PlannedChange(kind="rename", body={"name": name}, effective_on=date(2026, 12, 1), ordered_by=by.id,
                          ordered_by_name=by.name, ordered_at=clock.now(), **place),
            lambda change_id: PlannedUnit(change_id=change_id, **place))
