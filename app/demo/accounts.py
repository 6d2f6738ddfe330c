"""The accounts that demo_accounts.json names: one of each role at the places visitors look at first."""

from dataclasses import dataclass

from app.demo.people import CadrePlan
from app.demo.province import DONGTAI, ROOT, SHEYANG
from app.demo.staff import ADMINISTRATOR, AUDITOR, CHIEF, CLERK, MOBILE, NAMED_SEATS, PC, REVIEWER, StaffPlan

CADRE = "cadre"
SHEYANG_CADRES = 4


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One demonstration account. Exactly one of `staff_key` and `cadre_key` is set; the password is the loader's."""

    role: str
    unit_key: str
    name: str
    phone: str
    channel: str
    first_login: bool
    staff_key: str | None
    cadre_key: str | None


def _posts() -> list[tuple[str, str, str, bool]]:
    """Role, staff key, channel and whether the first log-in is still to come."""
    posts = [(AUDITOR, f"{ROOT}/auditor1", PC, False)]
    posts += [(ADMINISTRATOR, f"{unit}/admin1", PC, False) for unit in NAMED_SEATS]
    posts += [
        (CLERK, f"{SHEYANG}/clerk1", PC, False),
        (CHIEF, f"{SHEYANG}/chief1", PC, False),
        (REVIEWER, f"{SHEYANG}/reviewer1", PC, False),
        (CLERK, f"{SHEYANG}/clerk2", MOBILE, False),
        (CLERK, f"{DONGTAI}/clerk1", PC, False),
        (CLERK, f"{SHEYANG}/clerk3", PC, True),
    ]
    return posts


def demo_accounts(staff: list[StaffPlan], cadres: list[CadrePlan]) -> list[DemoAccount]:
    """The accounts in the order of the file: staff first; the last cadre of 射阳 has yet to log in once.

    Raises KeyError or ValueError if the plans lack somebody the list needs.
    """
    by_key = {person.key: person for person in staff}
    named = []
    for role, key, channel, first_login in _posts():
        person = by_key[key]
        named.append(DemoAccount(role, person.unit_key, person.name, person.phone, channel, first_login, key, None))
    for cadre in (each for each in cadres if each.known):
        if cadre.mobile is None:
            raise ValueError(f"known cadre {cadre.key} has no mobile")
        first_login = cadre.key == f"{SHEYANG}/c{SHEYANG_CADRES:04d}"
        named.append(
            DemoAccount(CADRE, cadre.unit_key, cadre.name, cadre.mobile, MOBILE, first_login, None, cadre.key)
        )
    return named
