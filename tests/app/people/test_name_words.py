"""The words people are found by: which there are, and that the database keeps them whoever writes."""

import random
from typing import Any

import people_model
import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade

import factories
import rows
import small_province
from app.administration import accounts
from app.people import spelling, store
from app.people.listing import Filters, listing
from app.values.name_words import SYLLABLES, fold, initials, sought, words
from permissions import transaction
from permissions.accounts import Account
from tenants import tree
from tenants.db import Base, db
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test looks at everybody")


def test_a_name_has_runs_of_characters_of_syllables_and_of_initials() -> None:
    assert set(words("王小明")) == {
        "王", "小", "明", "王小", "小明", "王小明", "wang", "xiao", "ming", "wangxiao", "xiaoming", "wangxiaoming",
        "wx", "xm", "wxm"}
    assert "shanxiongxin" in words("单雄信") and "qiuying" in words("仇英") and "xiezhen" in words("解缜")
    assert "zengguofan" in words("曾国藩") and "yuchijingde" in words("尉迟敬德") and "lv" in words("吕布")
    assert initials("单雄信") == "sxx" and initials("···") == ""
    assert words("···") == [] and fold(" Ａ-b·\u3000王") == "ab王"


def test_what_is_typed_stands_for_whole_words() -> None:
    assert sought("王小") == ["王小"] and sought("%_ ·") == []
    assert {"wangxia", "wangxian", "wangxiang", "wangxiao"} <= set(sought("wangxia"))
    for syllable in SYLLABLES:
        for end in range(1, len(syllable)):
            assert syllable in sought(syllable[:end]) and f"wang{syllable}" in sought(f"wang{syllable[:end]}")
            assert len(sought(syllable[:end])) <= 40


def _kept(app: Flask, table: str) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in rows.ask(app, f"SELECT word, unit_number, reading, owner_id FROM {table}")}  # noqa: S608


def _due(app: Flask, people: str) -> set[tuple[Any, ...]]:
    """What the words must be, from the rows themselves."""
    found = rows.ask(app, f"SELECT id, name, name_reading, unit_number FROM {people}")  # noqa: S608
    return {(word, number, spelled, row_id) for row_id, name, spelled, number in found for word in words(name)}


def _right(app: Flask) -> bool:
    return (_kept(app, "cadre_words") == _due(app, "cadres")
            and _kept(app, "account_words") == _due(app, "accounts"))


def test_words_follow_every_way_of_writing(world: World) -> None:
    app = world.app
    assert _right(app) and len(_kept(app, "account_words")) > 20
    with app.app_context(), transaction.act("tests"):
        county, town = (tree.unit_by_id(world.units[name], ALL) for name in ("射阳", "合德镇"))
        cadre = factories.cadre(unit=county, name="单小明", mobile="19900007788")
        account = factories.staff(unit=county, name="仇英")
        transaction.audit.record("tests:people", "unit", None, county)
        cadre_id, account_id, place = cadre.id, account.id, (town.id, town.number)
    assert _right(app)
    with app.app_context(), transaction.act("tests"):
        cadre = store.get(cadre_id, ALL)
        store.update(cadre, {"name": "解小华", "id_number": cadre.id_number})
        account = db.session.execute(ALL.select(Account).where(Account.id == account_id)).scalar_one()
        account.name = "王小明"
        transaction.audit.record("tests:people", "unit", None, tree.unit_by_id(world.units["射阳"], ALL))
    assert _right(app)
    rows.run(app, f"UPDATE cadres SET unit_id = '{place[0]}', unit_number = {place[1]} WHERE id = '{cadre_id}'")  # noqa: S608
    assert _right(app) and {row[1] for row in _kept(app, "cadre_words") if row[3] == cadre_id} == {place[1]}
    rows.run(app, f"DELETE FROM cadres WHERE id = '{cadre_id}'")  # noqa: S608
    assert _right(app) and not [row for row in _kept(app, "cadre_words") if row[3] == cadre_id]


