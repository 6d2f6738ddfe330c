"""承诺书未签名单: who has not signed the commitment in force (第二十二条), for whoever reminds them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_
from sqlalchemy.sql.elements import ColumnElement

from app.administration import overview
from app.administration.staff_file import VERSION
from app.paging import Page, decode, page_of
from app.sheets.export import write_table
from permissions import audit
from permissions.accounts import STATE_LABELS, Account, AccountKind, AccountState
from permissions.guard import me
from permissions.phone import mask_phone
from tenants import clock, in_order
from tenants.errors import Invalid
from tenants.in_order import Aisle
from tenants.models import Unit
from tenants.scope import Scope

PRESENT = (AccountState.opened, AccountState.active)
MOST = 5_000
COLUMNS = (("unit", "单位", "text", 36), ("name", "姓名", "text", 14), ("employment", "专职或兼职", "text", 12),
           ("state", "账号状态", "text", 12), ("opened", "开通日期", "date", 12), ("last", "最近登录", "date", 12),
           ("signed", "签过的版本", "text", 14))
EMPLOYMENT = {"full_time": "专职", "part_time": "兼职"}


@dataclass(frozen=True)
class Filters:
    """What the list may be narrowed by."""

    within: Scope | None = None
    state: str | None = None


def owing() -> ColumnElement[bool]:
    """The condition on a member of staff who has yet to sign the text in force."""
    return or_(Account.signed_version.is_(None), Account.signed_version != VERSION)


def listing(scope: Scope, filters: Filters, *, cursor: str | None, limit: int) -> Page[Account]:
    """Whoever owes it, unit by unit in the order of the tree."""
    inside, aisle = _inside(scope, filters), _aisle(filters)
    keys = in_order.first(aisle, inside, limit + 1, decode(cursor, (int, str, str)))
    rows = in_order.fetched(Account, keys, inside)
    return page_of(rows, limit, lambda row: (row.unit_number, row.name_reading, row.id), in_order.total(aisle, inside))


def _inside(scope: Scope, filters: Filters) -> Scope:
    return scope.narrowed(filters.within) if filters.within is not None else scope


def _aisle(filters: Filters) -> Aisle:
    states = [filters.state] if filters.state else list(PRESENT)
    return Aisle(Account, Account.name_reading, Account.id, tuple(
        and_(Account.kind == AccountKind.staff, Account.state == state) for state in states), where=(owing(),))


def sheet(scope: Scope, filters: Filters, about: Unit, said: str) -> bytes:
    """The whole list as a spreadsheet; who took it stands in it and in the log. Raises Invalid for too many rows."""
    inside, aisle = _inside(scope, filters), _aisle(filters)
    total = in_order.total(aisle, inside)
    if total > MOST:
        raise Invalid(f"名单有 {total:,} 人，一次最多导出 {MOST:,} 人，请先选一个单位。")
    rows = in_order.fetched(Account, in_order.first(aisle, inside, MOST, None), inside)
    names = overview.names_of_units([row.unit_id for row in rows], inside)
    account, stamp = me().account, clock.local(clock.now()).strftime("%Y-%m-%d %H:%M")
    audit.record("commitment:export", "unit", about.id, about, after={"rows": len(rows), "filter": said})
    meta = [("范围", said), ("承诺书版本", VERSION), ("人数", str(len(rows))), ("导出人", account.name),
            ("导出时间", stamp), ("编号", audit.request_id())]
    return write_table("承诺书未签名单", meta, COLUMNS, [_line(row, names) for row in rows],
                       f"{account.name} {mask_phone(account.phone)} {stamp}")


def _line(row: Account, names: dict[str, str]) -> dict[str, Any]:
    last = row.last_login_at
    return {"unit": names.get(row.unit_id), "name": row.name, "employment": EMPLOYMENT.get(row.employment or "", ""),
            "state": STATE_LABELS[row.state], "opened": clock.local(row.opened_at).date(),
            "last": clock.local(last).date() if last is not None else None, "signed": row.signed_version or "从未签署"}
