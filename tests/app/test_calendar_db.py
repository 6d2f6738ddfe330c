"""The calendar in the database: loaded by command, open records recomputed, entered ones left alone, all of it told."""

import json
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

import factories
import rows
from app import registry
from app.deadlines.notices import parse, shipped
from app.records.calendar import work_calendar
from app.records.redating import store_notices
from permissions import transaction
from tenants import tree
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test makes records")
NOTICE = {"year": 2027, "notice": "国办发明电〔2026〕8号",
          "holidays": [{"name": "元旦", "first": "2027-01-01", "last": "2027-01-03"},
                       {"name": "春节", "first": "2027-02-06", "last": "2027-02-12"},
                       {"name": "清明节", "first": "2027-04-03", "last": "2027-04-05"},
                       {"name": "劳动节", "first": "2027-05-01", "last": "2027-05-05"},
                       {"name": "端午节", "first": "2027-06-07", "last": "2027-06-09"},
                       {"name": "中秋节", "first": "2027-09-13", "last": "2027-09-15"},
                       {"name": "国庆节", "first": "2027-10-01", "last": "2027-10-07"}],
          "makeup": ["2027-01-30", "2027-02-20", "2027-05-08", "2027-09-26", "2027-10-09"]}


@pytest.fixture
def runner(world: World) -> FlaskCliRunner:
    """The commands of the world's application."""
    return world.app.test_cli_runner()


def _load(runner: FlaskCliRunner, folder: Path, notice: object, *words: str) -> str:
    file = folder / "2027.json"
    file.write_text(json.dumps(notice, ensure_ascii=False), encoding="utf-8")
    done = runner.invoke(args=["calendar", "load", str(file), *words])
    assert done.exit_code == 0, done.output
    return done.output


def _draft(world: World, ended_on: date, *, entered: bool = False) -> str:
    with world.app.app_context(), transaction.act("tests"):
        unit = tree.unit_by_id(world.units["射阳"], ALL)
        made = factories.record(unit=unit, cadre=factories.cadre(unit=unit), ended_on=ended_on, draft=not entered)
        transaction.audit.record("tests:record", "record", made.id, unit)
        return made.id


def _dates(world: World, record_id: str) -> tuple[str, str, bool, str]:
    shown = world.api("clerk").get(f"/records/visits/{record_id}").json
    return shown["due_on"], shown["first_due_on"], shown["due_provisional"], shown["ended_on"]


def test_a_new_notice_moves_open_records_and_leaves_entered_ones(world: World, runner: FlaskCliRunner,
                                                                 tmp_path: Path) -> None:
    moved = _draft(world, date(2027, 1, 22))  # 29 January by Mon–Fri; the 30th is worked, which changes nothing yet
    shifted = _draft(world, date(2027, 2, 5))
    firm = _draft(world, date(2026, 6, 8))
    entered = _draft(world, date(2026, 6, 9), entered=True)
    before = {each: _dates(world, each) for each in (moved, shifted, firm, entered)}
    assert before[shifted][2] and before[moved][2] and not before[firm][2]
    output = _load(runner, tmp_path, NOTICE)
    assert "1 years stored, 1 due dates changed" in output
    after = {each: _dates(world, each) for each in before}
    assert after[firm] == before[firm] and after[entered] == before[entered]
    assert after[moved] == (before[moved][0], before[moved][1], False, before[moved][3])
    assert after[shifted][2] is False and after[shifted][0] != before[shifted][0]
    assert after[shifted][1] == before[shifted][1], "the first due date is kept"
    log = world.api("射阳 administrator").get("/audit?action=record:redate").json["items"]
    (told,) = log
    assert (told["object_id"], told["actor_role"]) == (shifted, "system")
    assert (told["before"]["due_on"], told["after"]["due_on"]) == (before[shifted][0], after[shifted][0])


def test_loading_the_same_again_changes_nothing(world: World, runner: FlaskCliRunner, tmp_path: Path) -> None:
    draft = _draft(world, date(2027, 2, 5))
    _load(runner, tmp_path, NOTICE)
    once = _dates(world, draft)
    version = world.api("clerk").get(f"/records/visits/{draft}").json["version"]
    assert "0 due dates changed" in _load(runner, tmp_path, NOTICE)
    assert _dates(world, draft) == once
    assert world.api("clerk").get(f"/records/visits/{draft}").json["version"] == version


def test_a_later_notice_of_a_year_replaces_the_earlier_for_counting(world: World, runner: FlaskCliRunner,
                                                                    tmp_path: Path) -> None:
    draft = _draft(world, date(2027, 2, 5))
    _load(runner, tmp_path, NOTICE)
    first = _dates(world, draft)[0]
    changed = NOTICE | {"notice": "国办发明电〔2027〕1号",
                        "holidays": [each | ({"last": "2027-02-16"} if each["name"] == "春节" else {})
                                     for each in NOTICE["holidays"]]}
    _load(runner, tmp_path, changed)
    assert _dates(world, draft)[0] > first
    assert rows.count(world.app, "calendar_notices", "year = 2027") == 2
    told = world.api("clerk").get("/deadlines/explain?ended_on=2027-02-05&module=visits").json
    assert not told["provisional"] and told["due_on"] == _dates(world, draft)[0]


def test_a_deleted_draft_is_left_alone(world: World, runner: FlaskCliRunner, tmp_path: Path) -> None:
    draft = _draft(world, date(2027, 2, 5))
    assert world.api("clerk").delete(f"/records/visits/{draft}").status_code == 204
    assert "0 due dates changed" in _load(runner, tmp_path, NOTICE)


@pytest.mark.parametrize("notice", [
    {}, [], {"year": 2027}, NOTICE | {"makeup": ["2027-02-08"]}, NOTICE | {"year": 2026},
    NOTICE | {"holidays": [{"name": "春节", "first": "2027-02-12", "last": "2027-02-06"}]},
])
def test_a_notice_that_cannot_be_right_is_refused_whole(world: World, runner: FlaskCliRunner, tmp_path: Path,
                                                        notice: object) -> None:
    before = rows.digests(world.app)
    file = tmp_path / "bad.json"
    file.write_text(json.dumps(notice), encoding="utf-8")
    done = runner.invoke(args=["calendar", "load", str(file)])
    assert done.exit_code == 1 and done.output.startswith("Error:") and "Traceback" not in done.output
    assert rows.digests(world.app) == before


def test_shipping_adds_only_missing_years(world: World, runner: FlaskCliRunner) -> None:
    before = rows.count(world.app, "calendar_notices")
    assert before == len(shipped()) >= 4
    assert runner.invoke(args=["calendar", "ship"]).exit_code == 0
    assert rows.count(world.app, "calendar_notices") == before
    said = runner.invoke(args=["calendar", "status"]).output
    assert "2026-12-31" in said


def _change_of_mind() -> None:
    with transaction.act("tests"):
        store_notices(parse(json.dumps(NOTICE)), registry.modules())
        assert work_calendar().published(2027)
        raise RuntimeError("second thoughts")


def test_a_rolled_back_notice_leaves_no_trace_in_memory(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(RuntimeError, match="second thoughts"):
            _change_of_mind()
        assert not work_calendar().published(2027)
