"""Goal 5: moving a county, counters included, beside a one-row update; both committed."""

from typing import Any

import sqlalchemy as sa

from benchmarks.frame import EXACTLY, Finding, interleave
from benchmarks.goals import POSTGRESQL, benchmark
from benchmarks.world import ALL, Place, World
from permissions import transaction
from tenants import provision, tree
from tenants.db import db
from tenants.models import Unit, UnitKind

TOUCHED = "SELECT coalesce(sum(n_tup_upd + n_tup_ins + n_tup_del), 0) FROM pg_stat_xact_user_tables WHERE relname = "


def _unit(unit_id: str) -> Unit:
    return db.session.execute(ALL.select(Unit).where(Unit.id == unit_id)).scalar_one()


def _two_parents(place: Place) -> tuple[str, str]:
    """The county's own city and another one."""
    transaction.begin(writes=False)
    own = _unit(place.id).parent_id or ""
    other = db.session.execute(ALL.select(Unit, Unit.id).where(Unit.kind == UnitKind.city_bureau, Unit.id != own)
                               .order_by(Unit.number)).scalars().first()
    return own, str(other)


def _move(unit_id: str, parent_id: str) -> None:
    with transaction.act("bench"):
        provision.move_unit(_unit(unit_id), _unit(parent_id))


def _rows_touched(world: World, place: Place, parent_id: str) -> dict[str, int]:
    """Rows changed by one move, table by table, as the database counts them; rolled back."""
    names = [name for name in sa.inspect(world.engine).get_table_names() if not name.startswith("floor_")]
    transaction.begin(writes=True)
    connection = db.session.connection()

    def so_far() -> dict[str, int]:
        return {name: int(connection.exec_driver_sql(f"{TOUCHED}'{name}'").scalar_one()) for name in names}

    before = so_far()  # the backend's earlier acts may not be accounted for yet
    provision.move_unit(_unit(place.id), _unit(parent_id))
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    after = so_far()
    db.session.rollback()
    return {name: after[name] - before[name] for name in names if after[name] != before[name]}


def _one_row(unit_id: str) -> None:
    """The floor: one committed update of one row, through the same session."""
    transaction.begin(writes=True)
    db.session.execute(ALL.update(Unit).where(Unit.id == unit_id).values(name=Unit.name)
                       .execution_options(synchronize_session=False))
    db.session.commit()


@benchmark("move", 5)
def move(bench: Any) -> list[Finding]:
    """A county to another city and back."""
    place = bench.whole.place("county")
    with bench.whole.context():
        own, other = _two_parents(place)
        touched = _rows_touched(bench.whole, place, other) if bench.engine_name == POSTGRESQL else {}
        there = [False]

        def back_and_forth() -> None:
            _move(place.id, own if there[0] else other)
            there[0] = not there[0]

        took = interleave({"move": back_and_forth, "row": lambda: _one_row(place.id)}, bench.pace)
        if there[0]:
            _move(place.id, own)
        transaction.begin(writes=False)
        units = db.session.execute(ALL.select(Unit, sa.func.count()).where(tree.inside(_unit(place.id).path)))
        case = f"county of {units.scalar_one()} units, {place.records:,} records"
    findings = [Finding(case, took.median("move"), took.median("row"), "a one-row update", 15,
                        note="rows changed: " + ", ".join(f"{name} {rows}" for name, rows in touched.items()))]
    if bench.engine_name == POSTGRESQL:
        findings.append(Finding("records changed", touched.get("records", 0), limit=0, bound=EXACTLY, unit="rows"))
    return findings
