"""At most two administrators, whichever path anybody takes (第七条, B3, B4): appointed, brought back, imported, merged.

Fifty at once: appointments by two superiors, the unit's own nominations seated, suspended ones brought back, a roster
imported, another unit merged in; in every fourth round the unit itself is merged away while it is being filled.
"""

import base64
import os
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from servers import Servers, call
from sqlalchemy import func
from test_seats_race import PLACES, watching

import factories
from app.administration import seats
from app.administration.nomination import Nomination
from permissions import transaction
from permissions.grants import Filing, Seat
from roster_files import roster
from rows import ask, run
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

pytestmark = pytest.mark.xdist_group("races of seats")
FULL = os.environ.get("YINLING_TEST_FULL") == "1"
ROUNDS, APPOINTED, NOMINATED, IDLE, JOBS = 100 if FULL else 4, 40, 3, 4, 50
WHOLE = Scope.everything("a race looks at the whole tree")
COUNTY, CITY = "射阳 administrator", "盐城 administrator"
ENDS = {(201, None), (200, None), (202, None), (409, "seats_full"), (409, "already_seated"), (409, "already_answered"),
        (409, "closed"), (409, "stale"), (409, "not_suspended"), (404, "not_found"),
        (403, "forbidden"), (422, "invalid")}


@dataclass
class Round:
    """A town to be filled, and one that is merged into it or that it is merged into."""

    town: str
    other: str
    free: int
    people: list[str]
    nominations: list[str]
    idle: list[str]
    merged_away: bool
    number: int


def prepared(world: World, rounds: int) -> list[Round]:
    """Towns of 射阳 with people to choose from, 0 to 2 seats free; suspended ones who sat there before."""
    made = []
    for number in range(rounds):
        with world.app.app_context(), transaction.act("tests"):
            county = db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()
            town = factories.unit(parent=county, kind="township", name=f"赛{number}")
            other = factories.unit(parent=county, kind="township", name=f"并{number}")
            taken = number % 3
            for unit, many in ((town, taken), (other, 2)):
                for _ in range(many):
                    factories.administrator(unit=unit)
            people = [factories.staff(unit=town).id for _ in range(APPOINTED)]
            proposed = [_proposed(town) for _ in range(NOMINATED)]
            idle = [_suspended(town) for _ in range(IDLE)]
            transaction.audit.record("tests:candidates", "unit", None, county)
            made.append(Round(town.id, other.id, 2 - taken, people, proposed, idle, number % 4 == 3, number))
    return made


def _suspended(town: Unit) -> str:
    person = factories.staff(unit=town)
    person.state = "suspended"
    db.session.flush()
    return person.id


def _proposed(town: Unit) -> str:
    person = factories.staff(unit=town)
    found = Nomination(unit_id=town.id, unit_number=town.number, account_id=person.id, made_by=person.id,
                       made_at=clock.now())
    db.session.add(found)
    db.session.flush()
    return found.id


