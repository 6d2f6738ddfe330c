"""What a move will do, worked out before it is done, by reading alone: people, rights, deadlines, rules, filings.

`units.move` does exactly this; a test measures every line of it before and after, over random trees.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app import registry
from app.administration import left_over, overview
from app.people.model import Cadre
from app.records import redating
from app.records.calendar import Timing, timing
from app.records.model import Record
from app.records.redating import Answers
from permissions.accounts import Account
from permissions.grants import Filing, Grant, Seat
from tenants import clock, provision, tree
from tenants.db import db
from tenants.models import Unit, UnitStatus
from tenants.scope import Scope

REACHES_DOWN = ("administrator", "chief", "auditor")
_BOTH_ENDS = Scope.everything("a preview tells what crosses the border of what moves, at either end")


@dataclass(frozen=True)
class RightLost:
    """A right that will be taken back, since neither end could revoke it any more."""

    grant_id: str
    account_id: str
    name: str
    role: str
    unit_id: str
    unit_name: str


@dataclass(frozen=True)
class Redated:
    """Open records of a kind that get another due day."""

    module: str
    before: date
    after: date
    records: int


@dataclass(frozen=True)
class RuleChange:
    """A kind of record that comes under another rule for work that ends today."""

    module: str
    before: str
    after: str


@dataclass(frozen=True)
class Onlooker:
    """Somebody above who sees the unit, by a right at a superior."""

    account_id: str
    name: str
    role: str
    unit_name: str


class Foretold:
    """What every preview of a change of the tree tells of due days; for dataclasses with a field `redated`."""

    redated: tuple[Redated, ...]

    @property
    def redated_records(self) -> int:
        """How many open records get another due day."""
        return sum(each.records for each in self.redated)

    def as_dict(self) -> dict[str, Any]:
        """As the API tells it and a planned change keeps it."""
        told: dict[str, Any] = asdict(cast(Any, self)) | {"redated_records": self.redated_records}
        told["redated"] = [asdict(each) | {"before": each.before.isoformat(), "after": each.after.isoformat()}
                           for each in self.redated]
        return told


@dataclass(frozen=True)
class MovePreview(Foretold):
    """All that a move changes, and what goes along unchanged; `units` counts open ones, the moved one included."""

    unit_id: str
    from_id: str
    from_name: str
    to_id: str
    to_name: str
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
    gaining: tuple[Onlooker, ...]


def move_preview(unit: Unit, parent: Unit) -> MovePreview:
    """What moving the unit below the parent will do. Raises what the move itself would; changes nothing."""
    provision.check_move(unit, parent)
    within, before = tree.below(unit), tree.superior(unit)
    staff, cadre_accounts = _accounts(within)
    now = timing()
    losing, gaining = _onlookers(before, parent)
    return MovePreview(
        unit.id, before.id, before.name, parent.id, parent.name,
        units=overview.open_units(within), cadres=_many(within, Cadre), staff=staff, cadre_accounts=cadre_accounts,
        administrators=seated_in(within), records=_records(within), open_records=redating.open_count(within),
        redated=redated(now, within, lambda path: new_path(path, unit, parent)),
        rules=rules_between(now, unit.path, new_path(unit.path, unit, parent)), rights=_rights(unit, parent),
        filings=_filings(unit) if before.id != parent.id else 0, losing=losing, gaining=gaining)


def new_path(path: str, unit: Unit, parent: Unit) -> str:
    """Where a path will lead once the unit hangs below the parent."""
    return f"{parent.path}{unit.id}/{path[len(unit.path):]}" if path.startswith(unit.path) else path


def _many(scope: Scope, model: Any) -> int:
    return int(db.session.execute(scope.select(model, func.count())).scalar_one())


def _accounts(scope: Scope) -> tuple[int, int]:
    found: dict[str, int] = {row[0]: row[1] for row in db.session.execute(
        scope.select(Account, Account.kind, func.count()).group_by(Account.kind))}
    return found.get("staff", 0), found.get("cadre", 0)


def seated_in(scope: Scope) -> tuple[str, ...]:
    """Who keeps a seat in the unit or below, by unit and name."""
    rows = db.session.execute(scope.mark(
        select(Unit.name, Account.name).select_from(Seat).join(Unit, Unit.id == Seat.unit_id)
        .join(Account, Account.id == Seat.account_id).where(scope.clause(Seat)).order_by(Unit.number, Seat.seat)))
    return tuple(f"{unit} {name}" for unit, name in rows)


def _records(scope: Scope) -> dict[str, int]:
    """Records by kind, withdrawn ones apart: what the reports of both superiors lose and gain."""
    rows = db.session.execute(
        scope.select(Record, Record.module, func.count()).where(Record.deleted_at.is_(None)).group_by(Record.module))
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    return {key: found.get(key, 0) for key in registry.modules()}


def redated(now: Timing, within: Scope, leads: Callable[[str], str]) -> tuple[Redated, ...]:
    """Open records that get another due day once their unit's path leads elsewhere."""
    modules = registry.modules()
    answers, found = Answers(now, modules), Counter[tuple[str, date, date]]()
    for path, module, end, due_on, many in redating.open_groups(modules, within):
        moved_to = answers.verdict(module, leads(path), end).on
        if moved_to != due_on:
            found[module, due_on, moved_to] += many
    return tuple(Redated(*key, many) for key, many in sorted(found.items()))


