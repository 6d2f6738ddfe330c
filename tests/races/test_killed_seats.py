"""B9: whoever is killed while seating, replacing or removing leaves both the seat and its filing, or neither.

Each act is a request in a process of its own that dies by SIGKILL at its first touch of the database, then anew at its
second, and so on until it comes through: between any two statements, before the commit and after it.
"""

import os
from collections import Counter
from collections.abc import Callable

import pytest

import factories
from app.administration import seats
from killed import Doomed
from permissions import transaction
from permissions.accounts import Account
from rows import ask, digests
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import Api, World

WHOLE = Scope.everything("a test looks at everybody")
FULL = os.environ.get("YINLING_TEST_FULL") == "1"
STRIDE = 1 if FULL else 13
CITY, SITTING = "盐城 administrator", "射阳 administrator"


class Broken(AssertionError):
    """Half of an act was left behind."""


def person(world: World) -> str:
    """Somebody of 射阳 who may be seated."""
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()
        account: Account = factories.staff(unit=unit)
        transaction.audit.record("tests:person", "account", account.id, unit)
        return str(account.id)


def check(world: World) -> None:
    """Who sits is who was filed in and not out; as many filings, rights with an origin and lines of the log."""
    unit = world.units["射阳"]
    sitting = Counter(who for who, in ask(
        world.app, f"SELECT account_id FROM administrators WHERE unit_id = '{unit}'"))  # noqa: S608
    acts = ask(world.app, f"SELECT act, account_id FROM filings WHERE unit_id = '{unit}'")  # noqa: S608
    filed = Counter(who for act, who in acts if act == "appoint")
    filed.subtract(who for act, who in acts if act == "remove")
    living = Counter(who for who, at in ask(
        world.app, "SELECT account_id, unit_id FROM rights_given WHERE kind = 'seat' AND ended_at IS NULL")
        if at == unit)
    logged = [at for at, in ask(
        world.app, "SELECT unit_id FROM audit_entries WHERE result = 'ok' AND action IN "
                   "('administrator:appoint', 'administrator:remove')") if at == unit]
    # The first administrator of the named province is seated and filed by its builder, without a line in the log.
    if not sitting == +filed == living or min(filed.values()) < 0 or len(logged) != len(acts) - 1:
        raise Broken((sitting, filed, living, len(logged), len(acts)))


def killed_everywhere(world: World, act: Callable[[Api], int], *, stride: int = STRIDE) -> int:
    """Begin the act until it comes through; returns how often it was killed. Raises Broken for half an act."""
    kills, point, before = 0, 1, digests(world.app)

    def work() -> None:
        answered = act(world.api(CITY))
        assert answered in (200, 201, 204), answered

    while True:
        fate = Doomed(world.app, work, point).end()
        check(world)
        if digests(world.app) != before:
            return kills + fate.killed
        if not fate.killed:
            raise AssertionError("nobody was killed and nothing was done")
        kills, point = kills + 1, point + stride


@pytest.fixture
def acts(world: World) -> list[Callable[[Api], int]]:
    """Seat a second one, put another in his place, seat one who was proposed in the first one's, remove him."""
    path = f"/units/{world.units['射阳']}/administrators"
    first, second, third, fourth = (person(world) for _each in range(4))
    for who in (third, fourth):
        made = world.api(SITTING).post(f"/units/{world.units['射阳']}/nominations", {
            "account_id": who, "replaces_id": world.accounts[SITTING]})
        assert made.status_code == 201, made.text
    given = world.api(SITTING).post(f"/accounts/{world.accounts['town clerk']}/grants", {
        "role": "chief", "unit_id": world.units["合德镇"]})
    assert given.status_code == 201, given.text
    wanted = f"/nominations/{made.json['id']}/seat"
    return [
        lambda api: api.post(path, {"account_id": first}).status_code,
        lambda api: api.post(f"{path}/{first}/replace", {"successor_id": second}).status_code,
        lambda api: api.post(wanted).status_code,
        lambda api: api("DELETE", f"{path}/{second}").status_code,
        lambda api: api.post(f"{path}/{fourth}/replace", {"successor_id": third, "rights": "freeze"}).status_code,
        lambda api: api.post(f"{path}/{third}/replace", {"successor_id": first, "work": False}).status_code,
    ]


def test_seat_and_filing_come_together_or_not_at_all(world: World, acts: list[Callable[[Api], int]]) -> None:
    kills = sum(killed_everywhere(world, act) for act in acts)
    assert kills >= (200 if FULL else 12), kills


def test_a_seat_committed_before_its_filing_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the filing goes into a transaction of its own."""
    files = seats._file

    def later(*told: object) -> None:
        db.session.commit()
        files(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(seats, "_file", later)
    path, account = f"/units/{world.units['射阳']}/administrators", person(world)
    with pytest.raises(Broken):
        killed_everywhere(world, lambda api: api.post(path, {"account_id": account}).status_code, stride=3)
