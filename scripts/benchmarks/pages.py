"""Goals 1, 2, 3 and 15: pages of records at every level, as the database sees the product's own statements."""

from collections.abc import Callable
from typing import Any

from app import registry
from app.deadlines.rules import Timeliness
from app.records.listing import Filters, listing
from benchmarks.floors import KIND, levelled, page_by_level, usual_page
from benchmarks.frame import AT_LEAST, Finding, interleave, shown, timed
from benchmarks.goals import POSTGRESQL, SQLITE, benchmark
from benchmarks.probe import Bare, Sent, bare, sent_by
from benchmarks.world import Place, World
from permissions import transaction
from tenants import clock

LIMIT = 20
MOST_MS = 0.005
PER_LEVEL = "per-level columns"


def product_page(place: Place, *, overdue: bool = False) -> Callable[[], list[str]]:
    """The product's own list of visits of a unit's subtree; gives the ids it shows."""
    filters = Filters(timeliness=Timeliness.overdue) if overdue else Filters()
    kind = registry.module(KIND)

    def call() -> list[str]:
        transaction.begin(writes=False)
        page = listing(kind, place.scope, filters, today=clock.today(), cursor=None, limit=LIMIT)
        return [row.id for row in page.items]

    return call


def _mark(bench: Any) -> str:
    return "%s" if bench.engine_name == POSTGRESQL else "?"


def _floor(bench: Any, plain: Bare, place: Place, *, overdue: bool) -> tuple[Callable[[], None], list[str]]:
    statement = page_by_level(place.level, mark=_mark(bench), overdue=overdue)
    values = ([] if place.level == "province" else [place.number]) + ([clock.today()] if overdue else [])
    if bench.engine_name == SQLITE:
        values = [str(each) if not isinstance(each, int) else each for each in values]
    ids = [row[0] for row in plain.run(statement, tuple(values))][:LIMIT]
    return plain.once(statement, tuple(values)), ids


def _compare(bench: Any, place: Place, *, overdue: bool = False, usual: tuple[str, ...] = ()) -> list[Finding]:
    """One level: the product's statements beside the floor's and the usual ones, on connections of their own."""
    with bare(bench.whole.engine) as own, bare(bench.whole.engine) as plain:
        return _compared(bench, place, own, plain, overdue, usual)


def _compared(bench: Any, place: Place, own: Bare, plain: Bare, overdue: bool, usual: tuple[str, ...]) -> list[Finding]:
    call = product_page(place, overdue=overdue)
    sent = sent_by(bench.whole.engine, call)
    floor, ids = _floor(bench, plain, place, overdue=overdue)
    if call() != ids:
        raise RuntimeError(f"at {place.label} the product and the floor show different rows")
    own.again(sent)()  # tells the database the scope, under which the rows are found from now on
    ways = {"rows": own.again(sent.of_rows()), "page": own.again(sent), "call": timed(call),
            "floor": floor}
    for kind in usual:
        ways[kind] = plain.once(usual_page(kind, _mark(bench)), (place.id,))
    took = interleave(ways, bench.pace)
    note = f"with its total {shown(took.median('page'))}, the whole call {shown(took.median('call'))}, " \
           f"{len(sent.statements)} statements"
    findings = [Finding(place.label, took.median("rows"), took.median("floor"), PER_LEVEL, 3, note=note)]
    return findings + [Finding(place.label, took.median("rows"), took.median(kind), kind, bound=AT_LEAST)
                       for kind in usual]


@benchmark("newest", 1, POSTGRESQL)
def newest(bench: Any) -> list[Finding]:
    """The newest 20 at every level."""
    with bench.whole.context():
        levelled(bench.whole)
        return [found for place in bench.whole.places for found in _compare(bench, place, usual=(
            ("recursive CTE", "find_in_set") if place.level in ("province", "county") else ()))]


@benchmark("overdue", 3, POSTGRESQL)
def overdue(bench: Any) -> list[Finding]:
    """The overdue page at every level."""
    with bench.whole.context():
        levelled(bench.whole)
        return [found for place in bench.whole.places for found in _compare(bench, place, overdue=True)]


def _sent_in(world: World, place: Place) -> Sent:
    with world.context():
        return sent_by(world.engine, product_page(place)).of_rows()


@benchmark("growth", 2)
def growth(bench: Any) -> list[Finding]:
    """The same page with a tenth of the records."""
    findings = []
    for place in bench.whole.places:
        before = bench.small.like(place)
        sent, sent_before = _sent_in(bench.whole, place), _sent_in(bench.small, before)
        with bench.small.app.app_context(), bare(bench.small.engine) as small, \
                bench.whole.app.app_context(), bare(bench.whole.engine) as plain:
            took = interleave({"now": plain.again(sent), "before": small.again(sent_before)}, bench.pace)
        findings.append(Finding(place.label, took.median("now"), took.median("before"),
                                f"{before.records:,} records", 1.5))
    return findings


@benchmark("sqlite", 15, SQLITE)
def on_sqlite(bench: Any) -> list[Finding]:
    """Every list page on SQLite, and the province beside path and recursive CTE."""
    findings = []
    with bench.whole.context():
        levelled(bench.whole)
        with bare(bench.whole.engine) as plain:
            for place in bench.whole.places:
                for late in (False, True):
                    call = product_page(place, overdue=late)
                    sent = sent_by(bench.whole.engine, call)
                    ways = {"product": plain.again(sent.of_rows()), "call": timed(call)}
                    usual = ("path", "recursive CTE") if place.level == "province" and not late else ()
                    ways |= {kind: plain.once(usual_page(kind, "?"), (place.id,)) for kind in usual}
                    took = interleave(ways, bench.pace)
                    case = f"{place.label}, {'overdue' if late else 'newest'}"
                    findings.append(Finding(case, took.median("product"), MOST_MS, "5 ms", 1,
                                            note=f"the whole call {shown(took.median('call'))}"))
                    findings += [Finding(case, took.median("product"), took.median(kind), kind, 20, AT_LEAST)
                                 for kind in usual]
    return findings
