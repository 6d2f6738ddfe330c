"""An import asked for by the county administrator, with a bad row given back; and one of somebody else in each unit."""

import io
from datetime import timedelta

import openpyxl
from sweep_run import Caller
from sweep_world import SweepWorld

import factories
from app.job_rows import Job
from app.people.roster_upload import KIND
from permissions import transaction
from permissions.accounts import LoginSession
from tenants import clock
from tenants.db import db
from tenants.fields import new_id
from tenants.models import Unit
from tenants.scope import Scope

ASKER, HOME = "county administrator", "射阳"
_ALL = Scope.everything("the sweep builds its world")


def ask_for_imports(world: SweepWorld) -> None:
    """Fill `job` of every place. The asker's own rows are marked: his error file is his alone."""
    mark = world.canaries.text(HOME, "job")
    sent = {"unit": world.places[HOME]["unit"], "file": (io.BytesIO(_roster(mark)), f"名册{mark}.xlsx")}
    response = Caller(world, world.people[ASKER]).send("POST", "/desk/cadres/import", page=True, data=sent)
    assert response.status_code == 303, response.get_data(as_text=True)
    job_id = response.headers["Location"].rpartition("/")[2]
    with world.app.app_context(), transaction.act("tests"):
        for name, place in world.places.items():
            place.ids["job"] = job_id if name == HOME else _job_of_another(world, name)
            place.ids["own session"] = _session(world, name)
    world.canaries.known(job_id, HOME, "log")  # its bare number stands in the log


def _roster(mark: str) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["姓名", "身份证号", "离退休类型"])
    sheet.append(["新来的", factories.id_number(serial=900_001), "退休"])
    sheet.append([f"坏行{mark}", "123", "退休"])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def _session(world: SweepWorld, name: str) -> str:
    """One more session of the asker, or of who is seated in another unit."""
    owner = world.accounts[ASKER] if name == HOME else world.places[name]["seated"]
    if world.places[name].owner is None:
        return new_id()
    made = LoginSession(token_hash=new_id(), account_id=owner, channel="pc", created_at=clock.now(),
                        seen_at=clock.now(), expires_at=clock.now() + timedelta(days=30))
    db.session.add(made)
    db.session.flush()
    return made.id


def _job_of_another(world: SweepWorld, name: str) -> str:
    """A finished import of the unit's seated administrator; nobody else ever sees it."""
    if world.places[name].owner is None:
        return new_id()
    unit = db.session.execute(_ALL.select(Unit).where(Unit.id == world.places[name]["unit"])).scalar_one()
    job = Job(kind=KIND, unit_id=unit.id, unit_number=unit.number, account_id=world.places[name]["seated"],
              channel="pc", params={"dry_run": True, "filename": world.canaries.text(name, "job")}, state="done",
              result={}, created_at=clock.now())
    db.session.add(job)
    db.session.flush()
    return world.canaries.known(job.id, name, "job")

