"""Random cadres over a small tree, and the lists they must give: filtered, ordered and counted the slow way."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

import factories
from app.people.listing import Filters
from app.people.model import Cadre, id_number_key, mobile_key, mobile_tail_key
from app.values.name_words import spelled
from tenants import clock
from tenants.db import db
from tenants.fields import new_id
from tenants.models import Unit
from tenants.scope import Scope

# How each is read is said by hand: surnames as surnames, 长安 as the city.
SURNAMES = {"王": "wang", "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "欧阳": "ou yang", "张": "zhang",
            "查": "zha", "尉迟": "yu chi"}
GIVEN = {"": "", "小": "xiao", "明": "ming", "小明": "xiao ming", "国华": "guo hua", "王": "wang", "安": "an",
         "雄信": "xiong xin", "明小": "ming xiao", "西安": "xi an", "先": "xian",
         "单": "dan"}
WHOLE = {"阿不都·热西提": "a bu dou re xi ti", "Anna李": "anna li", "㐂": "", "王Tom小": "wang tom xiao"}
TYPED = (
    "王", "小", "小明", "王小明", "明小", "不都·热", "不都热", "ＡＮＮＡ", "na李", "㐂", "李'", "none", "%", "_", "·",
    " ", "wang", "Wang Xiao", "wangxiaom", "xiao", "xiaoming", "ing", "xm", "wx", "WXM", "w", "z", "zh", "xi", "xian",
    "xia", "xi'an", "shan", "shanx", "dan", "tom", "to", "tomx", "yuchi", "oyxm", "n", "a",
    "1234", "0012", "00012", "10000012", "000 0012", "19900000012", "199-0000-0012",
)
WIDE = str.maketrans("ａｎ", "an")
KINDS, STATES = ("lixiu", "tuixiu", "tuizhi"), ("living", "deceased")


@dataclass
class People:
    """What was put in, as plain facts."""

    units: list[Unit] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def expected(self, scope: Scope, filters: Filters) -> list[str]:
        """The ids of the whole list in order, judged without a word of SQL."""
        chosen = [row for row in self.rows if scope.covers(row["unit_number"])
                  and filters.retirement_type in (None, row["retirement_type"])
                  and filters.life_status in (None, row["life_status"])
                  and (filters.q is None or found_by(filters.q, row))]
        chosen.sort(key=lambda row: (row["unit_number"], row["name_reading"], row["id"]))
        return [row["id"] for row in chosen]


def name_of(rng: random.Random) -> tuple[str, list[str]]:
    """A name out of few, so that many share one, and how it is read."""
    if rng.random() < 0.1:
        name, spoken = rng.choice(list(WHOLE.items()))
        return name, spoken.split()
    surname, given = rng.choice(list(SURNAMES)), rng.choice(list(GIVEN))
    return surname + given, f"{SURNAMES[surname]} {GIVEN[given]}".split()


def found_by(typed: str, row: dict[str, Any]) -> bool:
    """Whether a search finds a person: a run of the name, the pinyin from a syllable on, initials, a number's end."""
    bare = "".join(each for each in typed.casefold().translate(WIDE) if each.isalnum())
    number = typed.replace(" ", "").replace("-", "")
    if number.isdigit() and 4 <= len(number) <= 11:
        return row["mobile"] is not None and row["mobile"].endswith(number)
    name = row["name"].casefold().replace("·", "")
    spoken = row["spoken"]
    return bool(bare) and (
        bare in name or any("".join(spoken[start:]).startswith(bare) for start in range(len(spoken)))
        or bare in "".join(each[0] for each in spoken))


def put(units: Sequence[Any], many: int, rng: random.Random) -> list[dict[str, Any]]:
    """Cadres, unevenly over the units."""
    weights = [rng.random() ** 3 for _unit in units]
    rows = []
    for _each in range(many):
        unit, (name, spoken) = rng.choices(units, weights)[0], name_of(rng)
        number, mobile = factories.id_number(), f"199{rng.randint(0, 3)}000{rng.randint(0, 60):04d}"
        mobile = mobile if rng.random() < 0.8 else None
        rows.append({
            "id": new_id(), "unit_id": unit.id, "unit_number": unit.number, "name": name, "spoken": spoken,
            "name_initials": "", **spelled(name), "id_number": number, "id_number_key": id_number_key(number),
            "sex": "1", "birth_date": "1940", "retirement_type": rng.choices(KINDS, (1, 8, 1))[0],
            "life_status": rng.choices(STATES, (9, 1))[0], "mobile": mobile,
            "mobile_key": mobile_key(mobile) if mobile else None,
            "mobile_tail_key": mobile_tail_key(mobile) if mobile else None,
            "created_at": clock.now(), "version": 1,
        })
    if not rows:
        return rows
    facts = [{name: value for name, value in row.items() if name != "spoken"} for row in rows]
    db.session.connection().execute(sa.insert(Cadre.__table__), facts)  # type: ignore[arg-type]
    return rows


def filters(rng: random.Random) -> Filters:
    """Any combination, most often none or one."""
    return Filters(
        retirement_type=rng.choice(KINDS) if rng.random() < 0.3 else None,
        life_status=rng.choice(STATES) if rng.random() < 0.3 else None,
        q=rng.choice(TYPED) if rng.random() < 0.7 else None,
    )