def jobs_of(world: World, this: Round) -> list[dict[str, Any]]:
    """Fifty calls, the merge in the middle of them."""
    county, city = world.tokens[COUNTY], world.tokens[CITY]
    path = f"/units/{this.town}/administrators"
    made = [call("POST", path, city if place % 5 == 0 else county, {"account_id": each})
            for place, each in enumerate(this.people)]
    made += [call("POST", f"/nominations/{each}/seat", county) for each in this.nominations]
    made += [call("POST", f"/accounts/{each}/reactivate", county) for each in this.idle]
    sheet = roster(3, seed=40 + this.number, phones=True).xlsx()
    made += [{"act": "upload", "path": "/cadres/import", "token": county, "form": {"unit": this.town},
              "content": base64.b64encode(sheet).decode()} for _ in range(2)]
    closing, successor = (this.town, this.other) if this.merged_away else (this.other, this.town)
    made.insert(len(made) // 2, call("POST", f"/units/{closing}/close", county, {"successor_id": successor}))
    assert len(made) == JOBS
    return made


def taken_places(answers: list[dict[str, Any]], jobs: list[dict[str, Any]]) -> int:
    """How many of the calls that seat somebody did."""
    seating = ("/administrators", "/seat")
    return sum(1 for job, each in zip(jobs, answers, strict=True)
               if job["path"].endswith(seating) and each["status"] == 201)


def seats_and_filings(unit_id: str) -> tuple[int, int, int]:
    """Who sits; how often was anybody seated, how often unseated, as filed."""
    seated = db.session.execute(WHOLE.select(Seat, func.count()).where(Seat.unit_id == unit_id)).scalar_one()
    acts = Counter(db.session.execute(WHOLE.select(Filing, Filing.act).where(Filing.unit_id == unit_id)).scalars())
    return seated, acts["appoint"], acts["remove"]


def test_fifty_on_every_path_at_once_never_seat_three(servers: Servers, world: World) -> None:
    said: Counter[Any] = Counter()
    rounds = prepared(world, ROUNDS)
    with watching(world) as seen:
        for this in rounds:
            jobs = jobs_of(world, this)
            answers = servers.race(jobs)
            said.update((each.get("status"), each.get("code")) for each in answers)
            count = taken_places(answers, jobs)
            assert count == this.free if not this.merged_away else count <= this.free, (this, answers)
    assert seen == []
    assert set(said) <= ENDS, said
    with world.app.app_context():
        for this in rounds:
            sitting, appointed, removed = seats_and_filings(this.town)
            assert (sitting, appointed - removed) == ((0, 0) if this.merged_away else (2, 2)), this
            assert seats_and_filings(this.other)[0] == (2 if this.merged_away else 0)
    back = ask(world.app, "SELECT count(*) FROM accounts a JOIN administrators s ON s.account_id = a.id "
                          "WHERE a.state IN ('suspended', 'closed')")
    assert back == [(0,)], "nobody who is suspended sits, and coming back seats nobody"
    print(f"{len(rounds)} rounds of {JOBS}: {dict(said)}")  # noqa: T201  what the long profile is run for


def test_a_merge_that_carries_seats_along_is_caught(servers: Servers, world: World) -> None:
    """Planted: the merged unit's administrators take seats in the successor without asking how many are free."""
    if ask(world.app, "SELECT 1") and world.app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        run(world.app, "ALTER TABLE administrators DROP CONSTRAINT uq_administrators_unit_seat")
    else:
        run(world.app, "CREATE TABLE copied AS SELECT * FROM administrators", "DROP TABLE administrators",
            "ALTER TABLE copied RENAME TO administrators")
    servers.plant("carry_seats_along")
    (this,) = prepared(world, 1)
    servers.race(jobs_of(world, this))
    assert ask(world.app, PLACES)


def test_two_removed_at_once_leave_a_unit_that_its_superior_manages(servers: Servers, world: World) -> None:
    """B4: both administrators of a town and the county's own removed in one moment; the city then manages the town."""
    for number in range(20 if FULL else 3):
        with world.app.app_context(), transaction.act("tests"):
            city = db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units["盐城"])).scalar_one()
            county = factories.unit(parent=city, kind="county_bureau", name=f"县{number}")
            town = factories.unit(parent=county, kind="township", name=f"镇{number}")
            above = factories.administrator(unit=county)
            sitting = [factories.administrator(unit=town).id for _ in range(2)]
            token, head, place, where = factories.token(above, "pc"), above.id, county.id, town.id
            transaction.audit.record("tests:town", "unit", None, county)
        removals = [call("DELETE", f"/units/{where}/administrators/{each}", token) for each in sitting]
        removals.append(call("DELETE", f"/units/{place}/administrators/{head}", world.tokens[CITY]))
        answers = servers.race(removals)
        assert {each["status"] for each in answers} <= {204, 403, 404}, answers
        city_api = world.api(CITY)
        for each in sitting:
            city_api.delete(f"/units/{where}/administrators/{each}")
        fresh = city_api.post("/accounts", {"unit_id": where, "kind": "staff", "name": "新人", "in_service": True,
                                            "on_establishment": True, "trained_on": "2026-01-01",
                                            "phone": factories.next_phone(), "employment": "full_time"})
        assert fresh.status_code == 201, fresh.text
        seated = city_api.post(f"/units/{where}/administrators", {"account_id": fresh.json["id"]})
        assert seated.status_code == 201, seated.text
        with world.app.app_context():
            waiting = WHOLE.select(Filing, Filing.id).where(Filing.unit_id == where, Filing.acknowledged_at.is_(None))
            for filing_id in db.session.execute(waiting).scalars().all():
                assert city_api.post(f"/filings/{filing_id}/acknowledge").status_code == 200
            assert seats_and_filings(where) == (1, 3, 2)
    assert seats.FULL
