"""A roster read and checked in parts: neither its rows nor what is found of them is ever whole in memory.

The rows of 50,000 as live objects would keep a hundred megabytes, and whatever small things stay for longer would lie
strewn among them and hold their pages afterwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from app.jobs import Inline, Run
from app.people import roster_check, roster_rows
from app.people.roster_rows import Entry
from app.people.roster_waiting import Waiting
from app.sheets.reader import Rows
from permissions import guard
from permissions.actions import Action
from tenants import clock
from tenants.db import db
from tenants.errors import Forbidden
from tenants.models import Unit
from tenants.scope import Scope

AT_ONCE = 1000
SHARE = 0.25  # of an import's progress


@dataclass
class Checked:
    """What a roster holds: good rows that wait to be written, bad ones, and how many an earlier attempt brought in."""

    good: Waiting = field(default_factory=Waiting)
    bad: list[Entry] = field(default_factory=list)
    would_open: int = 0  # accounts, of the good rows that wait
    done: int = 0
    opened: int = 0  # accounts, of those done

    @property
    def total(self) -> int:
        """All rows."""
        return self.good.count + len(self.bad) + self.done


def here(run: Run) -> tuple[Unit, Scope]:
    """The unit and my scope for importing, as they are at this moment. Raises Forbidden."""
    scope = guard.my_scope(Action.CADRE_IMPORT)
    unit = db.session.execute(scope.select(Unit).where(Unit.id == run.unit_id)).scalar_one_or_none()
    if unit is None:
        raise Forbidden
    return unit, scope


def opens_account(entry: Entry, opening: Scope) -> bool:
    """Whether a good row opens an account, under my scope for opening accounts."""
    return bool(entry.values.get("mobile")) and opening.covers(entry.unit_number)


def check(run: Run, rows: Rows) -> Checked:
    """Every row read, placed, compared with those before it and looked up; then the sheet is closed.

    Raises Forbidden; holds no lock afterwards.
    """
    found, seen = Checked(), roster_check.Seen()
    for entries in _parsed(run, rows):
        unit, scope = here(run)
        roster_check.place(entries, unit, scope)
        seen.compare(entries)
        roster_check.look_up(entries, run.job_id)
        _sort(run, entries, found)
        run.let_go()
        _show(run, SHARE * found.total / len(rows))
    rows.close()
    return found


def _parsed(run: Run, rows: Rows) -> Iterator[list[Entry]]:
    today, walk = clock.today(), iter(rows)
    while part := list(islice(walk, run.part(AT_ONCE))):
        yield roster_rows.parse(part, today)


def _sort(run: Run, entries: list[Entry], found: Checked) -> None:
    opening = guard.sight(Action.ACCOUNT_OPEN)
    waiting = [each for each in entries if each.good and not each.done]
    done = [each for each in entries if each.good and each.done]
    found.would_open += sum(opens_account(each, opening) for each in waiting)
    found.good.add(waiting)
    for each in entries:
        if not each.good:
            each.values, each.unit_text = {}, ""  # he has them in his own sheet; here are complaints only
            found.bad.append(each)
    found.done += len(done)
    found.opened += roster_check.accounts_of(done, run.job_id) if done else 0


def _show(run: Run, progress: float) -> None:
    """Let the asker see how far it is; short work in a request needs none."""
    if not isinstance(run, Inline):
        with run.step(progress, lasting=False):
            pass
