"""Random cadres over a small tree, and the lists they must give: filtered, ordered and counted the slow way."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

import factories
from app.people.listing import Filters
from app.people.model import Cadre, id_number_key, mobile_key
from app.values.names import reading
from tenants import clock
from tenants.db import db
from tenants.fields import new_id
from tenants.models import Unit
from tenants.scope import Scope

SURNAMES = ("王", "单", "曾", "解", "仇", "欧阳", "张")
GIVEN = ("", "小", "明", "小明", "国华", "王", "长安", "安", "雄信", "明小")
WHOLE = ("阿不都·热西提", "买买提·阿不都", "Anna李", "㐂", "王Tom小")
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
                  and filters.life_status in (None, row["life_status"])]
        chosen.sort(key=lambda row: (row["unit_number"], row["name_reading"], row["id"]))
        return [row["id"] for row in chosen]


def name_of(rng: random.Random) -> str:
    """A name out of few, so that many share one."""
    return rng.choice(WHOLE) if rng.random() < 0.1 else rng.choice(SURNAMES) + rng.choice(GIVEN)


def put(units: Sequence[Any], many: int, rng: random.Random) -> list[dict[str, Any]]:
    """Cadres, unevenly over the units."""
    weights = [rng.random() ** 3 for _unit in units]
    rows = []
    for _each in range(many):
        unit, name = rng.choices(units, weights)[0], name_of(rng)
        number, mobile = factories.id_number(), f"199{rng.randint(0, 3)}000{rng.randint(0, 60):04d}"
        spelled, initials = reading(name)
        rows.append({
            "id": new_id(), "unit_id": unit.id, "unit_number": unit.number, "name": name, "name_reading": spelled,
            "name_initials": initials, "id_number": number, "id_number_key": id_number_key(number), "sex": "1",
            "birth_date": "1940", "retirement_type": rng.choices(KINDS, (1, 8, 1))[0],
            "life_status": rng.choices(STATES, (9, 1))[0], "mobile": mobile, "mobile_key": mobile_key(mobile),
            "created_at": clock.now(), "version": 1,
        })
    if not rows:
        return rows
    db.session.connection().execute(sa.insert(Cadre.__table__), rows)  # type: ignore[arg-type]
    return rows


def filters(rng: random.Random) -> Filters:
    """Any combination, most often none or one."""
    return Filters(
        retirement_type=rng.choice(KINDS) if rng.random() < 0.3 else None,
        life_status=rng.choice(STATES) if rng.random() < 0.3 else None,
    )
