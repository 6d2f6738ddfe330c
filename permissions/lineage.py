"""授权来源: where each right came from, as rows that are only ever added and closed once (ADR-0025).

Written by `permissions.giving` for single rights and by `traces` for rights loaded in bulk. A row names the row of the
giver's own right under which it was given; following those names leads to the founding of the province, or to what was
there before rows were kept.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from permissions import audit, needs
from permissions.accounts import Account
from permissions.grants import Grant, RightGiven, Seat
from permissions.identity import Known, Principal
from permissions.roles import Role
from tenants import clock
from tenants.db import db
from tenants.fields import new_id
from tenants.models import Unit
from tenants.place import Placed
from tenants.scope import Scope

_WHOLE = Scope.everything("where a right came from is written and followed wherever its givers sit")


class By(StrEnum):
    """The path a right came or went by."""

    appoint = "appoint"
    grant = "grant"
    edit = "edit"
    imported = "import"
    reactivate = "reactivate"
    hand_over = "hand_over"
    freeze = "freeze"
    thaw = "thaw"
    remove = "remove"
    move = "move"
    merge = "merge"
    close = "close"
    leave = "leave"
    expire = "expire"
    bootstrap = "bootstrap"
    demo = "demo"
    restore = "restore"
    before = "before"


# What only the system does, with nobody before it: a command on the machine itself.
UNASKED = frozenset({By.bootstrap, By.demo, By.restore})
# Ends that follow from something else that was asked for: a unit moved, a person gone.
FOLLOWS = frozenset({By.move, By.merge, By.close, By.leave, By.expire})


BY_WORDS = {
    By.appoint: "任命", By.grant: "授予", By.edit: "修改", By.imported: "批量导入", By.reactivate: "恢复账号",
    By.hand_over: "改由他人负责", By.freeze: "冻结", By.thaw: "解冻", By.remove: "收回", By.move: "单位移动",
    By.merge: "单位合并", By.close: "单位撤销", By.leave: "人员离任", By.expire: "到期",
    By.bootstrap: "在系统建立时设立", By.demo: "随演示数据载入", By.restore: "从备份恢复",
    By.before: "在记录来源之前授予",
}


def under(giver: Principal | None, role: Role, unit: Placed) -> str | None:
    """The living row of the giver's own right that lets him give a role at a unit."""
    if giver is None:
        return None
    mine = [held.right_id for held in giver.held if held.right_id and needs.lets_hand_out(held, role, unit)]
    found: str | None = db.session.execute(_WHOLE.select(RightGiven, RightGiven.id).where(
        RightGiven.right_id.in_(mine), RightGiven.ended_at.is_(None)
    ).order_by(RightGiven.given_at, RightGiven.id)).scalars().first()
    return found


def begin(right: Grant | Seat, giver: Known | None, by: By, under_: str | None) -> None:
    """Write down a right that was just given."""
    limits: dict[str, Any] = {"role": Role.administrator.value} if isinstance(right, Seat) else {
        name: getattr(right, name) for name in ("role", "columns", "channel", "since", "until", "template_id")}
    db.session.add(RightGiven(
        id=new_id(), kind=kind_of(right), right_id=right.id, account_id=right.account_id, unit_id=right.unit_id,
        unit_number=right.unit_number, given_by=giver.id if giver else None, under=under_, path=by.value,
        given_at=clock.now(), **limits))
    db.session.flush()


def kind_of(right: Grant | Seat) -> str:
    """seat or grant."""
    return "seat" if isinstance(right, Seat) else "grant"


def end(right: Grant | Seat, by: By) -> None:
    """Close the row of a right that ends, or is given anew."""
    actor = audit.acting().principal
    living = db.session.execute(_WHOLE.select(RightGiven).where(
        RightGiven.right_id == right.id, RightGiven.ended_at.is_(None))).scalars()
    for row in living:
        row.ended_at, row.ended_path = clock.now(), by.value
        row.ended_by = actor.account.id if actor else None
    db.session.flush()


def rights_given_by(account: Known) -> list[RightGiven]:
    """What somebody gave that still lives, seats and grants, in the order of the tree."""
    return list(db.session.execute(
        _WHOLE.select(RightGiven).where(RightGiven.given_by == account.id, RightGiven.ended_at.is_(None))
        .order_by(RightGiven.unit_number, RightGiven.given_at, RightGiven.id)).scalars())


