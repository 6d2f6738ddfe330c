"""Goal 13: a roster of people into the database, by the product's import and by openpyxl + phonenumbers + ORM."""

import itertools
import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import openpyxl
import phonenumbers

from app import jobs
from app.outbox import Message
from app.people.model import Cadre, id_number_key, mobile_key
from app.values.id_number import IdNumber
from app.values.names import reading
from benchmarks.frame import AT_LEAST, EXACTLY, Finding, Pace, interleave
from benchmarks.goals import benchmark
from benchmarks.people import administrator_of
from benchmarks.rosters import people, workbook
from benchmarks.world import ALL, World
from permissions import audit, passwords, transaction
from permissions.accounts import Account, phone_key
from tenants import clock
from tenants.db import db
from tenants.fields import new_id
from tenants.models import Unit

ROUNDS = 3
FLUSHED = 1000


def by_product(world: World, token: str, unit_id: str, data: bytes) -> None:
    """Upload, and do the job as the worker does it."""
    client = world.app.test_client()
    sent = client.post(f"/api/v1/cadres/import?unit_id={unit_id}", data={"file": (BytesIO(data), "r.xlsx")},
                       headers={"Authorization": f"Bearer {token}"})
    if sent.status_code != 202 or sent.json is None:
        raise RuntimeError(f"the import was not taken: {sent.status_code} {sent.text[:300]}")
    job_id = sent.json["job"]["id"]
    with world.app.app_context():
        jobs.run(job_id)
        db.session.remove()
    done = client.get(f"/api/v1/jobs/{job_id}", headers={"Authorization": f"Bearer {token}"}).json
    if done is None or done["state"] != "done" or done["result"]["failed"]:
        raise RuntimeError(f"the import failed: {json.dumps(done, ensure_ascii=False)[:500]}")


def _entities(row: tuple[Any, ...], unit: Unit) -> Iterator[Any]:
    """What a row becomes: a file, and with a phone number an account and its message."""
    name, typed, _kind, phone, _ethnicity, _party, started, retired, former, post, address, branch = row
    number, now = IdNumber.parse(typed, clock.today()), clock.now()
    mobile = None
    if phone:
        parsed = phonenumbers.parse(phone, "CN")
        if not phonenumbers.is_valid_number(parsed):
            raise ValueError(phone)
        mobile = str(parsed.national_number)
    spelled, initials = reading(name)
    place = {"unit_id": unit.id, "unit_number": unit.number}
    cadre = Cadre(id=new_id(), name=name, name_reading=spelled, name_initials=initials, id_number=str(number),
                  id_number_key=id_number_key(str(number)), sex=number.sex, birth_date=number.birth_date.isoformat(),
                  ethnicity="01", political_status="01", retirement_type="tuixiu", started_work_on=started,
                  retired_on=retired, former_unit=former, former_post=post, mobile=mobile,
                  mobile_key=mobile_key(mobile) if mobile else None, address=address, branch=branch,
                  life_status="living", created_at=now, **place)
    yield cadre
    if mobile:
        account = Account(id=new_id(), kind="cadre", name=name, phone=mobile, phone_key=phone_key(mobile),
                          state="opened", cadre_id=cadre.id, opened_at=now, **place)
        password = passwords.set_initial(account, now)
        yield account
        yield Message(account_id=account.id, template="account_opened", phone=mobile,
                      params=json.dumps({"password": password}), created_at=now, **place)


def by_orm(world: World, unit_id: str, data: bytes) -> None:
    """Row by row through openpyxl, phonenumbers and entities, flushed by the thousand."""
    with world.context(), transaction.act("bench"):
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == unit_id)).scalar_one()
        sheet = openpyxl.load_workbook(BytesIO(data), read_only=True).active
        rows = sheet.iter_rows(min_row=2, values_only=True)
        while part := list(itertools.islice(rows, FLUSHED)):
            for row in part:
                wanted = id_number_key(str(row[1]))
                if db.session.execute(ALL.select(Cadre, Cadre.id).where(Cadre.id_number_key == wanted)).first():
                    raise ValueError("already on file")
                db.session.add_all(_entities(row, unit))
        audit.record("bench:import", "job", None, unit)


@benchmark("import", 13)
def importing(bench: Any) -> list[Finding]:
    """Rosters of fresh people, as many for each way."""
    world, count = bench.whole, 1_000 if bench.quick else 10_000
    place = world.place("county")
    _account, token = administrator_of(world, place)
    rosters = iter([workbook(people(turn * count, count)) for turn in range(2 * ROUNDS)])
    with world.context():
        before = _files()
    took = interleave({
        "product": lambda: by_product(world, token, place.id, next(rosters)),
        "usual": lambda: by_orm(world, place.id, next(rosters)),
    }, Pace(1e9, ROUNDS, ROUNDS), warm=0)
    with world.context():
        missing = 2 * ROUNDS * count - (_files() - before)
    each = took.median("product") / count
    return [Finding(f"{count:,} people, each third with an account", took.median("product"), took.median("usual"),
                    "openpyxl + phonenumbers + ORM", 9, AT_LEAST,
                    note=f"{1 / each:,.0f} people a second; 200,000 would take {each * 200_000:,.0f} s"),
            Finding("people lost", missing, limit=0, bound=EXACTLY, unit="people")]


def _files() -> int:
    transaction.begin(writes=False)
    return len(db.session.execute(ALL.select(Cadre, Cadre.id)).all())
