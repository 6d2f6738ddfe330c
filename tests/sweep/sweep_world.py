"""The province of the sweep: fourteen units with every kind of row in each, all marked; and twenty principals."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask
from sweep_asked import number_asked, training_of, transfer_asked
from sweep_canaries import Canaries
from sweep_people import PEOPLE, PLACES, rights_of
from sweep_reference import COLUMN_OF, Person, Tree

import factories
from app import files
from app.administration import units
from app.administration.nomination import Nomination
from app.keeping import photos
from app.opinions.model import Opinion
from app.records.model import Attachment
from frozen_rows import change_rows, frozen_row
from permissions import audit, guard, transaction
from permissions.accounts import Account
from permissions.grants import Filing
from permissions.identity import principal_of
from permissions.roles import Channel
from tenants import clock, provision
from tenants.db import db
from tenants.fields import new_id
from tenants.models import Unit, UnitName
from tenants.scope import Scope

NOW = "2026-06-10T10:00:00+08:00"
NOWHERE = "nowhere"
_ALL = Scope.everything("the sweep builds its world")
TEXTS: dict[str, tuple[str, ...]] = {
    "visits": ("place", "visitors", "goods"), "hardship_aid": ("fund_source", "handed_over_by"),
    "branch_activities": ("branch", "host", "place", "topic"), "volunteer_service": ("team", "place", "content"),
}
CLEAR = {"visits": ("feedback", "demand"), "hardship_aid": ("note",)}


@dataclass
class Place:
    """One unit's rows by what they are; for `nowhere`, ids that nobody has."""

    name: str
    owner: str | None  # the unit its rows belong to now
    ids: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, what: str) -> str:
        return self.ids[what]


@dataclass
class SweepWorld:
    """Everything the sweep needs to know, fixed once built."""

    app: Flask
    tree: Tree
    people: dict[str, Person]
    places: dict[str, Place] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    canaries: Canaries = field(default_factory=Canaries)
    uploads: dict[str, bytes] = field(default_factory=dict)


def build_sweep_world(app: Flask) -> SweepWorld:
    """Make the province in one transaction; the caller has set the clock to NOW."""
    parents: dict[str, str | None] = {name: parent for name, (parent, _kind) in PLACES.items()}
    world = SweepWorld(app, Tree(parents), {person.name: person for person in PEOPLE})
    with app.app_context(), transaction.act("tests"):
        made = _units(world)
        for name, unit in made.items():
            world.places[name] = _fill(world, name, unit)
        _people(world, made)
        _rearrange(world, made)
        audit.record("tests:build", "unit", None, made["江苏"])
    world.places[NOWHERE] = Place(NOWHERE, None, {what: new_id() for what in world.places["江苏"].ids})
    world.uploads = {path.name: path.read_bytes() for path in _folder(app).glob("*")}
    return world


def _folder(app: Flask) -> Path:
    folder: Path = app.config["SETTINGS"].instance / "uploads"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def put_files_back(world: SweepWorld) -> None:
    """The photos, which are put away with each database."""
    for name, content in world.uploads.items():
        (_folder(world.app) / name).write_bytes(content)


BORN_UNDER = {"新坍镇": "东台", "千秋镇": "射阳"}  # and moved to where PLACES says


def _units(world: SweepWorld) -> dict[str, Unit]:
    made: dict[str, Unit] = {}
    for place, (name, (parent, kind)) in enumerate(PLACES.items()):
        mark = world.canaries.text(name, "unit")
        if parent is None:
            made[name] = provision.found_province(f"{name}{mark}", f"code{mark}")
        else:
            above = made[BORN_UNDER.get(name, parent)]
            made[name] = factories.unit(parent=above, kind=kind, name=f"{name}{mark}", code=f"{place:03d}{mark}")
        db.session.add(UnitName(unit_id=made[name].id, name=world.canaries.text(name, "former name"),
                                until=clock.now()))
        world.canaries.known(made[name].id, name, "unit")
    return made


def _rearrange(world: SweepWorld, made: dict[str, Unit]) -> None:
    """Move the movers where PLACES says they are, and close 旧镇 into 合德镇: its rows go over, all but its log."""
    for name in BORN_UNDER:
        provision.move_unit(made[name], made[world.tree.parents[name] or ""])
    closer = db.session.get(Account, world.accounts["province administrator"], execution_options={"scope": _ALL})
    assert closer is not None
    principal = principal_of(closer, Channel.pc, clock.today())
    guard.stand_in(principal)
    audit.act_as(principal)
    units.close(made["旧镇"], made["合德镇"])
    audit.act_as(None, "tests")
    world.places["旧镇"].owner = "合德镇"


