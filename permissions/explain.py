"""Why yes, why no, and who else: every right somebody has, what became of it, and whether it bears on an act.

`bears` is the one judgement: the explanation shows it for each right, and an act is allowed when any right passes it.
Lists (`needs.scope`) and single objects (`needs.allows`) come to the same answer; a test compares them act by act.
"""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from permissions import guard, lineage, table, templates
from permissions.accounts import Account
from permissions.actions import Action
from permissions.grants import Grant, Seat
from permissions.identity import Principal
from permissions.roles import CHANNEL_LABELS, LABELS, Role
from permissions.standing import WORDS, Right, Standing, judge
from permissions.table import Reach
from tenants import clock, tree
from tenants.db import db
from tenants.models import Unit
from tenants.place import Place, Placed
from tenants.scope import Scope

_WHOLE = Scope.everything("a command explains rights over the whole tree")
REACH_WORDS = {Reach.HERE: "本单位", Reach.BELOW: "本单位及下级", Reach.UNDER: "仅下级",
               Reach.OVER: "仅下级；省级含本单位", Reach.SELF: "本人"}


class Miss(StrEnum):
    """Why a right that counts does not do for an act."""

    role = "role"
    reach = "reach"
    action = "action"
    column = "column"
    some_columns = "some_columns"


MISSED = {
    Miss.role: "这个角色没有这项操作",
    Miss.reach: "这项权限管不到该单位",
    Miss.action: "角色模板没有包含这项操作",
    Miss.column: "这项权限不含该栏目",
    Miss.some_columns: "这项权限只限部分栏目，要指明栏目才能判断",
}


@dataclass(frozen=True)
class Ground:
    """One right and what it comes to for the act asked about; no code where it allows it."""

    standing: Standing
    code: str | None
    words: str

    @property
    def allows(self) -> bool:
        return self.code is None

    @property
    def limited(self) -> bool:
        """Whether it allows the act for some columns, and none was named."""
        return self.code == Miss.some_columns


@dataclass(frozen=True)
class Verdict:
    """Whether the rights allow an act, each right's part in it, and what would stop the person at the door anyway."""

    allowed: bool
    reasons: tuple[Ground, ...]
    door: str | None = None

    @property
    def passes(self) -> bool:
        """Whether a request would come through: allowed, and nothing at the door."""
        return self.allowed and self.door is None


def bears(standing: Standing, action: Action, unit: Placed, column: str | None = None) -> str | None:
    """Why a right does not allow an act at a unit (for a column); None when it does."""
    if standing.why is not None:
        return standing.why
    held = standing.held
    cell = table.reach(action, held.role)
    if cell in (Reach.NO, Reach.SELF):
        return Miss.role
    if not table.covers(cell, held.unit.path, unit.path):
        return Miss.reach
    if held.actions is not None and action not in held.actions:
        return Miss.action
    if held.columns is not None and action not in table.UNIT_WIDE and column not in held.columns:
        return Miss.some_columns if column is None else Miss.column
    return None


def _ground(standing: Standing, action: Action, unit: Placed, column: str | None) -> Ground:
    code = bears(standing, action, unit, column)
    said = "可以" if code is None else WORDS[standing.why] if standing.why is not None else MISSED[Miss(code)]
    return Ground(standing, code, said)


def verdict(principal: Principal, action: Action, unit: Placed, column: str | None = None) -> Verdict:
    """Whether somebody may do this at this unit on this end, and what each of his rights has to do with it."""
    reasons = tuple(_ground(each, action, unit, column) for each in principal.rights)
    return Verdict(any(each.allows for each in reasons), reasons, _door(principal))


def _door(principal: Principal) -> str | None:
    account = principal.account
    if not account.may_log_in:
        return "账号已停用或注销，不能登录"
    if not guard.open_on(principal, principal.channel):
        return f"账号没有开通{CHANNEL_LABELS[principal.channel]}"
    return "还没有修改短信发的初始密码，修改之后才能办理" if account.must_change_password else None


