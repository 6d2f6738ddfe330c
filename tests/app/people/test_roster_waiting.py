"""Rows of a roster that wait to be written: they come out as they went in, and are no objects meanwhile."""

import gc
from collections.abc import Sequence
from datetime import date

import pytest

from app import jobs
from app.people import importing, roster_rows, roster_upload, roster_write
from app.people.roster_rows import Entry
from app.people.roster_waiting import TOGETHER, Waiting
from roster_files import roster, send
from tenants.scope import Scope
from world import World

TODAY = date(2026, 6, 10)
SIZE = 3 * TOGETHER + 7


def read() -> list[Entry]:
    entries = roster_rows.parse(roster_upload.open_sheet(roster(SIZE).xlsx()).rows, TODAY)
    for each in entries:
        each.unit_id, each.unit_number = f"unit{each.number}", each.number
    return entries


@pytest.mark.parametrize("most", [1, TOGETHER - 1, TOGETHER, TOGETHER + 1, 5 * TOGETHER])
def test_each_comes_out_as_it_went_in(most: int) -> None:
    entries, out = read(), []
    assert len(entries) == SIZE and all(each.good for each in entries)
    waiting = Waiting(entries)
    while part := waiting.take(most):
        assert len(part) <= most
        out += part
    assert out == read() and waiting.count == SIZE
    assert waiting.take(most) == []


def test_nobody_waits() -> None:
    assert (Waiting([]).count, Waiting([]).take(10)) == (0, [])


class Kept(Waiting):
    """The planted fault: they stay alive until they are written."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__(entries)
        self.kept = list(entries)


@pytest.mark.parametrize("waiting", [Waiting, Kept])
def test_only_the_rows_in_hand_are_objects(world: World, monkeypatch: pytest.MonkeyPatch,
                                           waiting: type[Waiting]) -> None:
    """The batch being written, the next, and a pack begun: of 450 at most 250; what the others took is given back."""
    monkeypatch.setattr(importing, "BATCH", 100)
    monkeypatch.setattr(importing, "Waiting", waiting)
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
