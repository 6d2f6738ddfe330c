"""Goal 12: what row security costs on top of the filter, and that it holds when the filter is forgotten."""

from typing import Any

import sqlalchemy as sa

from benchmarks.frame import EXACTLY, Finding, interleave
from benchmarks.goals import POSTGRESQL, benchmark
from benchmarks.pages import product_page
from benchmarks.probe import Sent, bare, sent_by
from tenants.scope import guarded_tables

TELLING = "set_config"


@benchmark("row_security", 12, POSTGRESQL)
def row_security(bench: Any) -> list[Finding]:
    """The rows of a page with the policies and, as a superuser sees them, without; then a query without a filter."""
    findings = []
    with bench.whole.context():
        for place in bench.whole.places:
            sent = sent_by(bench.whole.engine, product_page(place)).without_totals()
            told = Sent([each for each in sent.statements if TELLING in each[0]])
            rows = Sent([each for each in sent.statements if TELLING not in each[0]])
            with bare(bench.whole.engine) as locked, bare(bench.whole.engine) as unlocked:
                locked.again(told)()
                took = interleave({"locked": locked.again(rows), "unlocked": unlocked.again(rows)}, bench.pace)
                inside = " OR ".join(f"unit_number BETWEEN {low} AND {high}" for low, high in place.ranges)
                foreign = int(locked.run(f"SELECT count(*) FROM records WHERE NOT ({inside})")[0][0])
            findings.append(Finding(place.label, took.median("locked"), took.median("unlocked"), "no row security",
                                    1.5))
            if place.level != "province":
                findings.append(Finding(f"{place.level}: foreign rows without the filter", foreign, limit=0,
                                        bound=EXACTLY, unit="rows"))
        open_tables = _open_tables(bench)
    findings.append(Finding("guarded tables without row security", open_tables, limit=0, bound=EXACTLY, unit="tables"))
    return findings


def _open_tables(bench: Any) -> int:
    names = [each.name for each in guarded_tables()]
    with bench.whole.engine.connect() as connection:
        locked = connection.execute(sa.text("SELECT count(*) FROM pg_class WHERE relname = ANY(:names) AND relkind = "
                                            "'r' AND relrowsecurity AND relforcerowsecurity"), {"names": names})
        return len(names) - int(locked.scalar_one())


