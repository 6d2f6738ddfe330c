"""Frozen reports (封存): the sheet and its figures kept byte for byte, with their hash, who froze them and when.

A frozen report is a document of its unit: it stays with it whatever happens to the tree, and nobody can change or
delete it (a trigger sees to that). Who may read it is decided like the report itself, today, at its unit, and by what
it names (`documents`).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from itertools import combinations

from sqlalchemy import Date, ForeignKey, LargeBinary, String, and_, false, func, or_
from sqlalchemy.orm import Mapped, defer, mapped_column
from sqlalchemy.sql.elements import ColumnElement

from app import registry
from app.paging import Page, decode, page_of
from app.reports import sheet
from app.reports.documents import BETWEEN, withheld
from app.reports.shape import as_dict
from app.reports.timeliness import Report
from permissions import audit, guard
from permissions.actions import Action
from tenants import clock, tree
from tenants.db import Base, db
from tenants.errors import Conflict, Forbidden, NotFound
from tenants.fields import Id, Instant, new_id
from tenants.models import Unit
from tenants.scope import NOTHING, Scope, UnitOwned, owned

ACTION = Action.REPORT_TIMELINESS


class FrozenReport(UnitOwned, Base):
    """A report as it was. `columns` are the 栏目 it tells of: only who may read all of them reads it."""

    __tablename__ = "frozen_reports"
    __audited__ = True
    stays = True

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    title: Mapped[str] = mapped_column(String(100))
    unit_name: Mapped[str] = mapped_column(String(100))
    first: Mapped[date] = mapped_column(Date)
    last: Mapped[date] = mapped_column(Date)
    tree_on: Mapped[date] = mapped_column(Date)
    columns: Mapped[str] = mapped_column(String(200))
    sheet: Mapped[bytes] = mapped_column(LargeBinary)
    sheet_hash: Mapped[str] = mapped_column(String(64))
    figures: Mapped[bytes] = mapped_column(LargeBinary)
    figures_hash: Mapped[str] = mapped_column(String(64))
    frozen_at: Mapped[datetime] = mapped_column(Instant)
    frozen_by: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    frozen_by_name: Mapped[str] = mapped_column(String(50))

    __table_args__ = owned()


@dataclass(frozen=True)
class Kept:
    """A frozen report whose bytes have been held against their hashes."""

    report: FrozenReport
    whole: bool


def require(report: Report) -> list[str]:
    """The columns it tells of; Forbidden unless I may freeze it for each of them."""
    columns = sorted({line.module.column for line in report.lines})
    for column in columns:
        guard.require(Action.REPORT_FREEZE, report.unit, column)
    if not columns:
        raise Forbidden
    return columns


def freeze(report: Report, title: str | None) -> FrozenReport:
    """Keep a report as it is now, if I may."""
    kinds = require(report)
    by, now = guard.me().account, clock.now()
    cells = sheet.of(report)
    figures = json.dumps(as_dict(report), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    kept = FrozenReport(
        unit_id=report.unit.id, unit_number=report.unit.number, unit_name=report.unit.name,
        title=title or f"{report.unit.name}及时性统计（{report.first.isoformat()} 至 {report.last.isoformat()}）"[:100],
        first=report.first, last=report.last, tree_on=report.tree_on or clock.today(), columns=BETWEEN.join(kinds),
        sheet=cells, sheet_hash=sha256(cells).hexdigest(), figures=figures, figures_hash=sha256(figures).hexdigest(),
        frozen_at=now, frozen_by=by.id, frozen_by_name=by.name)
    db.session.add(kept)
    db.session.flush()
    audit.record(Action.REPORT_FREEZE, "timeliness", kept.id, report.unit, after={
        "from": report.first.isoformat(), "to": report.last.isoformat(), "sheet_hash": kept.sheet_hash})
    return kept


def _readable() -> Iterator[tuple[str, Scope]]:
    """Every set of columns with the scope in which I may read all of them."""
    columns = sorted({module.column for module in registry.modules().values()})
    sights = {column: guard.sight(ACTION, column) for column in columns}
    for many in range(1, len(columns) + 1):
        for chosen in combinations(columns, many):
            scope = sights[chosen[0]]
            for column in chosen[1:]:
                scope = scope.narrowed(sights[column])
            if scope:
                yield BETWEEN.join(chosen), scope


def _inside(within: Scope | None, report_id: str | None = None) -> tuple[Scope, ColumnElement[bool]]:
    """The scope of all I may read (or of this one), and the condition on its rows."""
    whole, parts = NOTHING, []
    for columns, scope in _readable():
        reach = scope.narrowed(within) if within is not None else scope
        if reach:
            whole = whole.joined(reach)
            parts.append(and_(FrozenReport.columns == columns, reach.clause(FrozenReport)))
    among = and_(or_(false(), *parts), *([FrozenReport.id == report_id] if report_id is not None else ()))
    return whole, and_(among, FrozenReport.id.not_in(withheld(FrozenReport, dict(_readable()), among)))


_WITHOUT_BYTES = (defer(FrozenReport.sheet), defer(FrozenReport.figures))


def listing(within: Scope | None, *, cursor: str | None, limit: int) -> Page[FrozenReport]:
    """What I may read, the latest first, without the bytes."""
    scope, condition = _inside(within)
    statement = scope.select(FrozenReport).where(condition).options(*_WITHOUT_BYTES)
    after = decode(cursor, (datetime, str))
    if after is not None:
        at, report_id = after
        statement = statement.where(or_(FrozenReport.frozen_at < at,
                                        and_(FrozenReport.frozen_at == at, FrozenReport.id < report_id)))
    rows: Sequence[FrozenReport] = db.session.execute(
        statement.order_by(FrozenReport.frozen_at.desc(), FrozenReport.id.desc()).limit(limit + 1)).scalars().all()
    total = db.session.execute(scope.select(FrozenReport, func.count()).where(condition)).scalar_one()
    return page_of(list(rows), limit, lambda row: (row.frozen_at, row.id), total)


def seen(report_id: str) -> Kept:
    """One I may read, held against its hashes; NotFound otherwise."""
    scope, condition = _inside(None, guard.checked_id(report_id))
    found = db.session.execute(scope.select(FrozenReport).where(condition)).scalar_one_or_none()
    if found is None:
        raise NotFound
    whole = (sha256(found.sheet).hexdigest(), sha256(found.figures).hexdigest()) == (
        found.sheet_hash, found.figures_hash)
    return Kept(found, whole)


def file_of(report_id: str) -> FrozenReport:
    """The same for its file; Conflict when its bytes no longer are what was frozen. Taking it is logged."""
    kept = seen(report_id)
    if not kept.whole:
        raise Conflict("这份封存的报表与封存时的指纹不符，请联系系统维护人员核查。", code="broken_seal")
    audit.note(audit.entry("report:export", "timeliness", kept.report.id, _unit(kept.report),
                           after={"sheet_hash": kept.report.sheet_hash}))
    return kept.report


def _unit(report: FrozenReport) -> Unit:
    return tree.unit_by_id(report.unit_id, Scope.everything("the unit of a report already seen"))
