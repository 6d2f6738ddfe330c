"""Which canaries a principal may meet at all, by the written rules."""

from sweep_canaries import Key
from sweep_reference import COLUMN_OF, Person, Rules
from sweep_routes import Row
from sweep_world import SweepWorld

# What a closed unit keeps; the rest went over to its successor.
STAYS = ("unit", "former name", "log", "filing", "nomination")
NEEDED = {
    "unit": ("read unit",), "former name": ("read unit",), "log": ("read log",), "filing": ("read filing",),
    "nomination": ("read nomination", "read log"),
    "training": ("read account",),
    "grant": ("read grant",), "opinion": ("read opinion",), "secret": ("unmask cadre",), "gone": (), "phone": (),
    "staff": ("read account", "read log", "read record", "read nomination"),
    "seated": ("read administrators", "read account", "read log"),
    "cadre": ("read cadre", "read record", "read opinion"),
}
OF_ONESELF = ("cadre", "visits", "opinion", "staff")


def may_meet(world: SweepWorld, rules: Rules, person: Person, key: Key) -> bool:
    """Whether an answer to this person may hold a canary of this unit and kind."""
    place, kind = key
    unit, _star, whose = place.partition("*")
    if person.session != "live" or not person.door_open or person.first_login:
        return kind in ("unit", "staff") and unit == person.unit  # the first password page greets by name
    if person.kind == "cadre":
        if whose:
            return whose == person.name and kind in OF_ONESELF
        return unit == person.unit and kind in ("unit", "staff", "seated", "phone")  # his unit and his contact
    if kind == "job":
        return person.name == "county administrator" and unit == "射阳"  # who asked for it
    at = unit if kind in STAYS else world.places[unit].owner or unit
    if kind in ("unit", "staff", "seated") and at == person.unit:
        return True  # where one works oneself
    return any(_may(rules, person, act, at) for act in NEEDED[kind]) if kind in NEEDED else _record(
        rules, person, kind, at)


def oversees(world: SweepWorld, rules: Rules, person: Person, row: Row, key: Key) -> bool:
    """Whether a route that shows what was deleted may show it of this unit: to whoever oversees it, nobody else."""
    place, kind = key
    at = world.places[place].owner if kind == "gone" and row.act == "oversee records" else None
    return at is not None and _may(rules, person, row.act, at)


def _may(rules: Rules, person: Person, act: str, at: str) -> bool:
    return any(rules.may(person, act, at, column) for column in (None, *COLUMN_OF.values()))


def _record(rules: Rules, person: Person, kind: str, at: str) -> bool:
    module, _space, clear = kind.partition(" ")
    return rules.may(person, "update record" if clear else "read record", at, COLUMN_OF[module])
