"""Holiday notices on the page: what one would change, and keeping it; the province's administrators only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app import registry
from app.deadlines.calendar import WORKED, Day, Holiday, WorkCalendar, YearNotice
from app.deadlines.festivals import statutory_days
from app.deadlines.notices import NoticeError, check
from app.job_rows import Job
from app.records import redating
from app.records.calendar import CalendarNotice, Timing, newest_notices, timing
from app.records.redating import Sum
from app.timing.redate_job import ask_redate
from permissions import guard
from permissions.accounts import Account
from permissions.actions import Action
from tenants import tree
from tenants.db import db
from tenants.errors import Invalid, NotFound
from tenants.models import Unit
from tenants.scope import Scope

_LOADERS = Scope.everything("a notice is shown with the name of whoever loaded it")


@dataclass(frozen=True)
class Change:
    """One day that a notice makes worked or free, or names anew."""

    before: Day
    after: Day


@dataclass(frozen=True)
class Preview:
    """What a notice would change: days, and the due dates of open records."""

    notice: YearNotice
    calendar: WorkCalendar
    changes: tuple[Change, ...]
    records: Sum


def province() -> Unit:
    """The province, for which the calendar is kept; NotFound before there is one."""
    root = tree.root()
    if root is None:
        raise NotFound
    return root


def require_update() -> Unit:
    """Forbidden unless I administer the province."""
    root = province()
    guard.require(Action.CALENDAR_UPDATE, root)
    return root


def may_update() -> bool:
    """Whether I administer the province."""
    top = next((held.unit for held in guard.me().held if held.unit.parent_id is None), None)
    return top is not None and guard.may(Action.CALENDAR_UPDATE, top)


def days_around(year: int) -> list[date]:
    """Every day a notice for the year may speak of."""
    first = date(year - 1, 12, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 31) - first).days + 1)]


def preview(notice: YearNotice) -> Preview:
    """What keeping the notice would change. Nothing is written."""
    require_update()
    now = timing()
    notices = [each for each in now.calendar.notices if each.year != notice.year]
    then = WorkCalendar([*notices, checked(notice)])
    changes = tuple(Change(now.calendar.day(day), then.day(day)) for day in days_around(notice.year)
                    if _felt(now.calendar.day(day)) != _felt(then.day(day)))
    moved = redating.would_move(Timing(then, now.rules), registry.modules())
    return Preview(notice, then, changes, moved)


def _felt(day: Day) -> tuple[bool, str]:
    """What people notice of a day: whether it is worked, and its name."""
    return day.why in WORKED, day.name


def checked(notice: YearNotice) -> YearNotice:
    """The notice if it can be right; Invalid with the sentence that says why not."""
    try:
        return check(notice)
    except NoticeError as error:
        raise Invalid(str(error), fields={"_schema": [str(error)]}) from error


def confirm(notice: YearNotice) -> Job:
    """Keep the notice; a job moves the open records. Raises Forbidden and Invalid."""
    root = require_update()
    if not notice.notice.strip():
        raise Invalid(fields={"notice": ["请填写通知文号。"]})
    cause = redating.put_notices([checked(notice)])
    redating.log_notices([notice], None)
    return ask_redate(cause, root)


def versions(year: int) -> list[tuple[CalendarNotice, str]]:
    """Every notice kept for a year, the one that counts first, each with the name of who loaded it."""
    rows = db.session.query(CalendarNotice).where(CalendarNotice.year == year).order_by(CalendarNotice.serial.desc())
    found = list(rows)
    ids = {row.loaded_by for row in found if row.loaded_by}
    names = {account.id: account.name for account in db.session.execute(
        _LOADERS.select(Account).where(Account.id.in_(ids))).scalars()} if ids else {}
    return [(row, names.get(row.loaded_by or "", "系统")) for row in found]


def years() -> list[int]:
    """The years with a notice."""
    return sorted(newest_notices())


def draft(year: int) -> YearNotice:
    """What a form for a year begins with: the notice that counts, else the days off fixed by law."""
    known = newest_notices().get(year)
    return known.as_notice() if known is not None else YearNotice(year, "", _by_law(year), ())


def _by_law(year: int) -> tuple[Holiday, ...]:
    runs: list[Holiday] = []
    for day, name in sorted(statutory_days(year).items()):
        last = runs[-1] if runs else None
        if last is not None and last.name == name and last.last + timedelta(days=1) == day:
            runs[-1] = Holiday(name, last.first, day)
        else:
            runs.append(Holiday(name, day, day))
    return tuple(runs)


def from_rows(year: int, number: str, issued: date | None, rows: Sequence[Mapping[str, str]],
              makeup: Sequence[str]) -> YearNotice:
    """A notice typed row by row: `name`, `first`, `last` as ISO dates. Raises Invalid with what is wrong by field."""
    wrong: dict[str, list[str]] = {}
    holidays: list[Holiday] = []
    for place, row in enumerate(rows):
        if not any(row.values()):
            continue
        first, last = _day(row.get("first", "")), _day(row.get("last", "") or row.get("first", ""))
        if not row.get("name", "").strip() or first is None or last is None:
            wrong[f"holiday-{place}"] = [f"第 {place + 1} 行假期要写名称、第一天和最后一天。"]
        else:
            holidays.append(Holiday(row["name"].strip()[:60], first, last))
    worked = [_day(each) for each in makeup if each]
    if None in worked:
        wrong["makeup"] = ["调休上班日不是有效日期。"]
    if wrong:
        raise Invalid(fields=wrong)
    return checked(YearNotice(year, number.strip(), tuple(holidays), tuple(sorted(day for day in worked if day)),
                              issued))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