def rules_between(now: Timing, before: str, after: str) -> tuple[RuleChange, ...]:
    """Kinds of record that come under another rule when their unit's path changes."""
    changes = []
    for module in registry.modules().values():
        said = []
        for path in (before, after):
            by = now.decide(module.key, module.deadlines, tree.ancestor_ids(path), clock.today()).by
            said.append(f"{_whose(by.unit_id)}{by.rule.words}")
        if said[0] != said[1]:
            changes.append(RuleChange(module.key, *said))
    return tuple(changes)


def _whose(unit_id: str | None) -> str:
    return f"{tree.unit_by_id(unit_id, _BOTH_ENDS).name}规定，" if unit_id is not None else ""


def _rights(unit: Unit, parent: Unit) -> tuple[RightLost, ...]:
    """Grants that will run neither up nor down one branch."""
    held_at, home = aliased(Unit), aliased(Unit)
    rows = db.session.execute(_BOTH_ENDS.mark(
        select(Grant.id, Grant.role, Account.id, Account.name, held_at.id, held_at.name, held_at.path, home.path)
        .select_from(Grant).join(held_at, held_at.id == Grant.unit_id).join(Account, Account.id == Grant.account_id)
        .join(home, home.id == Account.unit_id)
        .where(Grant.id.in_(left_over.touching(unit)), held_at.status == UnitStatus.open)
        .order_by(held_at.number, Account.name, Grant.id)))
    found = []
    for grant_id, role, account_id, name, at_id, at_name, *paths in rows:
        at, own = (new_path(path, unit, parent) for path in paths)
        if not own.startswith(at) and not at.startswith(own):
            found.append(RightLost(grant_id, account_id, name, role, at_id, at_name))
    return tuple(found)


def _filings(unit: Unit) -> int:
    """Filings about the unit that wait: the new superior will have to acknowledge them."""
    return int(db.session.execute(tree.here(unit).select(Filing, func.count()).where(
        Filing.acknowledged_at.is_(None))).scalar_one())


def _onlookers(before: Unit, after: Unit) -> tuple[tuple[Onlooker, ...], tuple[Onlooker, ...]]:
    """Who will no longer see the unit, and who will from now on, by rights at superiors that reach down."""
    old, new = set(tree.ancestor_ids(before.path)), set(tree.ancestor_ids(after.path))
    return onlookers(old - new), onlookers(new - old)


def onlookers(unit_ids: set[str]) -> tuple[Onlooker, ...]:
    """Who sees what is below these units, by rights there that reach down."""
    if not unit_ids:
        return ()
    found: list[tuple[int, Onlooker]] = []
    for held, role in ((Seat, None), (Grant, Grant.role)):
        columns = (Account.id, Account.name, Unit.name, Unit.number, *((role,) if role is not None else ()))
        rows = db.session.execute(_BOTH_ENDS.mark(
            select(*columns).select_from(held).join(Unit, Unit.id == held.unit_id)
            .join(Account, Account.id == held.account_id).where(held.unit_id.in_(unit_ids))))
        for account_id, name, unit_name, number, *more in rows:
            said = more[0] if more else "administrator"
            if said in REACHES_DOWN:
                found.append((number, Onlooker(account_id, name, said, unit_name)))
    return tuple(each for _number, each in sorted(found, key=lambda pair: (pair[0], pair[1].role, pair[1].account_id)))
