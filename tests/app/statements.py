"""Counts the statements of a request, and fills a unit so that a page with more rows can be told from one with few."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import event

import factories
from app import files
from app.keeping import photos
from app.opinions.model import Opinion
from app.records.model import Attachment, Record
from permissions import transaction
from tenants import clock, provision, tree
from tenants.db import db
from tenants.fields import new_id
from tenants.models import Unit
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test fills a unit")
# The one who measures a route is the first of these to whom it answers 200.
PRINCIPALS = ("盐城 administrator", "射阳 administrator", "clerk", "phone clerk", "cadre")
PERIOD = {"from": "2026-01-01", "to": "2026-12-31"}


@dataclass
class Filled:
    """What there is to look at; the first of everything, which grows with the rest."""

    arguments: dict[str, str] = field(default_factory=dict)
    rounds: int = 0

    def keep(self, **ids: str) -> None:
        """Remember the first of each kind."""
        for name, value in ids.items():
            self.arguments.setdefault(name, value)


@contextmanager
def counting(world: World) -> Iterator[list[str]]:
    """The statements sent while inside; the beginning of a transaction is none."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            seen.append(statement)

    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def fill(world: World, filled: Filled, many: int) -> None:
    """`many` more of everything in 射阳: units with administrators, people, accounts, rights, records, photos."""
    with world.app.app_context(), transaction.act("tests"):
        county = tree.unit_by_id(world.units["射阳"], ALL)
        clerk = factories.staff(unit=county, name="先来") if not filled.arguments else _first(filled)
        filled.keep(unit_id=county.id, account_id=clerk.id, module_key="visits", what="suspend")
        for _each in range(many):
            _one_more(county, clerk, filled)
        _grow_the_first_record(county, filled)
        _same_last_entries(county, filled)


def _same_last_entries(county: Unit, filled: Filled) -> None:
    """The log's first page looks alike after every filling, however long the log: what it names costs statements."""
    kinds = {"visits": "record_id", "account": "account_id", "cadre": "cadre_id", "unit": "unit_id"}
    filled.rounds += 1
    for second in range(40):
        clock.configure(f"2026-06-10T1{filled.rounds}:00:{second:02d}+08:00")
        kind = list(kinds)[second % len(kinds)]
        transaction.audit.record("tests:fill", kind, filled.arguments[kinds[kind]], county)


def _first(filled: Filled) -> Any:
    account = factories.Account
    return db.session.execute(
        ALL.select(account).where(account.id == filled.arguments["account_id"])).scalar_one()


def _one_more(county: Unit, clerk: Any, filled: Filled) -> None:
    town = provision.open_unit(county, kind="township", name="新镇", code=f"N-{factories.next_phone()[-7:]}")
    factories.administrator(unit=town)
    cadre = factories.cadre(unit=county, name="新老")
    account = factories.cadre_account(cadre=cadre, unit=county)
    grant = factories.grant(account=clerk, unit=town, role="clerk")
    entered = factories.record(unit=county, cadre=cadre, ended_on=date(2026, 6, 1), author=clerk)
    factories.record(unit=county, cadre=cadre, ended_on=date(2026, 6, 9), draft=True)
    factories.record(unit=county, cadre=cadre, ended_on=date(2026, 4, 1), draft=True)
    factories.record(unit=county, cadre=cadre, ended_on=date(2026, 4, 1))
    for module in ("hardship_aid", "branch_activities", "volunteer_service"):
        factories.record(module=module, unit=town, cadre=factories.cadre(unit=town), ended_on=date(2026, 6, 1))
    db.session.add(Opinion(unit_id=county.id, unit_number=county.number, account_id=account.id, cadre_id=cadre.id,
                           text="同意", created_at=clock.now()))
    for kind, object_id in (("visits", entered.id), ("account", clerk.id), ("cadre", cadre.id)):
        transaction.audit.record("tests:fill", kind, object_id, county)
    filled.keep(record_id=entered.id, cadre_id=cadre.id, grant_id=grant.id)


