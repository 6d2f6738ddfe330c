"""What a split will do, worked out before it is done, by reading alone; `splitting.split` does exactly this."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app import registry
from app.administration import left_over, overview
from app.administration.move_preview import (
    Foretold,
    Onlooker,
    Redated,
    RightLost,
    RuleChange,
    onlookers,
    redated,
    rules_between,
    seated_in,
)
from app.people.model import Cadre
from app.records import redating
from app.records.calendar import timing
from app.records.model import Record
from app.records.redating import Answers, End
from app.splits.splitting import Chosen, Going, going, require_split
from permissions.accounts import Account
from permissions.grants import Filing, Grant
from tenants import tree
from tenants.db import db
from tenants.models import Unit, UnitStatus
from tenants.scope import NOTHING, Scope

_BOTH_ENDS = Scope.everything("a preview tells what crosses the border of what is split, at either end")
NEW = "new"


@dataclass(frozen=True)
class SplitPreview(Foretold):
    """What the new unit takes over, with all that is below it, and what changes for that."""

    unit_id: str
    superior_id: str
    name: str
    units: int
    cadres: int
    staff: int
    cadre_accounts: int
    administrators: tuple[str, ...]
    records: Mapping[str, int]
    open_records: int
    redated: tuple[Redated, ...]
    rules: tuple[RuleChange, ...]
    rights: tuple[RightLost, ...]
    filings: int
    losing: tuple[Onlooker, ...]


def split_preview(unit: Unit, chosen: Chosen, name: str) -> SplitPreview:
    """What splitting will do, for who may do it. Raises what the split itself would; changes nothing."""
    superior = require_split(unit)
    gone, path = going(unit, chosen), f"{superior.path}{NEW}/"
    within = NOTHING
    for child in gone.units:
        within = within.joined(tree.below(child))
    staff = Counter(each.kind for each in gone.accounts)
    if gone.units:
        staff.update(dict(db.session.execute(
            within.select(Account, Account.kind, func.count()).group_by(Account.kind)).all()))
    moved = redated(timing(), within, lambda old: led(old, gone, path)) if gone.units else ()
    return SplitPreview(
        unit.id, superior.id, name,
        units=_many(within, overview.open_units), cadres=len(gone.cadres) + _many(within, _cadres),
        staff=staff["staff"], cadre_accounts=staff["cadre"], administrators=seated_in(within) if gone.units else (),
        records=_records(within, gone), open_records=_many(within, redating.open_count) + _open(gone),
        redated=_together((*moved, *_own(unit, gone, path))), rules=rules_between(timing(), unit.path, path),
        rights=_rights(unit, gone, path), filings=_filings(gone), losing=onlookers({unit.id}))


def led(old: str, gone: Going, path: str) -> str:
    """Where a path leads once the sub-units that go hang below the new unit."""
    ids, moving = tree.ancestor_ids(old), {each.id for each in gone.units}
    place = next((place for place, each in enumerate(ids) if each in moving), None)
    return old if place is None else "/".join([path.rstrip("/"), *ids[place:], ""])


def _many(within: Scope, count: Any) -> int:
    return int(count(within)) if within else 0


def _cadres(within: Scope) -> int:
    return int(db.session.execute(within.select(Cadre, func.count())).scalar_one())


def _records(within: Scope, gone: Going) -> dict[str, int]:
    found: Counter[str] = Counter()
    lasting = Record.deleted_at.is_(None)
    statement = select(Record.module, func.count()).where(lasting).group_by(Record.module)
    for where in ([within.clause(Record)] if within else []) + ([Record.id.in_(gone.records)] if gone.records else []):
        found.update({row[0]: row[1] for row in db.session.execute(_BOTH_ENDS.mark(statement.where(where)))})
    return {key: found[key] for key in registry.modules()}


def _own_open(gone: Going) -> list[Any]:
    if not gone.records:
        return []
    return list(db.session.execute(_BOTH_ENDS.mark(
        select(Record.module, Record.due_on, Record.ended_on, Record.held_ended_on, Record.extended_to)
        .where(Record.id.in_(gone.records), Record.entered_at.is_(None), Record.deleted_at.is_(None)))))


def _open(gone: Going) -> int:
    return len(_own_open(gone))


def _own(unit: Unit, gone: Going, path: str) -> Iterable[Redated]:
    """Open records of the unit itself that go along and get another due day."""
    answers, found = Answers(timing(), registry.modules()), Counter[tuple[str, date, date]]()
    for module, due_on, *end in _own_open(gone):
        after = answers.verdict(module, path, End(*end)).on
        if after != due_on:
            found[module, due_on, after] += 1
    return [Redated(*key, many) for key, many in found.items()]


def _together(rows: Iterable[Redated]) -> tuple[Redated, ...]:
    found: Counter[tuple[str, date, date]] = Counter()
    for each in rows:
        found[each.module, each.before, each.after] += each.records
    return tuple(Redated(*key, many) for key, many in sorted(found.items()))


def _rights(unit: Unit, gone: Going, path: str) -> tuple[RightLost, ...]:
    """Rights that will run neither up nor down one branch, once their ends are where they will be."""
    held_at, home = aliased(Unit), aliased(Unit)
    rows = db.session.execute(_BOTH_ENDS.mark(
        select(Grant.id, Account.id, Account.name, Grant.role, held_at.id, held_at.name, held_at.path, home.path)
        .select_from(Grant).join(held_at, held_at.id == Grant.unit_id).join(Account, Account.id == Grant.account_id)
        .join(home, home.id == Account.unit_id)
        .where(Grant.id.in_(left_over.touching(unit)), held_at.status == UnitStatus.open)
        .order_by(held_at.number, Account.name, Grant.id)))
    people, found = {each.id for each in gone.accounts}, []
    for *about, at, own in rows:
        right = RightLost(*about)
        there, lives = led(at, gone, path), path if right.account_id in people else led(own, gone, path)
        if not lives.startswith(there) and not there.startswith(lives):
            found.append(right)
    return tuple(found)


def _filings(gone: Going) -> int:
    """Filings about the sub-units that go and that wait: their receiver changes."""
    return int(db.session.execute(_BOTH_ENDS.select(Filing, func.count()).where(
        Filing.unit_id.in_([each.id for each in gone.units]), Filing.acknowledged_at.is_(None))).scalar_one())
