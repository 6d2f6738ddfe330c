"""The table and its actions agree, every route is guarded, and a naked one stops the start."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import pytest
from flask import Flask

from permissions import table
from permissions.actions import Action
from permissions.guard import Mark, Unguarded, check_all, guard, public
from permissions.roles import Role
from permissions.table import TABLE, Reach


def faults_of(actions: Iterable[StrEnum], rows: Mapping[StrEnum, tuple[Reach, ...]]) -> list[str]:
    """What is wrong between the list of actions and the rows of the table."""
    names = [action.value for action in actions]
    faults = [f"{action}: no row" for action in actions if action not in rows]
    faults += [f"{action}: no such action" for action in rows if action not in set(actions)]
    faults += [f"{action}: {len(cells)} cells" for action, cells in rows.items() if len(cells) != len(Role)]
    faults += [f"{action}: nobody may" for action, cells in rows.items() if set(cells) == {Reach.NO}]
    faults += [f"{action}: a cadre's own, or staff's, not both" for action, cells in rows.items()
               if Reach.SELF in cells and set(cells[:-1]) != {Reach.NO}]
    return faults + ([] if names == sorted(names) else ["actions are not in alphabetical order"])


def test_every_action_has_its_row_and_every_row_its_action() -> None:
    assert faults_of(list(Action), TABLE) == []


@pytest.mark.parametrize("fault", ["row", "action", "cells", "nobody", "order", "mixed"])
def test_each_disagreement_is_seen(fault: str) -> None:
    actions, rows = list(Action), dict(TABLE)
    if fault == "row":
        del rows[Action.UNIT_OPEN]
    elif fault == "action":
        actions.remove(Action.UNIT_OPEN)
    elif fault == "cells":
        rows[Action.UNIT_OPEN] = rows[Action.UNIT_OPEN][1:]
    elif fault == "nobody":
        rows[Action.UNIT_OPEN] = (Reach.NO,) * len(Role)
    elif fault == "mixed":
        rows[Action.OPINION_LEAVE] = (Reach.HERE, *rows[Action.OPINION_LEAVE][1:])
    else:
        actions.reverse()
    assert len(faults_of(actions, rows)) == 1


def test_what_has_no_row_is_refused_to_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "TABLE", {})
    assert {table.reach(action, role) for action in Action for role in Role} == {Reach.NO}


def test_no_role_but_the_administrators_hands_anything_out() -> None:
    assert {role for role in Role for given in Role if table.may_hand_out(role, given) is not Reach.NO} == {
        Role.administrator}
    assert table.may_hand_out(Role.administrator, Role.administrator) is Reach.UNDER
    assert table.may_hand_out(Role.administrator, Role.cadre) is Reach.NO


def test_every_route_declares_its_guard(app: Flask) -> None:
    check_all(app)
    rules = list(app.url_map.iter_rules())
    assert len(rules) > 40
    for rule in rules:
        assert isinstance(app.view_functions[rule.endpoint].__guard__, Mark), rule


def test_a_naked_route_stops_the_start() -> None:
    app = Flask("naked", static_folder=None)
    app.add_url_rule("/fine", view_func=public()(lambda: "fine"), endpoint="fine")
    check_all(app)
    app.add_url_rule("/naked", view_func=lambda: "everything", endpoint="naked")
    with pytest.raises(Unguarded, match="naked"):
        check_all(app)


def test_every_action_of_the_table_is_asked_for_by_some_route(app: Flask) -> None:
    marks = [app.view_functions[rule.endpoint].__guard__ for rule in app.url_map.iter_rules()]
    assert set(Action) - {mark.action for mark in marks} == set()


def test_the_mark_tells_staff_routes_from_a_cadres_own() -> None:
    def view() -> str:
        return ""

    assert guard(Action.OWN_FILE_READ)(view).__guard__.for_cadres
    assert not guard(Action.CADRE_READ)(view).__guard__.for_cadres
    assert guard(Action.CADRE_READ)(view).__guard__.reach["clerk"] == "H"
