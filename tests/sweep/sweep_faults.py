"""Planted faults of the authorisation, each with the part of the sweep that must see it (K1)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sweep_agreement import RESOURCES, Agreement
from sweep_plants import (
    ALL,
    Plant,
    cells,
    gate,
    grants_read,
    one,
    over,
    replace,
    scope_is_everything,
    session_found,
    without_rule,
)
from sweep_routes import ROWS
from sweep_run import Sweep
from sweep_world import SweepWorld

import app.administration.accounts as accounts
import app.administration.managing as managing
import app.administration.units as units
import app.api.audit as api_audit
import app.api.cadres as api_cadres
import app.api.records as api_records
import app.api.units as api_units
import app.job_rows as job_rows
import app.keeping.photos as photos
import app.keeping.records as keeping
import app.opinions.store as opinions
import app.own.cadre as own
import app.people.files as files
import app.people.listing as people_listing
import app.records.store as store
import app.web.desk_records as desk_records
from app.opinions.model import Opinion
from app.paging import Page
from app.people.model import Cadre
from app.records import page
from app.records.model import Attachment
from permissions import guard
from permissions.accounts import Account
from permissions.actions import Action
from permissions.identity import Person
from permissions.roles import Role
from permissions.table import Reach
from tenants import tree
from tenants.db import db
from tenants.errors import Forbidden, NotFound
from tenants.models import Unit
from tenants.numbering import LAST
from tenants.scope import Scope

COUNTY, CITY, PHONE = "county administrator", "city administrator", "administrator on the phone"
UNITS, CADRES, ACCOUNTS, RECORDS = "/api/v1/units", "/api/v1/cadres", "/api/v1/accounts", "/api/v1/records"


@dataclass(frozen=True)
class Fault:
    """What is wrong, how it is planted, and what must see it: one principal on some routes, or the five answers."""

    name: str
    plant: Plant
    who: str
    routes: str  # a part of their names; `=` stands for the comparison of the five answers (A6)

    def seen(self, world: SweepWorld) -> Iterator[str]:
        """The mismatches the sweep finds."""
        person = world.people[self.who]
        if self.routes.startswith("="):
            wanted = tuple(each for each in RESOURCES if each.path.startswith(self.routes[1:]))
            return Agreement(world).mismatches(person, wanted)
        return Sweep(world).cells(person, [row for row in ROWS if self.routes in row.name])


def _role_too_many(action: Action, role: Role, reach: Reach) -> Plant:
    place = list(Role).index(role)

    def plant(patch: pytest.MonkeyPatch) -> None:
        whole = dict(guard.table.TABLE)
        row = list(whole[action])
        row[place] = reach
        whole[action] = tuple(row)
        patch.setattr(guard.table, "TABLE", whole)

    return plant


def _many(*plants: Plant) -> Plant:
    def plant(patch: pytest.MonkeyPatch) -> None:
        for each in plants:
            each(patch)

    return plant


def _listing_everywhere(module: Any, name: str = "listing") -> Plant:
    real = getattr(module, name)
    return replace(module, name, lambda kind, _scope, *rest, **more: real(kind, ALL, *rest, **more))


def _total_everywhere() -> Plant:
    real = api_cadres.shown

    def shown(scope: Scope, *rest: Any, **more: Any) -> Page[Any]:
        inside = real(scope, *rest, **more)
        return Page(inside.items, inside.next, real(ALL, *rest, **more).total)

    return replace(api_cadres, "shown", shown)


def _seen_record(module: Any, record_id: str) -> Any:
    record = store.get(module, guard.checked_id(record_id), ALL)
    return record, tree.unit_by_id(record.unit_id, ALL)


def _seen_file(cadre_id: str) -> Any:
    cadre = one(Cadre, guard.checked_id(cadre_id))
    return cadre, tree.unit_by_id(cadre.unit_id, ALL)


def _even_deleted(module: Any, record_id: str, scope: Scope) -> Any:
    found = db.session.execute(scope.select(module.record).where(module.record.id == record_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def _seen_unit_or_403(unit_id: str) -> Unit:
    unit: Unit = one(Unit, guard.checked_id(unit_id))
    if not units.sight().covers(unit.number):
        raise Forbidden
    return unit


def _photo_in_sight(attachment_id: str) -> Attachment:
    scope = guard.sight(Action.RECORD_READ, "precision_service")
    found = db.session.execute(scope.select(Attachment).where(Attachment.id == attachment_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def _cadre_in_clear() -> Plant:
    bare = tuple((name, False, choices) for name, _sensitive, choices in people_listing._FIELDS)
    return replace(people_listing, "_FIELDS", bare)


def _clear() -> Plant:
    real = page._shown
    return replace(page, "_shown", lambda module, row, people, _keeps, today: real(module, row, people, ALL, today))


def _parent_shown() -> Plant:
    real = api_units.unit_out
    return replace(api_units, "unit_out", lambda unit, parents, **_more: real(unit, parents, shows_parent=True))


def _searched_everywhere() -> Plant:
    real = api_units.search
    return replace(api_units, "search", lambda _scope, q, **more: real(ALL, q, **more))


def _first(model: Any) -> Callable[..., Any]:
    return lambda _principal: db.session.execute(ALL.select(model).order_by(model.unit_number)).scalars().first()


def _all_opinions(_principal: Any) -> Any:
    return list(db.session.execute(ALL.select(Opinion)).scalars())


def _any_job(job_id: str, _kind: str | None = None, **_more: Any) -> Any:
    return one(job_rows.Job, guard.checked_id(job_id))


def _allow_photo(_attachment: Attachment) -> None:
    guard.my_scope(Action.RECORD_READ, "precision_service")


H, B, U, NO = Reach.HERE, Reach.BELOW, Reach.UNDER, Reach.NO
FAULTS = (
    Fault("the range of a subtree has no end", replace(tree, "span", lambda _path: ("/", "~")), COUNTY, CADRES),
    Fault("strictly below includes the unit itself", cells(lambda _action, cell: B if cell is U else cell), COUNTY,
          f"PATCH {UNITS}"),
    Fault("here reaches below", cells(lambda _action, cell: B if cell is H else cell), "clerk", f"GET {RECORDS}"),
    Fault("below reaches no further than here", cells(lambda _action, cell: H if cell is B else cell), "chief",
          f"GET {RECORDS}"),
    Fault("the reviewer reads records", _role_too_many(Action.RECORD_READ, Role.reviewer, H), "reviewer",
          f"GET {RECORDS}"),
    Fault("the auditor writes", _role_too_many(Action.RECORD_UPDATE, Role.auditor, B), "county auditor",
          f"PATCH {RECORDS}"),
    Fault("the chief appoints", _role_too_many(Action.ADMINISTRATOR_APPOINT, Role.chief, B), "chief", "administrators"),
    Fault("the clerk of one column enters for all", grants_read(columns=False), "column clerk", f"POST {RECORDS}"),
    Fault("a right counts past its day", grants_read(until=False), "dismissed", f"GET {RECORDS}"),
    Fault("a right counts on the other end", grants_read(end=False), "dismissed", f"GET {CADRES}"),
    Fault("a right counts in a closed unit", grants_read(closed=False), "dismissed", f"GET {UNITS}"),
    Fault("routes of the PC are open to the phone", gate(ends=False), PHONE, "/api/v1/audit"),
    Fault("cadres are let in at staff routes", gate(cadres=False), "cadre", f"GET {UNITS}"),
    Fault("the PC is open without a grant", gate(doors=False), "no PC grant", f"GET {CADRES}"),
    Fault("a cadre logs in at the PC", gate(doors=False), "cadre at the PC", "/api/v1/me/cadre"),
    Fault("everything is open before the first change of password", gate(first=False), "first login", f"GET {UNITS}"),
    Fault("an ended session is found", session_found(revoked=False), "revoked", "GET /api/v1/me"),
    Fault("the session of a suspended account is found", session_found(suspended=False), "suspended",
          "GET /api/v1/me"),
    Fault("a suspended account may log in", replace(Person, "may_log_in", property(lambda _self: True)), "suspended",
          f"GET {RECORDS}"),
    Fault("a unit is found anywhere", replace(units, "seen", lambda unit_id: one(Unit, guard.checked_id(unit_id))),
          "clerk", f"GET {UNITS}/<unit_id>"),
    Fault("a record is found anywhere", replace(keeping, "seen", _seen_record), "clerk", f"PATCH {RECORDS}"),
    Fault("a record is found anywhere, and read", _many(replace(keeping, "seen", _seen_record),
                                                       without_rule(Action.RECORD_READ)), "clerk", f"GET {RECORDS}"),
    Fault("a deleted record is found", replace(store, "get", _even_deleted), "chief", f"GET {RECORDS}"),
    Fault("a cadre's file is found anywhere", replace(files, "seen", _seen_file), "clerk", f"{CADRES}/<cadre_id>"),
    Fault("an account is found anywhere", replace(accounts, "seen", lambda row_id: one(Account, row_id)), COUNTY,
          f"{ACCOUNTS}/<account_id>"),
    Fault("a photo is served to whoever knows its number",
          _many(replace(photos, "seen", lambda row_id: one(Attachment, row_id)),
                replace(photos, "allowed", _allow_photo)), "clerk", "/attachments/<attachment_id>"),
    Fault("the photo of a deleted record is served", replace(photos, "seen", _photo_in_sight), "clerk",
          "/attachments/<attachment_id>"),
    Fault("a list over the API is not narrowed", _listing_everywhere(api_records, "newest"), "clerk",
          "=/records/visits"),
    Fault("a list page is not narrowed", _listing_everywhere(desk_records), "clerk", "GET /desk/records/<module_key>"),
    Fault("the total counts everything", _total_everywhere(), "clerk", "=/cadres"),
    Fault("a filter by unit widens", replace(Scope, "narrowed", lambda _self, other: other), "clerk",
          "=/records/visits"),
    Fault("the search looks everywhere", _searched_everywhere(), "reviewer", "=/no list"),
    Fault("the report counts everything",
          scope_is_everything(Action.REPORT_TIMELINESS, wide=Scope(((0, LAST),))), "clerk", "=/no list"),
    Fault("the log is open everywhere", scope_is_everything(Action.AUDIT_READ), "county auditor", "=/audit"),
    Fault("opinions are open everywhere", scope_is_everything(Action.OPINION_READ), "chief", "/desk/opinions"),
    Fault("filings are open everywhere", scope_is_everything(Action.FILING_READ), "county auditor",
          "GET /api/v1/filings"),
    Fault("a place named in a body needs no right", without_rule(Action.RECORD_CREATE), "chief", f"POST {RECORDS}"),
    Fault("accounts are opened anywhere in sight", without_rule(Action.ACCOUNT_OPEN), "chief", f"POST {ACCOUNTS}"),
    Fault("one's own unit's seats are given", without_rule(Action.ADMINISTRATOR_APPOINT), COUNTY, "administrators"),
    Fault("one's own unit's seats are taken", without_rule(Action.ADMINISTRATOR_REMOVE), COUNTY, "administrators"),
    Fault("filings about one's own unit are acknowledged", _many(
        without_rule(Action.FILING_ACKNOWLEDGE), replace(managing, "answers_for", lambda _unit: True)), COUNTY,
          "acknowledge"),
    Fault("a filing is acknowledged past its superior", replace(managing, "answers_for", lambda _unit: True), CITY,
          "acknowledge"),
    Fault("one's own account is changed", over(oneself=False), COUNTY, f"PATCH {ACCOUNTS}"),
    Fault("a fellow administrator is suspended", over(fellow=False), CITY, "/suspend"),
    Fault("sensitive fields stand clear before superiors", _clear(), "chief",
          f"GET {RECORDS}/<module_key>/<record_id>"),
    Fault("files are shown unmasked", _cadre_in_clear(), COUNTY, f"GET {CADRES}/<cadre_id>"),
    Fault("superiors unmask", _role_too_many(Action.CADRE_UNMASK, Role.administrator, B), COUNTY, "/unmask"),
    Fault("403 is said before 404", replace(tree, "NotFound", Forbidden), "clerk", f"GET {UNITS}/<unit_id>"),
    Fault("outside is 403, not there is 404", replace(units, "seen", _seen_unit_or_403), "clerk",
          f"GET {UNITS}/<unit_id>"),
    Fault("the log names superiors", replace(api_audit, "knows_actor", lambda *_rest: True), "county auditor",
          "/api/v1/audit"),
    Fault("a unit shows its superior's number", _parent_shown(), COUNTY, f"GET {UNITS}/<unit_id>"),
    Fault("a cadre reads another's file", replace(own, "cadre_of", _first(Cadre)), "cadre", "/api/v1/me/cadre"),
    Fault("a cadre reads others' opinions", replace(opinions, "own", _all_opinions), "cadre",
          "GET /api/v1/me/opinions"),
    Fault("a job is seen by whoever knows its number", replace(job_rows, "mine", _any_job), CITY, "/api/v1/jobs"),
)
