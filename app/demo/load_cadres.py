"""The files of the cadres: fields as planned, keyed indexes, readings of the names, a contact person for most."""

from app.demo.inserting import Row, insert
from app.demo.people import CadrePlan
from app.demo.register import OPENED_DAYS_AGO, Register
from app.people.model import Cadre, id_number_key, mobile_key, mobile_tail_key
from app.values.name_words import spelled
from app.values.names import reading

AS_PLANNED = ("name", "id_number", "sex", "ethnicity", "political_status", "joined_party_on", "started_work_on",
              "retirement_type", "retired_on", "former_unit", "former_post", "rank", "treatment_level", "mobile",
              "address", "living_arrangement", "health_status", "life_status", "branch")
CONTACT_SHARE = 0.75


def _row(register: Register, cadre: CadrePlan) -> Row:
    _whole, name_initials = reading(cadre.name)
    author = register.administrator_of(cadre.unit_key)
    return register.place(cadre.unit_key) | {name: getattr(cadre, name) for name in AS_PLANNED} | {
        "id": register.cadre_ids[cadre.key], "name_initials": name_initials, **spelled(cadre.name),
        "birth_date": cadre.birth_date.isoformat(), "id_number_key": id_number_key(cadre.id_number),
        "mobile_key": mobile_key(cadre.mobile) if cadre.mobile else None,
        "mobile_tail_key": mobile_tail_key(cadre.mobile) if cadre.mobile else None,
        "created_at": register.moment.days_ago(OPENED_DAYS_AGO - 5), "created_by": register.account_of(author),
    }


def load_cadres(register: Register) -> int:
    """Write the files; returns how many. The contact person is a clerk of the unit, the first one for known cadres."""
    rng = register.rng("contacts")
    rows = []
    for cadre in register.plan.cadres:
        drawn, clerks = rng.random(), register.clerks[cadre.unit_key]
        clerk = clerks[int(drawn / CONTACT_SHARE * len(clerks))] if clerks and drawn < CONTACT_SHARE else None
        if cadre.known and clerks:
            clerk = clerks[0]
        rows.append(_row(register, cadre) | {"contact_account_id": register.account_of(clerk)})
    insert(Cadre, rows)
    return len(rows)
