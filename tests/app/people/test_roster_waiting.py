"""Rows of a roster on their way: only those in hand are objects, and those that wait come out as they went in."""

import gc
from collections.abc import Iterator, Sequence
from datetime import date

import pytest

from app import jobs
from app.people import importing, roster_check, roster_reading, roster_rows, roster_upload, roster_write
from app.people.roster_reading import Checked
from app.people.roster_rows import Entry
from app.people.roster_waiting import TOGETHER, Waiting
from app.sheets import reader
from app.sheets.reader import Row, Rows
from app.values import name_words, names
from roster_files import roster, send
from tenants.scope import Scope
from world import World

TODAY = date(2026, 6, 10)
SIZE = 3 * TOGETHER + 7


def read() -> list[Entry]:
    entries = roster_rows.parse(list(roster_upload.open_sheet(roster(SIZE).xlsx()).rows), TODAY)
    for each in entries:
        each.unit_id, each.unit_number = f"unit{each.number}", each.number
    return entries


@pytest.mark.parametrize("most", [1, TOGETHER - 1, TOGETHER, TOGETHER + 1, 5 * TOGETHER])
def test_each_comes_out_as_it_went_in(most: int) -> None:
    entries, out = read(), []
    assert len(entries) == SIZE and all(each.good for each in entries)
    waiting = Waiting()
    for start in range(0, SIZE, 2 * TOGETHER - 1):
        waiting.add(entries[start:start + 2 * TOGETHER - 1])
    while part := waiting.take(most):
        assert len(part) <= most
        out += part
    assert out == read() and waiting.count == SIZE
    assert waiting.take(most) == []


def test_nothing_is_added_once_rows_are_taken() -> None:
    waiting, entries = Waiting(), read()
    waiting.add(entries[:9])
    assert len(waiting.take(2)) == 2
    with pytest.raises(RuntimeError, match="taken already"):
        waiting.add(entries[9:])
    assert (len(waiting.take(SIZE)), waiting.count) == (7, 9)


def test_nobody_waits() -> None:
    assert (Waiting().count, Waiting().take(10)) == (0, [])


class Kept(Waiting):
    """The planted fault: they stay alive until they are written."""

    def add(self, entries: Sequence[Entry]) -> None:
        super().add(entries)
        self.kept = [*getattr(self, "kept", []), *entries]


@pytest.mark.parametrize("waiting", [Waiting, Kept])
def test_only_the_rows_in_hand_are_objects(world: World, monkeypatch: pytest.MonkeyPatch,
                                           waiting: type[Waiting]) -> None:
    """The batch being written, the next, and a pack begun: of 450 at most 250; what the others took is given back."""
    monkeypatch.setattr(importing, "BATCH", 100)
    monkeypatch.setattr(roster_reading, "Checked", lambda: Checked(waiting()))
    monkeypatch.setitem(world.app.extensions, "wake", lambda _job_id: None)
    answer = send(world.api("射阳 administrator"), roster(450))
    alive, tidied, write = [], list[int](), roster_write.write
    monkeypatch.setattr(jobs.room, "tidy", lambda: tidied.append(len(alive)))

    def counted(batch: Sequence[roster_write.Prepared], scope: Scope) -> roster_write.Written:
        alive.append(sum(type(each) is Entry for each in gc.get_objects()))
        return write(batch, scope)

    monkeypatch.setattr(roster_write, "write", counted)
    with world.app.app_context():
        jobs.run(answer.json["job"]["id"])
    assert len(alive) == 5 and tidied == [0]
    assert (alive[0] <= 2 * importing.BATCH + TOGETHER) is (waiting is Waiting)


class Whole(Rows):
    """The planted fault: the sheet's rows are a list."""

    def __iter__(self) -> Iterator[Row]:
        return iter(list(super().__iter__()))


@pytest.mark.parametrize("rows", [Rows, Whole])
def test_only_the_rows_being_checked_are_objects(world: World, monkeypatch: pytest.MonkeyPatch,
                                                 rows: type[Rows]) -> None:
    """Those of a part, as the sheet has them and as they are read."""
    monkeypatch.setattr(roster_reading, "AT_ONCE", 100)
    monkeypatch.setattr(reader, "Rows", rows)
    alive, look_up, seen, check = [], roster_check.look_up, list[Rows](), roster_reading.check

    def counted(entries: Sequence[Entry], job_id: str) -> None:
        alive.append(sum(type(each) in {Entry, Row} for each in gc.get_objects()))
        look_up(entries, job_id)

    monkeypatch.setattr(roster_check, "look_up", counted)
    monkeypatch.setattr(roster_reading, "check", lambda run, its: seen.append(its) or check(run, its))
    answer = send(world.api("射阳 administrator"), roster(450), "?dry_run=true")
    with world.app.app_context():
        jobs.run(answer.json["job"]["id"])
    assert len(alive) == 5 and (max(alive) <= 300) is (rows is Rows)
    with pytest.raises(ValueError, match="closed"):
        list(seen[-1])


def test_what_was_kept_of_labels_dates_and_names_is_given_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    caches, held, write = (roster_rows._date_of, name_words._spelled, names._syllables), list[int](), roster_write.write

    def looked(batch: Sequence[roster_write.Prepared], scope: Scope) -> roster_write.Written:
        held.extend(kept.cache_info().currsize for kept in caches)
        return write(batch, scope)

    monkeypatch.setattr(roster_write, "write", looked)
    answer = send(world.api("射阳 administrator"), roster(importing.INLINE_ROWS + 1))
    with world.app.app_context():
        jobs.run(answer.json["job"]["id"])
    assert all(held) and [kept.cache_info().currsize for kept in caches] == [0, 0, 0]


def test_of_bad_rows_only_the_complaints_are_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet of 50,000 rows with a wrong label in each would be whole in memory, through the writing of its copy."""
    made, found, check = roster(60), list[Checked](), roster_reading.check
    for place in range(50):
        made.plant(place, "retirement_type", "未知", "离退休类型", "unknown_label")

    def checked(run: jobs.Run, rows: Rows) -> Checked:
        found.append(check(run, rows))
        return found[-1]

    monkeypatch.setattr(roster_reading, "check", checked)
    monkeypatch.setattr(importing, "MOST_ERRORS", 20)
    result = send(world.api("射阳 administrator"), made, "?dry_run=true").json
    assert len(found[0].bad) == 50 and not any(each.values or each.unit_text for each in found[0].bad)
    assert (len(result["errors"]), result["errors_left_out"], result["failed"], result["ok"]) == (20, 30, 50, 10)