def right_of(given: RightGiven) -> Grant | Seat:
    """The right itself behind a living row."""
    model: type[Grant] | type[Seat] = Seat if given.kind == "seat" else Grant
    found: Grant | Seat = db.session.execute(_WHOLE.select(model).where(model.id == given.right_id)).scalar_one()
    return found


def held_through(template_ids: Sequence[str]) -> int:
    """How many grants name one of these templates."""
    return len(db.session.execute(_WHOLE.select(Grant, Grant.id).where(Grant.template_id.in_(template_ids))).all())


@dataclass(frozen=True)
class Step:
    """One link: the row, whose right it was, where, and who gave it (None: the system, or nobody knows)."""

    row: RightGiven
    holder: Account
    unit: Unit
    giver: Account | None


def history(right_id: str) -> list[Step]:
    """Every time one right was given, the latest first."""
    rows = db.session.execute(_WHOLE.select(RightGiven).where(RightGiven.right_id == right_id)
                              .order_by(RightGiven.given_at.desc(), RightGiven.id)).scalars()
    return _steps(list(rows))


def chains(right_ids: Sequence[str]) -> dict[str, list[Step]]:
    """Of each right, from its latest giving up to the first of all rights it hangs on; level by level."""
    rows: dict[str, RightGiven] = {}
    first: dict[str, str] = {}
    for row in db.session.execute(_WHOLE.select(RightGiven).where(RightGiven.right_id.in_(right_ids)).order_by(
            RightGiven.ended_at.is_not(None), RightGiven.given_at.desc(), RightGiven.id)).scalars():
        rows[row.id] = row
        first.setdefault(row.right_id, row.id)
    while missing := {row.under for row in rows.values() if row.under} - rows.keys():
        rows |= {row.id: row for row in db.session.execute(
            _WHOLE.select(RightGiven).where(RightGiven.id.in_(missing))).scalars()}
    steps = {step.row.id: step for step in _steps(list(rows.values()))}
    found: dict[str, list[Step]] = {}
    for right_id, row_id in first.items():
        line: list[Step] = []
        above: str | None = row_id
        while above is not None and steps[above] not in line:
            line.append(steps[above])
            above = rows[above].under
        found[right_id] = line
    return found


def chain(right_id: str) -> list[Step]:
    """The chain of one right; empty when nobody wrote it down."""
    return chains([right_id]).get(right_id, [])


def _steps(rows: Sequence[RightGiven]) -> list[Step]:
    wanted = {row.account_id for row in rows} | {row.given_by for row in rows if row.given_by}
    people = {each.id: each for each in db.session.execute(
        _WHOLE.select(Account).where(Account.id.in_(wanted))).scalars()}
    units = {each.id: each for each in db.session.execute(
        _WHOLE.select(Unit).where(Unit.id.in_({row.unit_id for row in rows}))).scalars()}
    return [Step(row, people[row.account_id], units[row.unit_id], people.get(row.given_by or "")) for row in rows]


def without_origin() -> int:
    """How many living rights nobody wrote down: none, unless somebody went round the door."""
    count = 0
    for model in (Grant, Seat):
        known = select(RightGiven.right_id).where(RightGiven.ended_at.is_(None))
        if model is Grant:
            known = select(RightGiven.right_id)
        count += len(db.session.execute(_WHOLE.select(model, model.id).where(model.id.not_in(known))).all())
    return count


def traces(rights: Iterable[dict[str, Any]], kind: str, by: By, seats: dict[str, str]) -> list[dict[str, Any]]:
    """Rows for rights that are loaded in bulk. A right's row takes the right's own id.

    `seats`: account -> the seat it holds, whose row is the one it gives rights under.
    """
    made = []
    for right in rights:
        giver = right.get("given_by") if kind == "grant" else right.get("appointed_by")
        made.append({
            "id": right["id"], "kind": kind, "right_id": right["id"], "account_id": right["account_id"],
            "role": right.get("role", Role.administrator.value), "columns": right.get("columns"),
            "channel": right.get("channel", "both"), "since": None, "until": right.get("until"), "template_id": None,
            "given_by": giver, "under": seats.get(giver or ""), "path": by.value,
            "given_at": right["given_at"] if kind == "grant" else right["since"],
            "ended_at": None, "ended_by": None, "ended_path": None,
            "unit_id": right["unit_id"], "unit_number": right["unit_number"]})
    return made
