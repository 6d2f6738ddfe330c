"""The kinds of defect: what each is called, who may see it, and one SELECT over everything of it.

Every SELECT gives the unit, what it is about (an account, a filing, a column; empty: the unit itself), since when.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import String, and_, cast, false, func, literal, not_, null, or_, select, union_all
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from app.administration.unsigned import owing
from app.columns import COLUMNS
from app.people.model import Cadre
from app.timing.filing_days import overdue
from permissions.accounts import Account, AccountState
from permissions.actions import Action
from permissions.grants import Filing, Grant, Seat
from tenants.models import Unit, UnitStatus
from tenants.scope import Scope

PRESENT = (AccountState.opened.value, AccountState.active.value)
_OPEN = Unit.status == UnitStatus.open


@dataclass(frozen=True)
class Kind:
    """One kind of defect. `found` gives, inside a scope on a day, rows of (number, unit, subject, since)."""

    key: str
    title: str
    article: str
    action: Action
    found: Callable[[Scope, date], Any]


def _rows(scope: Scope, subject: Any, since: Any, *where: ColumnElement[bool]) -> Any:
    return select(Unit.number.label("number"), Unit.id.label("unit_id"), subject.label("subject"),
                  since.label("since")).where(scope.clause(Unit), *where)


_NOBODY = literal("")
_EVER = cast(null(), String)


def _none(scope: Scope, _today: date) -> Any:
    seats = select(Seat.id).where(Seat.unit_id == Unit.id).exists()
    return _rows(scope, _NOBODY, _EVER, _OPEN, ~seats)


def _one(scope: Scope, _today: date) -> Any:
    other = aliased(Seat)
    second = select(other.id).where(other.unit_id == Seat.unit_id, other.id != Seat.id).exists()
    return _rows(scope, Seat.account_id, _EVER, _OPEN, ~second).join(Seat, Seat.unit_id == Unit.id)


def _ineligible(scope: Scope, today: date) -> Any:
    meets = and_(Account.kind == "staff", Account.state.in_(PRESENT), Account.on_establishment, Account.in_service,
                 Account.trained_on.is_not(None), Account.trained_on <= today, Account.unit_id == Seat.unit_id)
    return _rows(scope, Seat.account_id, _EVER, not_(meets)).join(Seat, Seat.unit_id == Unit.id).join(
        Account, Account.id == Seat.account_id)


def _filings(scope: Scope, today: date) -> Any:
    return _rows(scope, Filing.id, cast(Filing.filed_at, String), overdue(today)).join(
        Filing, Filing.unit_id == Unit.id)


def _columns(scope: Scope, today: date) -> Any:
    """Units with cadres to look after where nobody enters a column."""
    cadres = select(Cadre.id).where(Cadre.unit_number == Unit.number, Cadre.life_status == "living").exists()
    parts = []
    for key in COLUMNS:
        for_it = or_(Grant.columns.is_(None), cast(Grant.columns, String).contains(f'"{key}"', autoescape=True))
        clerk = select(Grant.id).join(Account, Account.id == Grant.account_id).where(
            Grant.unit_number == Unit.number, Grant.role == "clerk", Grant.frozen_at.is_(None), for_it,
            Grant.until.is_(None) | (Grant.until >= today), Grant.since.is_(None) | (Grant.since <= today),
            Account.state.in_(PRESENT)).exists()
        parts.append(_rows(scope, literal(key), _EVER, _OPEN, cadres, ~clerk))
    return union_all(*parts)


def _never(scope: Scope, _today: date) -> Any:
    return _rows(scope, Account.id, cast(Account.opened_at, String), Account.kind.in_(("staff", "cadre")),
                 Account.state == AccountState.opened.value, scope.clause(Account)).join(
        Account, Account.unit_number == Unit.number)


def _unsigned(scope: Scope, _today: date) -> Any:
    return _rows(scope, Account.id, _EVER, Account.kind == "staff", Account.state.in_(PRESENT), owing(),
                 scope.clause(Account)).join(Account, Account.unit_number == Unit.number)


def _not_apart(scope: Scope, today: date) -> Any:
    """Whoever audits and does something else besides, from before that was refused; as far as both lie in the scope."""
    lasting = and_(scope.clause(Grant), Grant.until.is_(None) | (Grant.until >= today))
    audits = select(Grant.account_id).where(Grant.role == "auditor", lasting)
    besides = or_(
        select(Grant.id).where(Grant.account_id == Account.id, Grant.role != "auditor", lasting).exists(),
        select(Seat.id).where(Seat.account_id == Account.id, scope.clause(Seat)).exists())
    return _rows(scope, Account.id, _EVER, Account.state != AccountState.closed.value, Account.id.in_(audits), besides,
                 scope.clause(Account)).join(Account, Account.unit_number == Unit.number)


def _left_over(scope: Scope, today: date) -> Any:
    """Closed with people in it, or past its last day and still open."""
    people = or_(
        select(Account.id).where(Account.unit_number == Unit.number, Account.state != "closed").exists(),
        select(Cadre.id).where(Cadre.unit_number == Unit.number, Cadre.life_status == "living").exists())
    closed = and_(Unit.status == UnitStatus.closed, people)
    past = and_(_OPEN, func.coalesce(Unit.valid_to < today, false()))
    return _rows(scope, _NOBODY, cast(Unit.valid_to, String), or_(closed, past))


KINDS: Mapping[str, Kind] = {each.key: each for each in (
    Kind("none", "没有管理员", "第六、七条", Action.ADMINISTRATOR_READ, _none),
    Kind("one", "只有一名管理员", "第七条", Action.ADMINISTRATOR_READ, _one),
    Kind("ineligible", "管理员不再符合条件", "第七条", Action.ADMINISTRATOR_READ, _ineligible),
    Kind("filing", "报备逾期未确认", "第七条", Action.FILING_READ, _filings),
    Kind("column", "栏目没有责任人", "第十九条", Action.GRANT_READ, _columns),
    Kind("never", "账号从未登录", "第十五条", Action.ACCOUNT_READ, _never),
    Kind("unsigned", "没有签署承诺书", "第二十二条", Action.ACCOUNT_READ, _unsigned),
    Kind("apart", "检查人兼任其他角色", "职责分离", Action.GRANT_READ, _not_apart),
    Kind("left", "已撤销或到期仍有遗留", "第六条", Action.ADMINISTRATOR_READ, _left_over),
)}