def rule(action: Action) -> list[tuple[str, str]]:
    """The row of the table in words: each role that holds the action, and how far."""
    return [(LABELS[role], REACH_WORDS[cell]) for role, cell in table.roles_for(action).items()]


def why(principal: Principal, action: Action, unit: Placed) -> list[str]:
    """For one principal: each right and what it comes to, in a line each."""
    words = [f"{each.standing.held.role.label}（{each.standing.held.unit.name}）：{each.words}"
             for each in verdict(principal, action, unit).reasons]
    return words or ["没有任何角色。"]


@dataclass(frozen=True)
class Reason:
    """One right that would do: who holds it, as what, where it comes from."""

    account_id: str
    name: str
    role: str
    held_at: str
    columns: list[str] | None
    right_id: str = ""


def who_can(action: Action, unit: Unit) -> list[Reason]:
    """Everybody who may do this at this unit on some end, with the right that lets them (for some columns or all)."""
    upward = {each.id: each for each in tree.ancestors(unit, _WHOLE)}
    found = []
    for standing, account in _all_held(upward):
        ground = _ground(standing, action, unit, None)
        if ground.allows or ground.limited:
            columns = standing.held.columns
            found.append(Reason(account.id, account.name, standing.held.role, standing.held.unit.name,
                                None if columns is None else sorted(columns), standing.right.id))
    return found


def _all_held(units: dict[str, Unit]) -> list[tuple[Standing, Account]]:
    """Every right held at these units, judged for today and either end, seats first."""
    seats = db.session.execute(_WHOLE.mark(select(Seat, Account).join(Account, Account.id == Seat.account_id).where(
        Seat.unit_id.in_(units)))).all()
    grants = db.session.execute(_WHOLE.mark(select(Grant, Account).join(Account, Account.id == Grant.account_id).where(
        Grant.unit_id.in_(units)).order_by(Grant.given_at, Grant.id))).all()
    patterns = templates.known([grant.template_id for grant, _account in grants])
    today = clock.today()
    rights = [(Right(seat.id, Role.administrator, place_of(units[seat.unit_id])), account) for seat, account in seats]
    rights += [(right_of(grant, units[grant.unit_id]), account) for grant, account in grants]
    return [(judge(right, alive=account.may_log_in, channel=None, today=today, patterns=patterns), account)
            for right, account in rights]


def place_of(unit: Unit) -> Place:
    """A unit's row as plain facts."""
    return Place(unit.id, unit.number, unit.parent_id, unit.path, unit.kind, unit.name, unit.status)


def right_of(grant: Grant, unit: Unit) -> Right:
    """A grant's row as plain facts."""
    return Right(grant.id, Role(grant.role), place_of(unit),
                 None if grant.columns is None else frozenset(grant.columns), grant.channel, grant.since, grant.until,
                 grant.frozen_at, grant.template_id)


def told(step: lineage.Step, sight: Scope = _WHOLE) -> str:
    """One link of the chain a right hangs on, in words; people and units outside a sight have no name."""
    row, giver = step.row, step.giver
    by = _name(giver, sight) if giver is not None else "未记录的人" if row.given_by or row.path == "before" else "系统"
    day, how = clock.local(row.given_at).date(), lineage.BY_WORDS[lineage.By(row.path)]
    where = step.unit.name if sight.covers(step.unit.number) else "上级单位"
    said = f"{_name(step.holder, sight)}的“{LABELS[Role(row.role)]}”（{where}）：{day} 由{by}{how}"
    if row.ended_at is None:
        return said
    ended = lineage.BY_WORDS[lineage.By(row.ended_path or lineage.By.remove)]
    return f"{said}，{clock.local(row.ended_at).date()} 因{ended}结束"


def _name(account: Account, sight: Scope) -> str:
    return account.name if sight.covers(account.unit_number) else "上级系统管理员"


__all__ = ["Ground", "Miss", "Reason", "Verdict", "bears", "place_of", "right_of", "rule", "told", "verdict",
           "who_can", "why"]
