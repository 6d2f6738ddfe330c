"""`/units/{id}/administrators` and `/filings`: seats given from above, and their 报备."""

from flask import Response
from flask_smorest import Blueprint

from app.administration import accounts, filings, seats, units
from app.api.declare import routes
from app.api.placing import narrowed
from app.api.reading import answer, creates, limit_of, listed, no_body, nothing, query, values
from app.api.shapes import filing_out, seat_out
from app.schemas.bodies import SeatBody
from app.schemas.queries import FilingQuery, PageQuery
from app.timing.filing_days import overdue
from permissions.actions import Action
from permissions.guard import checked_id, guard, my_scope, require
from permissions.roles import PC
from tenants import clock

blueprint = Blueprint("api_administrators", __name__, url_prefix="/api/v1", description="系统管理员与报备")
route = routes(blueprint)


@route("GET", "/units/<unit_id>/administrators", query=PageQuery)
@guard(Action.ADMINISTRATOR_READ)
def list_administrators(unit_id: str) -> Response:
    """一个单位的系统管理员"""
    unit = units.seen(unit_id)
    require(Action.ADMINISTRATOR_READ, unit)
    query(PageQuery.kept())
    rows = [seat_out(seat, account) for seat, account in seats.listing(unit)]
    return answer({"items": rows, "next": None, "total": len(rows)})


@route("POST", "/units/<unit_id>/administrators", takes=SeatBody, gives=201)
@guard(Action.ADMINISTRATOR_APPOINT, channels=PC)
@creates
def appoint(unit_id: str) -> Response:
    """任命系统管理员"""
    unit = units.seen(unit_id)
    require(Action.ADMINISTRATOR_APPOINT, unit)
    found = values(SeatBody())
    account = accounts.candidate(found["account_id"])
    return answer(seat_out(seats.appoint(unit, account), account), 201)


@route("DELETE", "/units/<unit_id>/administrators/<account_id>", gives=204)
@guard(Action.ADMINISTRATOR_REMOVE, channels=PC)
def remove(unit_id: str, account_id: str) -> Response:
    """免去系统管理员"""
    unit = units.seen(unit_id)
    seats.remove(unit, checked_id(account_id))
    return nothing()


@route("GET", "/filings", query=FilingQuery)
@guard(Action.FILING_READ)
def list_filings() -> Response:
    """报备清单"""
    found = query(FilingQuery.kept())
    within = narrowed(found)
    page = filings.listing(my_scope(Action.FILING_READ), within=within, acknowledged=found.get("acknowledged"),
                           cursor=found.get("cursor"), limit=limit_of(found),
                           also=overdue(clock.today()) if found.get("overdue") else None)
    return answer(listed(page, filing_out))


@route("POST", "/filings/<filing_id>/acknowledge")
@guard(Action.FILING_ACKNOWLEDGE, channels=PC)
@creates
def acknowledge(filing_id: str) -> Response:
    """确认报备"""
    filing, unit = filings.seen(filing_id)
    require(Action.FILING_ACKNOWLEDGE, unit)
    no_body()
    return answer(filing_out(seats.acknowledge(filing, unit)))


