"""The hostile corpus over the API: each file gets a 4xx with a Chinese sentence, and leaves nothing behind."""

import pytest
from hostile_sheets import HOSTILE

from roster_files import counted, send
from world import World


@pytest.mark.parametrize("engine_name", ["sqlite"])  # refused before any row is looked up
def test_hostile_workbooks_get_a_sentence(world: World) -> None:
    county, before = world.api("射阳 administrator"), counted(world)
    answers = {name: send(county, make()) for name, (_code, make) in HOSTILE.items()}
    assert {answer.status_code for answer in answers.values()} == {413, 415, 422}
    for name, answer in answers.items():
        assert answer.json["code"] in (HOSTILE[name][0], "too_large"), name
        assert any("\u4e00" <= mark <= "\u9fff" for mark in answer.json["message"]), name
    assert counted(world) == before
    imports = world.app.config["SETTINGS"].instance / "imports"
    assert not imports.exists() or not list(imports.glob("*.part"))
