"""Every route × principal × position against the written rules (A1–A3, A17), with canaries in every answer."""

from collections.abc import Callable
from itertools import product

import pytest
from sweep_people import PEOPLE, PLACES
from sweep_reference import Rules, Tree
from sweep_requests import cells_of
from sweep_routes import ROWS, Row
from sweep_run import Caller, Sweep, finish_and_undo, outcome
from sweep_state import content_of
from sweep_world import SweepWorld

from permissions import transaction

NAMES = [person.name for person in PEOPLE]


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_of_a_principal(sweep_world: SweepWorld, engine_name: str, name: str,
                                   record_property: Callable[[str, object], None]) -> None:
    before = content_of(sweep_world.app)
    sweep = Sweep(sweep_world)
    mismatches = list(sweep.cells(sweep_world.people[name]))
    record_property(f"sweep:cells on {engine_name}", sweep.sent)
    record_property(f"sweep:cells on {engine_name}, past the rights check", sweep.allowed)
    record_property(f"sweep:mismatches on {engine_name}", len(mismatches))
    assert not mismatches, "\n".join(mismatches[:60])
    assert content_of(sweep_world.app) == before, "a refused request changed rows"


def test_every_route_stands_in_the_route_file(sweep_world: SweepWorld) -> None:
    written = {(row.method, row.path) for row in ROWS}
    served = {(method, rule.rule) for rule in sweep_world.app.url_map.iter_rules()
              for method in rule.methods or () if method not in ("HEAD", "OPTIONS")}
    assert served - written == set(), "routes the rules do not know"
    assert written - served == set(), "routes the rules know and nobody serves"


def test_the_views_declare_what_the_route_file_says(sweep_world: SweepWorld) -> None:
    app = sweep_world.app
    for rule, row in product(app.url_map.iter_rules(), ROWS):
        if rule.rule == row.path and row.method in (rule.methods or ()):
            mark = app.view_functions[rule.endpoint].__guard__  # type: ignore[attr-defined]
            ends = {"both": {"pc", "mobile"}, "pc": {"pc"}, "mobile": {"mobile"}}[row.end]
            assert {str(channel) for channel in mark.channels} == ends, row.name
            kinds = {"public": "public", "signed in": "signed_in", "before change": "signed_in"}
            assert mark.kind == kinds.get(row.act, "guarded"), row.name
            assert mark.before_change == (row.act == "before change"), row.name


def test_enough_principals_and_positions() -> None:
    assert len(PEOPLE) >= 12 and len(PLACES) + 1 >= 11


@pytest.mark.parametrize("part", range(4))
def test_every_route_is_allowed_to_somebody_and_denied_to_somebody(
        sweep_world: SweepWorld, monkeypatch: pytest.MonkeyPatch, part: int) -> None:
    monkeypatch.setattr(transaction, "finish_act", finish_and_undo)
    rules = Rules(Tree({name: parent for name, (parent, _kind) in PLACES.items()}))
    for method, path in sorted({(row.method, row.path) for row in ROWS})[part::4]:
        rows = [row for row in ROWS if (row.method, row.path) == (method, path)]
        expected = {rules.expected(person, cell.asked)
                    for person in PEOPLE for row in rows for cell in cells_of(sweep_world, row)}
        assert "ok" in expected and (rows[0].act == "public" or expected - {"ok"}), f"{method} {path}"
        got = any(_somebody_gets_it(sweep_world, rules, row) for row in rows)
        assert got, f"{method} {path}: nobody ever got a 2xx or 3xx"


def _somebody_gets_it(world: SweepWorld, rules: Rules, row: Row) -> bool:
    if row.path in NEEDS_A_SECRET:
        return True
    for person, cell in product(PEOPLE, list(cells_of(world, row))):
        if rules.expected(person, cell.asked) == "ok":
            response = Caller(world, person).cell(cell)
            if outcome(response, row) == "ok" and response.status_code < 400:
                return True
    return False


# Done to the end in other tests: with a password, with a spreadsheet, with a file kept, with what was frozen before,
# with the code of a unit told by those who keep it.
NEEDS_A_SECRET = ("/api/v1/sessions", "/api/v1/sessions/second-factor", "/api/v1/sessions/current/proof",
                  "/api/v1/me/second-factor", "/api/v1/me/second-factor/confirm",
                  "/api/v1/me/second-factor/recovery-codes", "/api/v1/accounts/<account_id>/second-factor",
                  "/desk/accounts/<account_id>/second-factor",
                  "/api/v1/accounts/<account_id>/grants/<grant_id>/thaw",
                  "/login/second", "/second-factor/confirm", "/second-factor/recovery", "/second-factor/give-up",
                  "/login", "/m/login", "/m/login/code", "/api/v1/me/password", "/password",
                  "/api/v1/cadres/import", "/desk/cadres/import", "/desk/cadres/import/<job_id>/confirm",
                  "/desk/jobs/<job_id>/again", "/desk/exports/<job_id>",
                  "/desk/exports/<job_id>/file", "/desk/exports/<job_id>/progress", "/desk/exports/<job_id>/cancel",
                  "/api/v1/jobs/<job_id>/file", "/api/v1/jobs/<job_id>/cancel", "/desk/accounts/<account_id>/transfer")
