"""Splitting (拆分): a unit goes on as itself, and a new one beside it takes over what was chosen (ADR-0035).

Sub-units move; files of cadres go with their accounts; staff go without their seat, which they must not hold. Records
stay with the unit that did the work, or those go that are only about cadres who go. What is written down stays where
it was written: the log, filings, frozen reports.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import exists, select

from app.administration import endings, filings, left_over, phone_request, seats, units
from app.obligations.model import Notice, Obligation, StepDone
from app.people.model import Cadre
from app.records import homes
from app.records.model import Record, RecordPerson
from permissions import audit, guard, life
from permissions.accounts import Account, AccountState
from permissions.actions import Action
from tenants import clock, provision, tree
from tenants.db import db
from tenants.errors import Conflict, Invalid
from tenants.models import Unit, UnitSplit, UnitStatus
from tenants.scope import Scope

MOST = 500
_CHOSEN = Scope.everything("what goes over in a split was looked up in the unit that is split")


@dataclass(frozen=True)
class Chosen:
    """What is to go over, by ids; `theirs` takes along the records that are only about cadres who go."""

    unit_ids: Sequence[str] = ()
    cadre_ids: Sequence[str] = ()
    account_ids: Sequence[str] = ()
    theirs: bool = False

    @classmethod
    def named(cls, body: Mapping[str, Any]) -> Self:
        """From what a form, a body or a planned change names."""
        units_, cadres, accounts = (body.get(name) or () for name in ("unit_ids", "cadre_ids", "account_ids"))
        return cls(units_, cadres, accounts, body.get("records") == "theirs")


@dataclass(frozen=True)
class Going:
    """The same as rows. `accounts` are staff and the cadres' own."""

    units: Sequence[Unit]
    cadres: Sequence[Cadre]
    accounts: Sequence[Account]
    records: Sequence[str]


def require_split(unit: Unit) -> Unit:
    """The superior, below which the new unit will stand; Forbidden but to a common superior, Conflict when closed."""
    superior = tree.superior(unit)
    guard.require_together((Action.UNIT_MOVE, unit), (Action.UNIT_OPEN, superior))
    if unit.status != UnitStatus.open:
        raise Conflict(f"“{unit.name}”已经撤销，不能再拆分。", code="closed")
    return superior


def going(unit: Unit, chosen: Chosen) -> Going:
    """What was chosen, found in the unit itself. Invalid where it is not there, Conflict for who still has a seat."""
    here = tree.here(unit)
    wanted = (("unit_ids", chosen.unit_ids, [each for each in tree.children(unit, tree.below(unit))
                                             if each.id in chosen.unit_ids]),
              ("cadre_ids", chosen.cadre_ids, _rows(here, Cadre, chosen.cadre_ids)),
              ("account_ids", chosen.account_ids, [each for each in _rows(here, Account, chosen.account_ids)
                                                   if each.kind == "staff" and each.state != AccountState.closed]))
    if not any(ids for _name, ids, _found in wanted):
        raise Invalid(fields={"unit_ids": ["请至少选一个下级单位或一个人；只设一个空的单位，请用“新设下级单位”。"]})
    for name, ids, found in wanted:
        if len(ids) > MOST:
            raise Invalid(fields={name: [f"一次最多选 {MOST} 项，其余的请分几次。"]})
        if missing := len(set(ids)) - len(found):
            raise Invalid(fields={name: [f"选定的内容里有 {missing} 项不在本单位，请重新选择。"]})
    staff: list[Account] = list(wanted[2][2])
    if seated := [each.name for each in staff if seats.is_seated(each)]:
        raise Conflict(f"{'、'.join(seated)}是系统管理员，请先免去，再转入新单位。", code="still_seated")
    cadres: list[Cadre] = list(wanted[1][2])
    own = db.session.execute(here.select(Account).where(
        Account.cadre_id.in_([each.id for each in cadres]), Account.state != AccountState.closed)).scalars()
    return Going(wanted[0][2], cadres, [*staff, *own], _records(unit, cadres) if chosen.theirs else ())


def _rows(here: Scope, model: Any, ids: Sequence[str]) -> list[Any]:
    return list(db.session.execute(here.select(model).where(model.id.in_(list(ids)[:MOST + 1])).order_by(model.id)
                                   ).scalars()) if ids else []


def _records(unit: Unit, cadres: Iterable[Cadre]) -> list[str]:
    """Records of the unit about these cadres and nobody else, the withdrawn ones included."""
    ids = [each.id for each in cadres]
    about = exists().where(RecordPerson.record_id == Record.id, RecordPerson.cadre_id.in_(ids))
    others = exists().where(RecordPerson.record_id == Record.id, RecordPerson.cadre_id.not_in(ids))
    return list(db.session.execute(_CHOSEN.mark(
        select(Record.id).where(Record.unit_id == unit.id, about, ~others).order_by(Record.id))).scalars())


def split(unit: Unit, chosen: Chosen, *, name: str, code: str) -> Unit:
    """Open the new unit beside this one and give it what was chosen, in one act."""
    tree.touch()
    db.session.refresh(unit, with_for_update=True)
    superior = require_split(unit)
    gone = going(unit, chosen)
    rights = left_over.touching(unit)
    made = units.open_below(superior, kind=unit.kind, name=name, code=code)
    db.session.add(UnitSplit(unit_id=made.id, from_id=unit.id, split_at=clock.now()))
    _people(gone, unit, made)
    homes.hand_over(unit, made, gone.records)
    _owed(gone.records, made)
    for child in gone.units:
        before = {"parent_id": unit.id}
        provision.move_unit(child, made)
        audit.record(Action.UNIT_MOVE, "unit", child.id, child, before=before, after={"parent_id": made.id})
    left_over.settle(rights)
    filings.follow([child.id for child in gone.units])
    audit.record("unit:split", "unit", unit.id, unit, after={
        "split_into": made.id, "units": len(gone.units), "cadres": len(gone.cadres), "accounts": len(gone.accounts),
        "records": len(gone.records)})
    units.redate(made, f"{made.name}由{unit.name}拆分设立")
    return made


def _people(gone: Going, unit: Unit, made: Unit) -> None:
    """Files and accounts change their unit; whose contact stays behind has none until one is named."""
    accounts = {each.id for each in gone.accounts}
    for each in gone.accounts:
        planned = endings.last_of(each, "planned")
        each.unit_id, each.unit_number = made.id, made.number
        if planned is not None:
            planned.unit_id, planned.unit_number = made.id, made.number
        phone_request.drop(each, "所在单位已拆分，请在新单位重新申请")
        life.happened(each, "moved", by=guard.me().account.id, note=f"{unit.name}拆分，转入{made.name}")
    for cadre in gone.cadres:
        cadre.unit_id, cadre.unit_number = made.id, made.number
        if cadre.contact_account_id not in accounts:
            cadre.contact_account_id = None
    db.session.flush()


def _owed(record_ids: Sequence[str], made: Unit) -> None:
    """What is owed about the records goes along, with who was told of it."""
    for start in range(0, len(record_ids), homes.SLAB):
        some = record_ids[start:start + homes.SLAB]
        mine = select(Obligation.id).where(Obligation.subject_id.in_(some)).scalar_subquery()
        for model, where in ((StepDone, StepDone.obligation_id.in_(mine)), (Notice, Notice.obligation_id.in_(mine)),
                             (Obligation, Obligation.subject_id.in_(some))):
            db.session.execute(_CHOSEN.update(model).where(where).values(unit_id=made.id, unit_number=made.number)
                               .execution_options(synchronize_session=False))
