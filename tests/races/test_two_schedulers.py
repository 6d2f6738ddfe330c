"""Several schedulers on several hosts look at the same moment: each step is taken once, each digest made once."""

from collections import Counter
from datetime import date

import pytest
from servers import Servers

import factories
from engines import Store
from permissions import transaction
from rows import ask, count
from tenants import clock, tree
from tenants.scope import Scope
from world import World

pytestmark = pytest.mark.xdist_group("races of changes")
ALL = Scope.everything("a test looks at every unit")
MANY, MORNING = 60, "2026-06-22T09:00:00+08:00"


def test_four_schedulers_take_each_step_once(servers: Servers, store: Store, world: World) -> None:
    with world.app.app_context(), transaction.act("tests"):
        for name in ("射阳", "东台", "合德镇"):
            unit = tree.unit_by_id(world.units[name], ALL)
            cadre = factories.cadre(unit=unit)
            for _each in range(MANY // 3):
                factories.record(unit=unit, cadre=cadre, ended_on=date(2026, 6, 9), draft=True)
        transaction.audit.record("tests:records", "unit", None, unit)
    clock.configure(MORNING)
    servers.open(store)
    answers = servers.race([{"act": "look"}] * 4)
    assert all(isinstance(each, list) for each in answers), answers
    assert count(world.app, "obligations") == MANY == sum(answer[0] for answer in answers)
    taken = Counter(ask(world.app, "SELECT step, outcome FROM obligation_steps"))
    assert taken == {("remind-2", "missed"): MANY, ("remind+0", "sent"): MANY, ("tell0", "sent"): MANY,
                     ("tell1", "sent"): MANY}
    told = ask(world.app, "SELECT account_id, count(*) FROM digests GROUP BY account_id")
    assert set(dict(told).values()) == {1} and count(world.app, "messages") == len(told)
    assert servers.race([{"act": "look"}] * 4) == [[0, 0, 0]] * 4
