"""The instance folder: secrets are private and kept, the demonstration is told from other databases."""

import base64
import sqlite3
import stat
from pathlib import Path

import pytest

from checkout import Refusal
from instance_folder import SECRETS, Instance


def _instance(folder: Path, **settings: str) -> Instance:
    return Instance({"YINLING_INSTANCE": str(folder), **settings})


def test_secrets_are_made_once_private_and_random(tmp_path: Path) -> None:
    first = _instance(tmp_path / "a").secrets({}, may_make=True)
    other = _instance(tmp_path / "b").secrets({}, may_make=True)
    file = tmp_path / "a" / SECRETS
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert _instance(tmp_path / "a").secrets({}, may_make=False) == first
    assert set(first.values()).isdisjoint(other.values())
    name, key = first["YINLING_FIELD_KEYS"].split(":")
    assert name == "k1"
    assert len(base64.b64decode(key)) == 32


def test_the_environment_wins_and_then_nothing_is_written(tmp_path: Path) -> None:
    given = {"YINLING_SECRET_KEY": "from outside", "YINLING_FIELD_KEYS": "k9:from outside"}
    assert _instance(tmp_path).secrets(given, may_make=True) == given
    assert not (tmp_path / SECRETS).exists()


def test_new_keys_are_never_made_beside_existing_data(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="备份"):
        _instance(tmp_path).secrets({}, may_make=False)
    assert not (tmp_path / SECRETS).exists()


def test_a_database_is_empty_until_it_has_a_table(tmp_path: Path) -> None:
    instance = _instance(tmp_path / "with space")
    assert instance.is_empty()
    assert not (instance.folder / "yinling.db").exists()
    with sqlite3.connect(instance.folder / "yinling.db") as connection:
        connection.execute("CREATE TABLE anything (x)")
    connection.close()
    assert not instance.is_empty()


def test_a_database_that_cannot_be_reached_is_refused_in_words(tmp_path: Path) -> None:
    instance = _instance(tmp_path, YINLING_DATABASE_URL=f"sqlite:///{tmp_path}")
    with pytest.raises(Refusal, match="连不上数据库"):
        instance.is_empty()


def test_the_mark_speaks_of_one_database_only(tmp_path: Path) -> None:
    demo = _instance(tmp_path)
    assert demo.demo_state() is None
    demo.mark_demo("loading")
    assert demo.demo_state() == "loading"
    demo.mark_demo("loaded")
    assert demo.demo_state() == "loaded"
    real = _instance(tmp_path, YINLING_DATABASE_URL="postgresql://someone:secret@db/yinling")
    assert real.demo_state() is None


def test_the_mark_gives_no_password_away(tmp_path: Path) -> None:
    _instance(tmp_path, YINLING_DATABASE_URL="postgresql://someone:secret@db/yinling").mark_demo("loaded")
    assert "secret" not in (tmp_path / "demo").read_text(encoding="utf-8")


def test_only_a_file_is_dropped_when_loading_was_interrupted(tmp_path: Path) -> None:
    instance = _instance(tmp_path)
    (tmp_path / "yinling.db").touch()
    instance.drop_half_loaded()
    assert not (tmp_path / "yinling.db").exists()
    with pytest.raises(Refusal, match="清空"):
        _instance(tmp_path, YINLING_DATABASE_URL="postgresql://db/yinling").drop_half_loaded()


def test_a_folder_serves_one_server(tmp_path: Path) -> None:
    with _instance(tmp_path).alone(), pytest.raises(Refusal, match="已有"):
        _instance(tmp_path).alone()
    _instance(tmp_path).alone().close()