@pytest.mark.parametrize("people", ["cadres", "accounts"])
def test_words_told_twice_or_not_at_all_by_whoever_writes_past_us_are_kept_once(world: World, people: str) -> None:
    kept, own = {"cadres": ("cadre_words", ("id_number_key",)),
                 "accounts": ("account_words", ("phone_key", "cadre_id"))}[people]
    like = next(row[0] for row in rows.ask(world.app, "SELECT id FROM cadres" if people == "cadres" else
                                           "SELECT id FROM accounts WHERE kind = 'cadre'"))
    columns = [column.name for column in Base.metadata.tables[people].columns]
    for new_id, told in (("twice", "'王 wang  王 wang '"), ("never", "NULL"), ("empty", "''")):
        said = {"id": f"'{new_id}'", "name_words": told} | dict.fromkeys(own, f"'{new_id}'")
        rows.run(world.app, f"INSERT INTO {people} ({', '.join(columns)}) "  # noqa: S608
                 f"SELECT {', '.join(said.get(name, name) for name in columns)} FROM {people} WHERE id = '{like}'")
    found = sorted((row[3], row[0]) for row in _kept(world.app, kept) if row[3] in {"twice", "never", "empty"})
    assert found == [("twice", "wang"), ("twice", "王")]


def test_a_lost_trigger_is_seen(app: Flask, engine_name: str) -> None:
    rows.run(app, "DROP TRIGGER cadres_words_insert" + (" ON cadres" if engine_name == "postgresql" else ""))
    with app.app_context(), transaction.act("tests"):
        units = small_province.grow(random.Random(1))
        people_model.put(units, 2, random.Random(1))
        transaction.audit.record("tests:people", "unit", None, units[0])
    assert not _right(app)


def test_the_triggers_are_there_after_down_and_up(app: Flask, engine_name: str) -> None:
    known = "SELECT name FROM sqlite_master WHERE type = 'trigger'" if engine_name == "sqlite" else \
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
    wanted = {f"{table}_words_{act}" for table in ("cadres", "accounts") for act in ("insert", "update", "delete")}
    assert wanted <= {str(name) for (name,) in rows.ask(app, known)}
    with app.app_context():
        downgrade(revision="0023")
        db.engine.dispose()
        assert not wanted & {str(name) for (name,) in rows.ask(app, known)}
        upgrade()
        db.engine.dispose()
    assert wanted <= {str(name) for (name,) in rows.ask(app, known)}


def test_names_of_before_are_spelled_and_then_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    app = world.app
    monkeypatch.setattr(spelling, "BATCH", 3)
    for table, tail in (("cadres", "mobile_tail_key"), ("accounts", "phone_tail_key")):
        rows.run(app, f"UPDATE {table} SET name_words = NULL, name_reading = '', {tail} = NULL")  # noqa: S608
    assert _kept(app, "cadre_words") == set() == _kept(app, "account_words")
    with app.app_context():
        assert listing(ALL, Filters(q="sheyang"), cursor=None, limit=5).total == 0
        assert spelling.spell() == 6 and spelling.spell_all(most=100) > 6 and spelling.spell() == 0
        assert listing(ALL, Filters(q="sheyang"), cursor=None, limit=5).total > 0
        phone = db.session.execute(ALL.select(Account, Account.phone)).scalars().first()
        assert accounts.listing(ALL, accounts.Filters(q=phone[-4:]), cursor=None, limit=5).items
    assert _right(app)


def test_accounts_are_found_as_cadres_are(world: World) -> None:
    administrator = world.api("射阳 administrator")
    with world.app.app_context(), transaction.act("tests"):
        county, elsewhere = (tree.unit_by_id(world.units[name], ALL) for name in ("射阳", "东台"))
        ours = factories.staff(unit=county, name="单雄信", phone="19912340077").id
        factories.staff(unit=elsewhere, name="单雄信", phone="19912350077")
        transaction.audit.record("tests:people", "unit", None, county)
    for typed in ("单", "雄信", "单雄信", "shan", "xiongx", "sxx", "xx", "0077", "340077", "19912340077",
                  "199 1234 0077"):
        page = administrator.get("/accounts", query_string={"q": typed}).json
        assert [each["id"] for each in page["items"]] == [ours] and page["total"] == 1, typed
    for typed in ("dan", "信单", "077", "1234", "350077", "19912350077", "%", "单_信"):
        assert administrator.get("/accounts", query_string={"q": typed}).json["total"] == 0, typed
    assert administrator.get("/accounts", query_string={"q": "单", "kind": "cadre"}).json["total"] == 0
    listed = administrator.get("/accounts?limit=200").json
    assert listed["total"] == len(listed["items"]) == len({each["id"] for each in listed["items"]})
    walked, cursor = [], None
    while True:
        page = administrator.get("/accounts", query_string={"limit": 3} | ({"cursor": cursor} if cursor else {})).json
        walked += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert walked == listed["items"]
