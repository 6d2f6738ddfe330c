"""An export while it runs: rights that shrink, one moment, called off, killed; and nothing left about in clear."""

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from export_files import (
    ALL,
    PURPOSE,
    ask,
    at_chunk,
    change,
    entries,
    exported,
    file_of,
    fill,
    job_of,
    stored,
    table_of,
    unit_of,
    work,
)

import factories
from app.exports import kept
from app.exports import work as working
from app.people.model import Cadre
from tenants import clock, provision
from tenants.db import db
from tenants.models import Unit
from world import World

WHO = "射阳 administrator"
NOW = "2026-06-10T10:00:00+08:00"


class Killed(BaseException):
    """The worker is gone between two instructions."""


def test_rights_lost_while_it_runs_leave_no_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(world, 5)
    job_id = ask(world, WHO, "/records/visits/export")
    at_chunk(monkeypatch, 2, lambda: change(
        world, lambda: provision.move_unit(unit_of(world, "合德镇"), unit_of(world, "东台"))))
    work(world, job_id)
    found = job_of(world, WHO, job_id)
    assert (found["state"], found["result"]["code"]) == ("failed", "forbidden")
    assert stored(world) == [] and not entries(world, "record:export_file")
    assert [entry.result for entry in entries(world, "record:export")] == ["refused"]


def test_every_row_is_of_one_moment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name changed and a file brought in after the first chunk: neither is in the sheet."""
    for place in range(5):
        _one_more(world, place)

    def interfere() -> None:
        def rename() -> Unit:
            for cadre in db.session.execute(ALL.select(Cadre)).scalars():
                cadre.name = f"改{cadre.name}"[:50]
            return unit_of(world, "射阳")

        change(world, rename)
        _one_more(world, 9)

    at_chunk(monkeypatch, 2, interfere)
    names = {row["姓名"] for row in exported(world, WHO, "/cadres/export")}
    assert len(names) == 3 + 5 and not any(name.startswith("改") or name == "来者9" for name in names)


def _one_more(world: World, place: int) -> None:
    made = world.api(WHO).post("/cadres", {"unit_id": world.units["射阳"], "name": f"来者{place}",
                                           "id_number": _number(place), "retirement_type": "tuixiu"})
    assert made.status_code == 201, made.text


def _number(place: int) -> str:
    return factories.id_number(serial=700 + place)


@pytest.mark.parametrize("when", ["waiting", "running"])
def test_called_off(world: World, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    fill(world, 4)
    job_id = ask(world, WHO, "/records/visits/export")

    def call_off() -> None:
        answer = world.api(WHO).post(f"/jobs/{job_id}/cancel")
        assert (answer.status_code, answer.json["result"]["code"]) == (200, "called_off")

    if when == "waiting":
        call_off()
    else:
        at_chunk(monkeypatch, 2, call_off)
    work(world, job_id)
    assert job_of(world, WHO, job_id)["result"]["code"] == "called_off"
    assert stored(world) == [] and not entries(world, "record:export")
    assert world.api(WHO).get(f"/jobs/{job_id}/file").json["code"] == "not_ready"


def test_killed_half_way_no_half_file_is_seen_and_it_is_done_again(world: World,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    clock.configure(NOW)
    fill(world, 5)
    monkeypatch.setattr(kept, "PART", 64)
    monkeypatch.setattr(kept.Parts, "discard", lambda _self: None)  # nothing of ours runs any more

    def die() -> None:
        raise Killed

    job_id = ask(world, WHO, "/records/visits/export")
    with monkeypatch.context() as patch:
        at_chunk(patch, 3, die)
        with pytest.raises(Killed):
            work(world, job_id)
    assert stored(world) and world.api(WHO).get(f"/jobs/{job_id}/file").json["code"] == "not_ready"
    orphans = set(stored(world))
    clock.configure("2026-06-10T10:03:01+08:00")
    work(world, job_id)
    rows = table_of(file_of(world, WHO, job_id))[1]
    assert len(rows) == 1 + 2 * 4  # the head, and of two units five each, of which one is deleted
    for path in orphans:
        os.utime(path, (1, 1))
    with world.app.app_context():
        assert kept.clear_away() == len(orphans)
    file_of(world, WHO, job_id)


def test_nothing_lies_about_in_clear(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No temporary file, and what is kept is sealed part by part."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    monkeypatch.setattr(kept, "PART", 512)
    real = working.write_stream

    def watched(*args: Any) -> int:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        written = real(*args)
        assert list(tmp_path.iterdir()) == []
        return written

    monkeypatch.setattr(working, "write_stream", watched)
    rows = exported(world, WHO, "/cadres/export", PURPOSE | {"clear": True})
    assert len(rows) == 3 and len(stored(world)) > 3
    assert all(path.read_bytes().startswith(b"k1$") and b"PK" not in path.read_bytes()[:4] for path in stored(world))


def test_a_formula_stays_text(world: World) -> None:
    fill(world, 2)
    assert {row["看望人员"] for row in exported(world, "clerk", "/records/visits/export")} == {"=李主任"}
