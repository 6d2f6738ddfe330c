"""On the phone too a due day without a year's notice is called 暂定: on the form, in lists, on the record, to do."""

from datetime import date

import factories
from permissions import transaction
from tenants import clock, tree
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test looks at everything")
LATE = "2026-12-29T09:00:00+08:00"


def test_the_phone_says_provisional_wherever_it_shows_the_day(world: World) -> None:
    clock.configure(LATE)
    with world.app.app_context(), transaction.act("tests"):
        unit = tree.unit_by_id(world.units["射阳"], ALL)
        made = {day: factories.record(unit=unit, cadre=factories.cadre(unit=unit), ended_on=date(2026, 12, day),
                                      draft=True).id for day in (1, 28)}
        transaction.audit.record("tests:record", "unit", None, unit)
    phone = world.at(LATE).browser("phone clerk")
    for day, said in ((1, False), (28, True)):
        assert ("暂定" in phone.get(f"/m/records/visits/due?ended_on=2026-12-{day:02}").text) is said, "form"
        assert ("暂定" in phone.get(f"/m/records/visits/{made[day]}").text) is said, "record"
    for page in ("/m/records/visits", "/m/", "/m/todo"):
        assert phone.get(page).text.count("暂定") == 1, page
