"""At most two administrators whatever happens at once (第七条, must-show 6): 50 parallel appointments, 20 rounds."""

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from servers import Servers, call
from sqlalchemy import func, select

import factories
from app.administration import seats
from permissions import transaction
from permissions.accounts import Account
from permissions.grants import Filing, Seat
from rows import ask, run
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

pytestmark = pytest.mark.xdist_group("races of seats")
PARALLEL, ROUNDS = 50, 100 if os.environ.get("YINLING_TEST_FULL") else 20
WHOLE = Scope.everything("a race looks at the whole tree")
PLACES = "SELECT unit_id, count(*) FROM administrators GROUP BY unit_id HAVING count(*) > 2"


def candidates(world: World, rounds: int) -> list[tuple[str, int, list[str]]]:
    """Towns of 射阳 with 50 people to choose from each; 0, 1 or 2 seats are free to begin with."""
    made = []
    with world.app.app_context(), transaction.act("tests"):
        county = db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()
        for number in range(rounds):
            town = factories.unit(parent=county, kind="township", name=f"赛{number}")
            people = [factories.staff(unit=town) for _ in range(PARALLEL)]
            taken = number % 3
            for person in people[:taken]:
                seats.seat_in(town, person, by=None)
            made.append((town.id, 2 - taken, [person.id for person in people[taken:]]))
        transaction.audit.record("tests:candidates", "unit", None, county)
    return made


def appointments(world: World, unit_id: str, people: list[str]) -> list[dict[str, Any]]:
    """Each one appointed by the administrator above, all at once."""
    token = world.tokens["射阳 administrator"]
    return [call("POST", f"/units/{unit_id}/administrators", token, {"account_id": each}) for each in people]


@contextmanager
def watching(world: World) -> Iterator[list[Any]]:
    """Looks at every state the database ever shows, over and over; what it should never have seen."""
    seen: list[Any] = []
    ended = threading.Event()

    def watch() -> None:
        while not ended.is_set():
            seen.extend(ask(world.app, PLACES))

    eye = threading.Thread(target=watch)
    eye.start()
    try:
        yield seen
    finally:
        ended.set()
        eye.join()


def test_fifty_at_once_never_seat_three(servers, world):
    rounds = candidates(world, ROUNDS)
    codes: Counter[Any] = Counter()
    with watching(world) as seen:
        for unit_id, free, people in rounds:
            answers = servers.race(appointments(world, unit_id, people))
            codes.update((each["status"], each["code"]) for each in answers)
            assert sum(1 for each in answers if each["status"] == 201) == free, answers
    assert seen == []
    free_in_all = sum(free for _unit, free, _people in rounds)
    everybody = sum(len(people) for _unit, _free, people in rounds)
    assert codes == {(201, None): free_in_all, (409, "seats_full"): everybody - free_in_all}
    _check_seats_and_filings(world, [unit_id for unit_id, _free, _people in rounds])


def _check_seats_and_filings(world: World, units: list[str]) -> None:
    with world.app.app_context():
        for unit_id in units:
            found = db.session.execute(WHOLE.select(Seat, Seat.seat).where(Seat.unit_id == unit_id)).scalars()
            assert sorted(found) == [1, 2]
            filed = WHOLE.select(Filing, func.count()).where(Filing.unit_id == unit_id, Filing.act == "appoint")
            assert db.session.execute(filed).scalar_one() == 2


def three_in_some_round(servers: Servers, world: World) -> bool:
    """Whether the race finds a unit with three administrators."""
    for unit_id, _free, people in candidates(world, 9)[::3]:
        servers.race(appointments(world, unit_id, people))
        if ask(world.app, PLACES):
            return True
    return False


def test_counting_instead_of_a_constraint_is_caught(servers, world, engine_name):
    """Planted: count first, then insert, and no constraint in the database."""
    if engine_name == "postgresql":
        run(world.app, "ALTER TABLE administrators DROP CONSTRAINT uq_administrators_unit_seat")
    else:
        run(world.app, "CREATE TABLE copied AS SELECT * FROM administrators", "DROP TABLE administrators",
            "ALTER TABLE copied RENAME TO administrators")
    servers.plant("count_then_insert")
    assert three_in_some_round(servers, world)


def test_the_constraint_alone_holds_against_counting(servers, world):
    """The same faulty counting with the constraint in place: never three, and nobody gets a 5xx."""
    servers.plant("count_then_insert")
    with watching(world) as seen:
        for unit_id, free, people in candidates(world, 3):
            answers = servers.race(appointments(world, unit_id, people))
            assert {each["status"] for each in answers} <= {201, 409}
            assert sum(1 for each in answers if each["status"] == 201) <= free
    assert seen == []


def test_removals_and_appointments_at_once_keep_seats_and_filings_in_step(servers, world):
    """Two remove the same person while others are appointed: one removal, one filing for each change (B3, B4)."""
    for unit_id, _free, people in candidates(world, 9)[1::3]:
        sitting = [each[0] for each in ask(world.app, f"SELECT account_id FROM administrators "  # noqa: S608
                                                      f"WHERE unit_id = '{unit_id}'")]
        token = world.tokens["射阳 administrator"]
        removals = [call("DELETE", f"/units/{unit_id}/administrators/{each}", token) for each in sitting * 6]
        answers = servers.race(removals + appointments(world, unit_id, people[:10]))
        assert {each["status"] for each in answers} <= {201, 204, 404, 409}, answers
        assert sum(1 for each in answers if each["status"] == 204) == len(sitting)
        with world.app.app_context():
            acts = Counter(db.session.execute(WHOLE.select(Filing, Filing.act).where(
                Filing.unit_id == unit_id)).scalars())
            left = db.session.execute(WHOLE.select(Seat, func.count()).where(Seat.unit_id == unit_id)).scalar_one()
        assert acts["remove"] == len(sitting)
        assert acts["appoint"] - acts["remove"] == left <= 2


def test_one_phone_number_opened_fifty_times_at_once_is_one_account(servers, world):
    """One person, one number, one account (第九条): 1 × 201, the rest 409 `phone_taken`, 0 × 5xx (C1)."""
    spellings = ("19988887777", "+86 199 8888 7777", "199-8888-7777", "１９９８８８８７７７７", "0086 19988887777")
    for unit, principal in (("射阳", "射阳 administrator"), ("东台", "东台 administrator")):
        number = {"射阳": "7", "东台": "6"}[unit]
        jobs = [call("POST", "/accounts", world.tokens[principal], {
            "unit_id": world.units[unit], "kind": "staff", "name": "周洁",
            "phone": spellings[place % 5].replace("7777", number * 4).replace("７７７７", number * 4),
            "employment": "full_time"}) for place in range(PARALLEL)]
        answers = servers.race(jobs)
        assert Counter((each["status"], each["code"]) for each in answers) == {
            (201, None): 1, (409, "phone_taken"): PARALLEL - 1}, answers
    with world.app.app_context():
        named = select(func.count()).select_from(Account).where(Account.name == "周洁")
        assert db.session.execute(WHOLE.mark(named)).scalar_one() == 2


