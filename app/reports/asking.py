"""Asking for the timeliness report: where I may, for which kinds of record."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from app import registry
from app.administration import units
from app.records.calendar import work_calendar
from app.records.module import Module
from app.reports.timeliness import Report, timeliness
from permissions import guard
from permissions.actions import Action
from permissions.guard import require
from permissions.reading import from_replica
from tenants import clock
from tenants.errors import Forbidden, Malformed
from tenants.models import Unit

ACTION = Action.REPORT_TIMELINESS


def modules_for(unit: Unit, wanted: str | None) -> Sequence[Module]:
    """The kinds whose report I may read at this unit, or the one asked for. Raises Forbidden or NotFound."""
    asked = [registry.module(wanted)] if wanted else list(registry.modules().values())
    allowed = [module for module in asked if guard.may(ACTION, unit, module.column)]
    if not allowed:
        require(ACTION, unit, asked[0].column if wanted else None)
        raise Forbidden
    require(ACTION, unit, allowed[0].column)
    return allowed


def report_on(unit_id: str, *, first: date, last: date, module: str | None) -> Report:
    """The report on a unit I may see; NotFound outside my sight, Forbidden without the right there.

    Rights are asked on the primary; the figures may come from the replica, and then say as of when.
    """
    unit = units.seen(unit_id)
    kinds = modules_for(unit, module)
    if first > last:
        raise Malformed("开始日期不能晚于结束日期。", fields={"from": ["不能晚于结束日期。"]})
    scopes = {kind.key: guard.sight(ACTION, kind.column) for kind in kinds}
    report, as_of = from_replica(
        lambda: timeliness(unit, scopes, kinds, first=first, last=last, today=clock.today()))
    return replace(report, as_of=as_of, provisional=provisional_years(first, last))


def provisional_years(first: date, last: date) -> tuple[int, ...]:
    """The years of a period after the last one whose notice is out."""
    through = work_calendar().published_through
    since = max(first.year, through.year + 1) if through is not None else first.year
    return tuple(range(since, last.year + 1))