def _grow_the_first_record(county: Unit, filled: Filled) -> None:
    """The record that is looked at has everybody in it, and a photo more each time."""
    record = db.session.execute(ALL.select(Record).where(Record.id == filled.arguments["record_id"])).scalar_one()
    known = set(db.session.execute(ALL.select(factories.people.Cadre, factories.people.Cadre.id).join(
        factories.records.RecordPerson).where(factories.records.RecordPerson.record_id == record.id)).scalars())
    for cadre_id in db.session.execute(
            here(county).select(factories.people.Cadre, factories.people.Cadre.id)).scalars():
        if cadre_id not in known:
            db.session.add(factories.records.RecordPerson(record_id=record.id, cadre_id=cadre_id, unit_id=county.id,
                                                          unit_number=county.number))
    photo_id = new_id()
    stored_as = files.save(b"photo", photos.shelf(), context=f"attachments.{photo_id}")
    photo = Attachment(id=photo_id, record_id=record.id, unit_id=county.id, unit_number=county.number,
                       stored_as=stored_as, filename="照片.jpg", content_type="image/jpeg", size=5,
                       created_at=clock.now())
    db.session.add(photo)
    filled.keep(attachment_id=photo.id)


def here(unit: Unit) -> Scope:
    """The scope of a unit alone."""
    return tree.here(unit)


def routes(world: World) -> list[tuple[str, str]]:
    """(endpoint, rule) of everything that is read and whose arguments we have, and does not leave the house."""
    return sorted((rule.endpoint, rule.rule) for rule in world.app.url_map.iter_rules()
                  if "GET" in (rule.methods or ()) and rule.endpoint not in ("static", "health.ready"))


def query_of(endpoint: str, filled: Filled) -> dict[str, str]:
    """What a route must be asked with."""
    if "report" in endpoint:
        return {"unit": filled.arguments["unit_id"]} | PERIOD
    if "deadline" in endpoint:
        return {"ended_on": "2026-06-08", "module": "visits"}
    return {}


def measure(world: World, filled: Filled) -> dict[str, int]:
    """Statements of each route that answers 200, asked once before to warm what is kept in memory."""
    found = {}
    for endpoint, rule in routes(world):
        for principal in PRINCIPALS:
            asked = _ask(world, principal, endpoint, rule, filled)
            if asked is not None:
                found[f"{endpoint} {rule}"] = asked
                break
    return found


def _ask(world: World, principal: str, endpoint: str, rule: str, filled: Filled) -> int | None:
    with world.app.test_request_context():
        try:
            values = {name: value for name, value in filled.arguments.items()
                      if f"<{name}>" in rule or f":{name}>" in rule}
            path = world.app.url_map.bind("").build(endpoint, values, append_unknown=False)
        except Exception:
            return None
    client = world.browser(principal)
    headers = {"Authorization": f"Bearer {world.tokens[principal]}"} if path.startswith("/api/v1/") else {}
    if client.get(path, query_string=query_of(endpoint, filled), headers=headers).status_code != 200:
        return None
    with counting(world) as seen:
        assert client.get(path, query_string=query_of(endpoint, filled), headers=headers).status_code == 200
    return len(seen)


def saving(world: World, filled: Filled) -> int:
    """Statements of entering a visit to two cadres over the API."""
    people = [world.cadres["cadre"], filled.arguments["cadre_id"]]
    body = factories.FIELDS["visits"] | {"unit_id": world.units["射阳"], "cadre_ids": people,
                                         "ended_on": str(date(2026, 6, 10) - timedelta(days=2))}
    clerk = world.api("clerk")
    assert clerk.post("/records/visits", body).status_code == 201
    with counting(world) as seen:
        assert clerk.post("/records/visits", body).status_code == 201
    return len(seen)