def _account(world: SweepWorld, name: str, account: Account, kind: str) -> str:
    world.canaries.numbers[account.phone] = (name, "phone")
    return world.canaries.known(account.id, name, kind)


def _fill(world: SweepWorld, name: str, unit: Unit) -> Place:
    """One row of every kind."""
    signs = world.canaries
    staff = factories.staff(unit=unit, name=f"经办{signs.text(name, 'staff')}")
    seated = factories.administrator(unit=unit, name=f"管理{signs.text(name, 'seated')}")
    colleague = factories.staff(unit=unit, name=f"同事{signs.text(name, 'staff')}")
    filing = db.session.execute(_ALL.select(Filing).where(Filing.unit_id == unit.id)).scalars().one()
    filing.acknowledged_at = None
    cadre = _cadre(unit, signs, name, "cadre")
    cadre_account = factories.cadre_account(cadre=cadre, unit=unit)
    second = _cadre(unit, signs, name, "cadre")
    place = Place(name, name, {
        "unit": unit.id, "staff": _account(world, name, staff, "staff"),
        "colleague": _account(world, name, colleague, "staff"),
        "seated": _account(world, name, seated, "seated"), "cadre": signs.known(cadre.id, name, "cadre"),
        "cadre without account": signs.known(second.id, name, "cadre"),
        "cadre account": _account(world, name, cadre_account, "cadre"),
        "filing": signs.known(filing.id, name, "filing"),
        "grant": signs.known(factories.grant(account=staff, unit=unit, role="clerk").id, name, "grant"),
        "template": factories.template(unit=unit).id,
        "opinion": _opinion(signs, name, cadre_account, unit),
        "nomination": _nomination(signs, name, colleague, seated, unit), "transfer": transfer_asked(seated, unit),
        "request": number_asked(colleague, unit), "training": training_of(staff, unit, signs.text(name, "training")),
    })
    signs.numbers |= {number: (name, "secret") for each in (cadre, second)
                      for number in (each.id_number, each.mobile or "")}
    for module in COLUMN_OF:
        for state in ("entered", "draft", "deleted", "locked"):
            record = _record(world, name, module, state, unit=unit, cadre=cadre, author=staff)
            place.ids[f"{module} {state}"] = signs.known(record.id, name, "gone" if state == "deleted" else module)
    _keep_and_plan(signs, place, unit, staff)
    place.ids["photo"] = _photo(world, name, place["visits entered"], "visits", unit)
    place.ids["photo of a deleted record"] = _photo(world, name, place["visits deleted"], "gone", unit)
    if name == "新坍镇":
        cadre_account.state = "suspended"  # somebody to bring back
    audit.record("tests:mark", "unit", unit.id, unit, after={"note": signs.text(name, "log")})
    return place


def _keep_and_plan(signs: Canaries, place: Place, unit: Unit, staff: Account) -> None:
    """A frozen report of the unit, and a change of it that is ordered for later."""
    kept = frozen_row(unit, staff, title=f"封存{signs.text(place.name, 'visits')}")
    db.session.add(kept)
    change, concerned = change_rows(unit, staff, f"更名{signs.text(place.name, 'unit')}")
    db.session.add(change)
    db.session.flush()
    db.session.add(concerned(change.id))
    place.ids["change"] = signs.known(change.id, place.name, "unit")
    place.ids["frozen"] = signs.known(kept.id, place.name, "visits")


def _cadre(unit: Unit, signs: Canaries, name: str, kind: str) -> Any:
    mark, secret = signs.text(name, kind), signs.text(name, "secret")
    return factories.cadre(unit=unit, name=f"老{mark}", mobile=factories.next_phone(), address=f"{secret}路1号",
                           health_status="1", former_unit=f"单位{mark}", former_post=f"职务{mark}",
                           branch=f"支部{mark}")


def _nomination(signs: Canaries, name: str, person: Account, seated: Account, unit: Unit) -> str:
    made = Nomination(unit_id=unit.id, unit_number=unit.number, account_id=person.id, made_by=seated.id,
                      reason=f"理由{signs.text(name, 'nomination')}", made_at=clock.now())
    db.session.add(made)
    db.session.flush()
    return signs.known(made.id, name, "nomination")


