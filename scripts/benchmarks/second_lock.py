"""Goal 12: what row security costs on top of the filter, and that it holds when the filter is forgotten."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from benchmarks.frame import EXACTLY, Finding, interleave
from benchmarks.goals import POSTGRESQL, benchmark
from benchmarks.pages import product_page
from benchmarks.probe import Bare, Sent, bare, sent_by
from benchmarks.totals import months, report
from benchmarks.world import Place
from tenants import clock
from tenants.row_security import ROLE, SETTING, as_multirange
from tenants.scope import guarded_tables

TELLING = "set_config"


@benchmark("row_security", 12, POSTGRESQL)
def row_security(bench: Any) -> list[Finding]:
    """The rows of a page, its total, the report, with the policies and without; then a query without a filter."""
    findings = _unfolded(bench)
    bench.whole.settle()  # what was written before waits for a worker, and there is none
    with bench.whole.context():
        for place in bench.whole.places:
            page = sent_by(bench.whole.engine, product_page(place))
            findings.append(_cost(bench, place, place.label, page.without_totals()))
            findings += _counted(bench, place, page)
            if place.level != "province":
                findings.append(Finding(f"{place.level}: foreign rows without the filter", _foreign(bench, place),
                                        limit=0, bound=EXACTLY, unit="rows"))
        open_tables = _open_tables(bench)
    findings.append(Finding("guarded tables without row security", open_tables, limit=0, bound=EXACTLY, unit="tables"))
    return findings


def _counted(bench: Any, place: Place, page: Sent, limit: float | None = 1.5, note: str = "") -> list[Finding]:
    """What is read from counters: the total above a page, and the report where there are units below."""
    found = [_cost(bench, place, f"{place.level}: the total", _totals(page))]
    if place.level != "unit":
        sent = sent_by(bench.whole.engine, report(place, *months(12, clock.today())))
        found.append(_cost(bench, place, f"{place.level}: report over 12 months", sent, telling=True))
    return [replace(each, limit=limit, note=note) for each in found]


def _unfolded(bench: Any) -> list[Finding]:
    """The province's, told while the changes of the writing benchmarks before still wait, judged row by row."""
    with bench.whole.context():
        place = bench.whole.place("province")
        with bare(bench.whole.engine) as unlocked:
            waiting = int(unlocked.run("SELECT count(*) FROM counter_deltas")[0][0])
        page = sent_by(bench.whole.engine, product_page(place))
        return _counted(bench, place, page, None, f"{waiting:,} changes not folded yet") if waiting else []


def _totals(page: Sent) -> Sent:
    rows = {said for said, _values in page.without_totals().statements if TELLING not in said}
    return Sent([each for each in page.statements if each[0] not in rows])


def _cost(bench: Any, place: Place, case: str, sent: Sent, *, telling: bool = False) -> Finding:
    """The same statements as the application's role and as a superuser, whom no policy binds.

    The scope is told beforehand, unless a call tells several: then the telling is part of what is measured.
    """
    plain = Sent([each for each in sent.statements if TELLING not in each[0]])
    with bare(bench.whole.engine) as locked, bare(bench.whole.engine) as unlocked:
        _tell(locked, place)
        took = interleave({"locked": locked.again(sent if telling else plain), "unlocked": unlocked.again(plain)},
                          bench.pace)
    return Finding(case, took.median("locked"), took.median("unlocked"), "no row security", 1.5)


def _tell(locked: Bare, place: Place) -> None:
    locked.run("SELECT set_config('role', %s, true), set_config(%s, %s, true)",
               (ROLE, SETTING, as_multirange(place.scope)))


def _foreign(bench: Any, place: Place) -> int:
    inside = " OR ".join(f"unit_number BETWEEN {low} AND {high}" for low, high in place.ranges)
    with bare(bench.whole.engine) as locked:
        _tell(locked, place)
        return int(locked.run(f"SELECT count(*) FROM records WHERE NOT ({inside})")[0][0])


def _open_tables(bench: Any) -> int:
    names = [each.name for each in guarded_tables()]
    with bench.whole.engine.connect() as connection:
        locked = connection.execute(sa.text("SELECT count(*) FROM pg_class WHERE relname = ANY(:names) AND relkind = "
                                            "'r' AND relrowsecurity AND relforcerowsecurity"), {"names": names})
        return len(names) - int(locked.scalar_one())


