"""A stage for delegation: at every unit of the named province a person to act on, and every act of an administrator."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import TestResponse

import factories
from permissions import transaction
from permissions.grants import Filing
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import ADMINISTRATORS, TREE, Api, World

WHOLE = Scope.everything("a stage is set at every unit")
PARENT: dict[str, str | None] = {"江苏": None} | {name: parent for name, parent, _kind, _code in TREE}
KIND = {"江苏": "province_bureau"} | {name: kind for name, _parent, kind, _code in TREE}
CHILD_KIND = {"province_bureau": "city_bureau", "city_bureau": "county_bureau", "county_bureau": "township",
              "development_zone": "township"}


def upward(name: str) -> list[str]:
    """A unit and its superiors, by name."""
    chain, above = [name], PARENT[name]
    while above is not None:
        chain.append(above)
        above = PARENT[above]
    return chain


@dataclass
class Stage:
    """The world with somebody to act on at each unit."""

    world: World
    person: dict[str, str] = field(default_factory=dict)
    spare: dict[str, str] = field(default_factory=dict)
    auditor: dict[str, str] = field(default_factory=dict)  # does nothing else
    idle: dict[str, str] = field(default_factory=dict)
    grant: dict[str, str] = field(default_factory=dict)
    filing: dict[str, str] = field(default_factory=dict)

    def unit(self, name: str) -> str:
        """The id of a unit."""
        return self.world.units[name]


def set_stage(world: World) -> Stage:
    """At each unit: a person with a right, one who could be seated, one suspended, a filing that waits."""
    made = Stage(world)
    with world.app.app_context(), transaction.act("tests"):
        for name, unit_id in world.units.items():
            unit = db.session.execute(WHOLE.select(Unit).where(Unit.id == unit_id)).scalar_one()
            person = factories.staff(unit=unit, name="甲")
            made.person[name] = person.id
            made.spare[name] = factories.staff(unit=unit, name="乙").id
            made.auditor[name] = factories.staff(unit=unit, name="戊").id
            idle = factories.staff(unit=unit, name="丙")
            idle.state = "suspended"
            made.idle[name] = idle.id
            made.grant[name] = factories.grant(account=person, unit=unit, role="clerk").id
            filing = Filing(unit_id=unit.id, unit_number=unit.number, act="appoint", account_id=person.id, seat=1,
                            receiver_unit_id=unit.parent_id or unit.id, filed_at=clock.now())
            db.session.add(filing)
            db.session.flush()
            made.filing[name] = filing.id
        transaction.audit.record("tests:stage", "unit", None, unit)
    return made


Act = Callable[[Stage, Api, str], TestResponse]


def _open_unit(stage: Stage, api: Api, name: str) -> TestResponse:
    kind = CHILD_KIND.get(KIND[name], "subordinate_unit")
    return api.post("/units", {"parent_id": stage.unit(name), "kind": kind, "name": "新设", "code": f"S-{name}"})


def _open_account(stage: Stage, api: Api, name: str) -> TestResponse:
    return api.post("/accounts", {"unit_id": stage.unit(name), "kind": "staff", "name": "丁",
                                  "phone": factories.next_phone(), "employment": "full_time"})


def _create_cadre(stage: Stage, api: Api, name: str) -> TestResponse:
    return api.post("/cadres", {"unit_id": stage.unit(name), "name": "老戊", "id_number": factories.id_number(),
                                "retirement_type": "tuixiu"})


def _give(role: str) -> Act:
    """Hand a role at the unit to a person of the lowest unit everybody on the stage reaches: its own."""
    return lambda stage, api, name: api.post(
        f"/accounts/{(stage.auditor if role == 'auditor' else stage.spare)[name]}/grants",
        {"role": role, "unit_id": stage.unit(name)})


# In an order in which each may succeed after the others; with the reach the contract gives an administrator:
# B in the unit and below, U strictly below, A only from the nearest unit above that has an administrator.
ACTS: dict[str, tuple[str, Act]] = {
    "see administrators": ("B", lambda stage, api, name: api.get(f"/units/{stage.unit(name)}/administrators")),
    "see accounts": ("B", lambda stage, api, name: api.get(f"/accounts?unit={stage.unit(name)}")),
    "see an account": ("B", lambda stage, api, name: api.get(f"/accounts/{stage.person[name]}")),
    "see grants": ("B", lambda stage, api, name: api.get(f"/accounts/{stage.person[name]}/grants")),
    "see the log": ("B", lambda stage, api, name: api.get(f"/audit?unit={stage.unit(name)}")),
    "open a unit": ("B", _open_unit),
    "amend the unit": ("U", lambda stage, api, name: api.patch(f"/units/{stage.unit(name)}", {"name": "改名"})),
    "open an account": ("B", _open_account),
    "amend an account": ("B", lambda stage, api, name: api.patch(f"/accounts/{stage.person[name]}",
                                                                 {"pc_grant": False})),
    "suspend": ("B", lambda stage, api, name: api.post(f"/accounts/{stage.person[name]}/suspend")),
    "reactivate": ("B", lambda stage, api, name: api.post(f"/accounts/{stage.idle[name]}/reactivate")),
    "resend a password": ("B", lambda stage, api, name: api.post(f"/accounts/{stage.spare[name]}/resend")),
    "take a right back": ("B", lambda stage, api, name: api.delete(
        f"/accounts/{stage.person[name]}/grants/{stage.grant[name]}")),
    "give clerk": ("B", _give("clerk")),
    "give chief": ("B", _give("chief")),
    "give reviewer": ("B", _give("reviewer")),
    "give auditor": ("B", _give("auditor")),
    "keep a cadre's file": ("B", _create_cadre),
    "acknowledge": ("A", lambda stage, api, name: api.post(f"/filings/{stage.filing[name]}/acknowledge")),
    "appoint": ("U", lambda stage, api, name: api.post(f"/units/{stage.unit(name)}/administrators",
                                                       {"account_id": stage.spare[name]})),
    "remove": ("U", lambda stage, api, name: api.delete(
        f"/units/{stage.unit(name)}/administrators/{stage.spare[name]}")),
    "move": ("U", lambda stage, api, name: api.post(f"/units/{stage.unit(name)}/move",
                                                    {"parent_id": stage.unit(PARENT[name] or name)})),
    "close": ("U", lambda stage, api, name: api.post(f"/units/{stage.unit(name)}/close",
                                                     {"successor_id": stage.unit(SUCCESSOR.get(name, name))})),
}
SUCCESSOR = {"合德镇": "黄沙港镇", "合德敬老院": "射阳中学", "射阳中学": "黄沙港镇", "射阳教育局": "合德镇"}


def allowed(act: str, seat: str, name: str) -> bool:
    """Whether an administrator seated at one unit may do an act at another, read from the named tree."""
    if ACTS[act][0] == "A":
        return seat == next((each for each in upward(name)[1:] if each in ADMINISTRATORS), None)
    reach = upward(name) if ACTS[act][0] == "B" else upward(name)[1:]
    return seat in reach


def detail(values: Any) -> str:
    """For messages of assertions."""
    return str(values)[:500]