def _opinion(signs: Canaries, name: str, account: Account, unit: Unit) -> str:
    opinion = Opinion(unit_id=unit.id, unit_number=unit.number, account_id=account.id, cadre_id=account.cadre_id,
                      text=f"意见{signs.text(name, 'opinion')}", created_at=clock.now())
    db.session.add(opinion)
    db.session.flush()
    return signs.known(opinion.id, name, "opinion")


def _record(world: SweepWorld, name: str, module: str, state: str, **about: Any) -> Any:
    signs = world.canaries
    kind = "gone" if state == "deleted" else module
    texts = {column: f"{column[:2]}{signs.text(name, kind)}" for column in TEXTS[module]}
    clear = "gone" if state == "deleted" else f"{module} clear"
    texts |= {column: f"事{signs.text(name, clear)}" for column in CLEAR.get(module, ())}
    # Entered late with its reason, asking for more time, locked: each waits for what a superior may say.
    ended_on = {"entered": date(2026, 6, 1), "locked": date(2025, 12, 1)}.get(state, date(2026, 6, 4))
    record = factories.record(module=module, ended_on=ended_on, draft=state == "draft", **about, **texts,
                              late_reason="忙" if state == "entered" else None)
    if state == "draft":
        record.asked_until, record.asks = date(2026, 6, 20), "extension"
    if state == "deleted":
        record.deleted_at, record.odd = clock.now(), "deleted"
    return record


def _photo(world: SweepWorld, name: str, record_id: str, kind: str, unit: Unit) -> str:
    attachment_id, mark = new_id(), world.canaries.text(name, kind)
    data = f"photo {mark}".encode()
    stored_as = files.save(data, photos.shelf(), context=photos._context(attachment_id))
    db.session.add(Attachment(id=attachment_id, record_id=record_id, unit_id=unit.id, unit_number=unit.number,
                              stored_as=stored_as, filename=f"照片{mark}.png", content_type="image/png",
                              size=len(data), created_at=clock.now()))
    db.session.flush()
    return world.canaries.known(attachment_id, name, kind)


def _people(world: SweepWorld, made: dict[str, Unit]) -> None:
    """Accounts and sessions of the principals."""
    for person in PEOPLE:
        if person.session == "none":
            continue
        unit = made[person.unit]
        account = _cadre_account(world, person, unit) if person.kind == "cadre" else _staff(world, person, unit, made)
        world.accounts[person.name] = account.id
        world.tokens[person.name] = factories.token(account, person.end)
        if person.session == "dead":
            _end_session(person.name, account)
        account.must_change_password = person.first_login
        if person.name == "clerk":
            number_asked(account, unit)  # of one's own, to be taken back


def _end_session(name: str, account: Account) -> None:
    if name == "suspended":
        account.state = "suspended"
    else:
        factories.sessions.revoke_all(account.id, clock.now())


def _staff(world: SweepWorld, person: Person, unit: Unit, made: dict[str, Unit]) -> Account:
    administrator = any(right.role == "administrator" and right.live for right in person.rights)
    kind = "seated" if administrator else "staff"
    on_pc = person.end == "pc" and person.door_open
    account = factories.staff(unit=unit, name=f"{person.name}{world.canaries.text(person.unit, kind)}", pc_grant=on_pc)
    account.mobile_access = person.door_open
    if administrator:
        factories.seats.seat_in(unit, account, by=None)
        filing = db.session.execute(_ALL.select(Filing).where(Filing.account_id == account.id)).scalars().one()
        world.canaries.known(filing.id, person.unit, "filing")
    for role, where, columns, channel, until in rights_of(person.name):
        given = factories.grant(account=account, unit=made[where], role=role, columns=columns, channel=channel,
                                until=until)
        world.canaries.known(given.id, where, "grant")
    _account(world, person.unit, account, kind)
    return account


def _cadre_account(world: SweepWorld, person: Person, unit: Unit) -> Account:
    """A cadre of the same unit as others, whose rows carry marks of their own: `unit*`."""
    own = f"{person.unit}*{person.name}"
    cadre = _cadre(unit, world.canaries, own, "cadre")
    account = factories.cadre_account(cadre=cadre, unit=unit)
    record = _record(world, own, "visits", "entered", unit=unit, cadre=cadre, author=None)
    world.canaries.known(cadre.id, own, "cadre")
    world.canaries.known(record.id, own, "visits")
    _account(world, own, account, "cadre")
    world.canaries.numbers |= {cadre.id_number: (own, "secret"), cadre.mobile or "": (own, "secret")}
    _opinion(world.canaries, own, account, unit)
    return account


