"""Who there is at full size: units with their people and staff as plain arrays, drawn once and shared."""

from array import array
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from random import Random

from app.demo import timing
from app.demo.identity import FIRST_SEQUENCE
from app.demo.names import cadre_name
from app.demo.people import LIXIU_YOUNGEST, OLDEST, YOUNGEST
from app.demo.province import SHEYANG
from app.demo.shares import apportion
from app.values.name_words import spelled
from app.values.names import reading
from scale.staff import Person, hire

ID_LENGTH = 22
# name, initials, reading and the words it is found by
Named = tuple[str, str, str, str]
LARGEST_POOL, SHARED_BY = 12_000, 40
FIRST_AFTER_THE_WAR = date(1946, 1, 1).toordinal()
SHEYANG_SHARE = 41_000 / 5_000_000
DECEASED_SHARE = 0.022
WOMEN, LIXIU = 0.32, 0.03
PEOPLE_WEIGHTS = {
    "province_bureau": 600.0, "city_bureau": 500.0, "county_bureau": 400.0, "development_zone": 120.0,
    "province_group_unit": 300.0, "city_direct_unit": 220.0, "county_direct_unit": 150.0, "township": 70.0,
    "subordinate_unit": 30.0,
}


@dataclass(frozen=True)
class Size:
    """How much to make; `accounts` are those of cadres, beside the staff."""

    cadres: int
    records: int
    staff: int
    accounts: int
    entries: int

    @classmethod
    def of(cls, cadres: int, records: int) -> "Size":
        """The usual share of everything else."""
        return cls(cadres, records, cadres // 20, cadres // 100, records // 50)


@dataclass(frozen=True, slots=True)
class Place:
    """A loaded unit as its rows need it: ids as text, and its people as a run of places in the arrays."""

    key: str
    id: str
    number: str
    parent_id: str
    path: str
    kind: str
    name: str
    division: str


@dataclass
class People:
    """Every cadre, by position; those of a unit stand together, its dead last."""

    start: list[int]
    living: list[int]
    count: list[int]
    ids: bytes = b""
    born: array = field(default_factory=lambda: array("i"))
    sequence: array = field(default_factory=lambda: array("h"))
    marks: bytearray = field(default_factory=bytearray)
    named: array = field(default_factory=lambda: array("H"))

    def id_of(self, position: int) -> str:
        """The id of a cadre's file."""
        return self.ids[ID_LENGTH * position:ID_LENGTH * (position + 1)].decode()


@dataclass
class Plan:
    """Everything that rows are made from."""

    seed: str
    today: date
    size: Size
    places: list[Place]
    people: People
    pools: list[list[Named]]
    staff: list[Person]
    staff_ids: bytes
    by_unit: list[list[Person]]
    weights: list[float]
    shares: list[float]

    def rng(self, part: str) -> Random:
        """The stream of one part, the same each time, whoever draws from it."""
        return Random(f"{self.seed}/scale/{part}")

    def staff_id(self, person: Person) -> str:
        """The account id of a member of staff."""
        return self.staff_ids[ID_LENGTH * person.serial:ID_LENGTH * (person.serial + 1)].decode()

    def pool_of(self, position: int) -> Named:
        """Name, initials, reading and words of a cadre."""
        people = self.people
        old = people.born[position] < FIRST_AFTER_THE_WAR
        return self.pools[2 * old + (people.marks[position] & 1)][people.named[position]]


def random_ids(rng: Random, count: int) -> bytes:
    """Ids as the product makes them, but from the seed, one after the other without anything between."""
    raw = rng.randbytes(16 * count)
    made = bytearray()
    for start in range(0, 16 * count, 16):
        text = urlsafe_b64encode(raw[start:start + 16])[:ID_LENGTH]
        made += text if text[0] not in b"-_" else b"A" + text[1:]
    return bytes(made)


def head_count(places: list[Place], rng: Random, total: int) -> list[int]:
    """Cadres per unit, uneven; 射阳 has its share, so that one county is known."""
    weights = [PEOPLE_WEIGHTS[each.kind] * rng.lognormvariate(0, 0.7) for each in places]
    return apportion(_with_sheyang(places, weights), total)


def _with_sheyang(places: list[Place], weights: list[float]) -> list[float]:
    inside = [each.key.startswith(SHEYANG) for each in places]
    own = sum(weight for weight, ours in zip(weights, inside, strict=True) if ours)
    rest = sum(weights) - own
    if not own or not rest:
        return weights
    factor = SHEYANG_SHARE / (1 - SHEYANG_SHARE) * rest / own
    # A small province is little more than this county: there it keeps what it has.
    return [weight * factor if ours else weight for weight, ours in zip(weights, inside, strict=True)]


def name_pools(rng: Random, size: int) -> list[list[Named]]:
    """So many names by age and sex with their readings; many people share a name, as they do in life."""
    pools = []
    for year in (1955, 1935):
        for woman in (False, True):
            names = [cadre_name(rng, woman=woman, birth_year=year) for _ in range(size)]
            pools.append([(name, reading(name)[1], *spelled(name).values()) for name in names])
    return pools


def people(rng: Random, counts: list[int], today: date, names: int) -> People:
    """Everybody, unit by unit, each with one of so many names."""
    dead = [min(count, int(count * DECEASED_SHARE + rng.random())) for count in counts]
    starts = [0, *accumulate(counts)][:-1]
    made = People(starts, [count - gone for count, gone in zip(counts, dead, strict=True)], counts)
    total = sum(counts)
    made.ids = random_ids(rng, total)
    given: dict[int, int] = {}
    for _ in range(total):
        woman, lixiu = rng.random() < WOMEN, rng.random() < LIXIU
        born = _born(rng, woman=woman, lixiu=lixiu, today=today)
        while (place := given.get(2 * born + woman, 0)) >= (1000 - FIRST_SEQUENCE) // 2:
            born += 1
        given[2 * born + woman] = place + 1
        made.born.append(born)
        made.sequence.append(FIRST_SEQUENCE + 2 * place + (not woman))
        made.marks.append(woman | lixiu << 1)
        made.named.append(int(rng.random() * names))
    return made


def _born(rng: Random, *, woman: bool, lixiu: bool, today: date) -> int:
    if lixiu:
        year = OLDEST + int(rng.random() * (LIXIU_YOUNGEST - OLDEST))
    else:
        last = min(YOUNGEST, today.year - (58 if woman else 63))
        year = min(int(rng.triangular(1934, last + 1, 1957)), last)
    return date(year, 1, 1).toordinal() + int(rng.random() * 365)


def build(seed: str, today: date, size: Size, places: list[Place]) -> Plan:
    """The whole plan of a loaded tree; the same arguments give the same plan."""

    def rng(part: str) -> Random:
        return Random(f"{seed}/scale/{part}")

    counts = head_count(places, rng("counts"), size.cadres)
    names = min(LARGEST_POOL, size.cadres // SHARED_BY + 1)
    everybody = people(rng("people"), counts, today, names)
    staff = hire(rng("staff"), places, counts, size.staff)
    by_unit: list[list[Person]] = [[] for _ in places]
    for person in staff:
        by_unit[person.unit].append(person)
    counties = sorted({each.key[:6] for each in places})
    punctual = timing.punctuality(rng("punctuality"), counties)
    uneven = rng("records")
    weights = [living ** 0.85 * uneven.lognormvariate(0, 0.3) for living in everybody.living]
    return Plan(
        seed, today, size, places, everybody, name_pools(rng("names"), names), staff,
        random_ids(rng("staff ids"), len(staff)), by_unit, _with_sheyang(places, weights),
        [punctual[each.key[:6]] for each in places],
    )

