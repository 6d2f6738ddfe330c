"""Asking for the timeliness report: where I may, for which kinds of record."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from app import registry
from app.administration import units
from app.records.calendar import work_calendar
from app.records.module import Module
from app.reports.as_of import timeliness_on
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


def report_on(unit_id: str, *, first: date, last: date, module: str | None, as_of: date | None = None) -> Report:
    """The report on a unit I may see; NotFound outside my sight, Forbidden without the right there.

    Rights are asked on the primary; the figures may come from the replica, and then say as of when. With `as_of` the
    rows follow the tree as it stood at the end of that day; what may be seen is decided today.
    """
    unit = units.seen(unit_id)
    kinds = modules_for(unit, module)
    if first > last:
        raise Malformed("开始日期不能晚于结束日期。", fields={"from": ["不能晚于结束日期。"]})
    scopes = {kind.key: guard.sight(ACTION, kind.column) for kind in kinds}
    today = clock.today()
    if as_of is None:
        report, read_at = from_replica(lambda: timeliness(unit, scopes, kinds, first=first, last=last, today=today))
    else:
        day = _checked(unit, as_of, today)
        report, read_at = from_replica(
            lambda: timeliness_on(unit, scopes, kinds, first=first, last=last, today=today, day=day))
    return replace(report, as_of=read_at, provisional=provisional_years(first, last))


def _checked(unit: Unit, day: date, today: date) -> date:
    """A day whose tree is known and had the unit in it. Raises Malformed."""
    if day > today:
        raise Malformed("隶属关系只能按今天或以前的日子统计。", fields={"as_of": ["不能晚于今天。"]})
    if day < unit.valid_from:
        raise Malformed(f"“{unit.name}”是 {unit.valid_from.isoformat()} 设立的，请选这一天或以后的日子。",
                        fields={"as_of": ["这一天还没有这个单位。"]})
    return day


def provisional_years(first: date, last: date) -> tuple[int, ...]:
    """The years of a period after the last one whose notice is out."""
    through = work_calendar().published_through
    since = max(first.year, through.year + 1) if through is not None else first.year
    return tuple(range(since, last.year + 1))
