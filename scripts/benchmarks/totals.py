"""Goals 6, 7 and 8: totals of subtrees and the report by child, beside bare counters and live counting."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from app import registry
from app.reports.timeliness import Counts, timeliness
from benchmarks.floors import KIND, levelled
from benchmarks.frame import AT_LEAST, EXACTLY, Finding, interleave, shown, timed
from benchmarks.goals import POSTGRESQL, benchmark
from benchmarks.pages import product_page
from benchmarks.probe import Sent, bare, sent_by
from benchmarks.world import ALL, Place, World
from permissions import transaction
from tenants import clock, tree
from tenants.db import db
from tenants.models import Unit

CHILD = {"province": "city", "city": "county", "county": "township", "township": "unit_number"}
LIVE_COUNT = "a live count"


def _mark(bench: Any) -> str:
    return "%s" if bench.engine_name == POSTGRESQL else "?"


def months(count: int, today: date) -> tuple[date, date]:
    """First and last day of so many whole months before the running one."""
    last = today.replace(day=1) - timedelta(days=1)
    first = last.replace(day=1)
    for _ in range(count - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    return first, last


@benchmark("totals", 6)
def totals(bench: Any) -> list[Finding]:
    """The total that stands above a list."""
    findings = []
    bench.whole.settle()  # moves were measured before, and no worker runs
    with bench.whole.context():
        for place in bench.whole.places[:4]:
            sent = sent_by(bench.whole.engine, product_page(place))
            rows = {statement for statement, _values in sent.without_totals().statements}
            counting = Sent([each for each in sent.statements if each[0] not in rows])
            low, high = place.ranges[0]
            live = f"SELECT count(*) FROM records WHERE module = '{KIND}' AND deleted_at IS NULL " \
                   f"AND unit_number BETWEEN {_mark(bench)} AND {_mark(bench)}"
            with bare(bench.whole.engine) as own, bare(bench.whole.engine) as plain:
                took = interleave({"product": own.again(counting), "live": plain.once(live, (low, high))}, bench.pace)
            findings.append(Finding(place.label, took.median("product"), took.median("live"), LIVE_COUNT,
                                    200 if place.level == "province" else None, AT_LEAST,
                                    note=f"{len(counting.statements)} statements"))
    return findings


def report(place: Place, first: date, last: date) -> Callable[[], Counts]:
    """The product's report on a unit; gives its total row.

    The unit and the version of the tree are known, as a request knows them from the statements that let it in.
    """
    kinds = list(registry.modules().values())
    unit = db.session.execute(ALL.select(Unit).where(Unit.id == place.id)).scalar_one()
    version = tree.version()
    db.session.expunge(unit)
    scopes = {kind.key: place.scope for kind in kinds}

    def call() -> Counts:
        transaction.begin(writes=False)
        tree.read_at(version)
        return timeliness(unit, scopes, kinds, first=first, last=last, today=clock.today()).total

    return call


def _live(place: Place, mark: str) -> str:
    """GROUP BY child and kind, on the table that has the child in a column."""
    column = {"province": None}.get(place.level, place.level)
    inside = f"AND {column} = {place.number}" if column else ""
    return (f"SELECT {CHILD[place.level]}, module, count(*), count(CASE WHEN entered_on <= due_on THEN 1 END), "
            "count(CASE WHEN entered_on > due_on THEN 1 END), "
            f"count(CASE WHEN entered_on IS NULL AND due_on < {mark} THEN 1 END) FROM floor_records "
            f"WHERE deleted_at IS NULL AND due_on BETWEEN {mark} AND {mark} {inside} GROUP BY 1, 2")


def _counters(world: World, place: Place, mark: str) -> str | None:
    """The bare read of the counters of a unit's children; None while there are no counters."""
    if not sa.inspect(world.engine).has_table("counters"):
        return None
    return ("SELECT unit_id, module, sum(total), sum(on_time), sum(late), sum(open) FROM counters WHERE unit_id IN "
            f"(SELECT id FROM units WHERE parent_id = '{place.id}' OR id = '{place.id}') "
            f"AND month BETWEEN {mark} AND {mark} GROUP BY 1, 2")


def _rollup(bench: Any, first: date, last: date, limit: float) -> list[Finding]:
    """One period, at every level that has children."""
    mark, findings = _mark(bench), []
    bench.whole.settle()
    days = [day if bench.engine_name == POSTGRESQL else str(day) for day in (clock.today(), first, last)]
    with bench.whole.context():
        levelled(bench.whole)
        for place in bench.whole.places[:4]:
            call = report(place, first, last)
            sent, live = sent_by(bench.whole.engine, call), _live(place, mark)
            counters = _counters(bench.whole, place, mark)
            with bare(bench.whole.engine) as own, bare(bench.whole.engine) as plain:
                counted = sum(row[2] for row in plain.run(live, tuple(days)))
                ways = {"product": own.again(sent), "call": timed(call),
                        "live": plain.once(live, tuple(days))}
                if counters:
                    ways["counters"] = plain.once(counters, (first if mark == "%s" else str(first), days[2]))
                took = interleave(ways, bench.pace)
                wrong = abs(call().total - counted)
            note = f"{len(sent.statements)} statements, the whole call {shown(took.median('call'))}"
            findings.append(Finding(place.label, took.median("product"), took.median("live"), "live GROUP BY",
                                    100 if place.level == "province" else None, AT_LEAST, note=note))
            if counters:
                findings.append(Finding(place.label, took.median("product"), took.median("counters"),
                                        "a bare counter read", limit))
            findings.append(Finding(f"{place.level}: differs from live", wrong, limit=0, bound=EXACTLY, unit="records"))
    return findings


@benchmark("rollup", 7)
def rollup(bench: Any) -> list[Finding]:
    """Twelve whole months, and the growth from a tenth of the records."""
    first, last = months(12, clock.today())
    findings = _rollup(bench, first, last, 1.5)
    place = bench.whole.places[0]
    with bench.whole.context():
        sent = sent_by(bench.whole.engine, report(place, first, last))
    before = bench.small.like(place)
    with bench.small.context():
        sent_before = sent_by(bench.small.engine, report(before, first, last))
    with bench.small.app.app_context(), bare(bench.small.engine) as small, \
            bench.whole.app.app_context(), bare(bench.whole.engine) as own:
        took = interleave({"now": own.again(sent), "before": small.again(sent_before)}, bench.pace)
    return [*findings, Finding(f"{place.label}: growth", took.median("now"), took.median("before"),
                               f"{before.records:,} records", 1.3)]


@benchmark("rollup_overdue", 8)
def rollup_with_overdue(bench: Any) -> list[Finding]:
    """Eleven months and the running one, in which what is overdue depends on the day."""
    today = clock.today()
    return _rollup(bench, months(11, today)[0], today, 2)
