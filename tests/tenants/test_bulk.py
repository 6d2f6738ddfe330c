"""Many rows written and looked for at once are those that would be one by one, and cost as many statements as one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from app.outbox import Message
from app.people.model import Cadre
from permissions import transaction
from tenants import bulk, keys, tree
from tenants.db import db
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test looks at what it wrote")
NAMES = [column.key for column in Message.__table__.columns]
DEFAULTS = {column.key: column.default.arg if column.default is not None and column.default.is_scalar else None
            for column in Message.__table__.columns}
TEXTS = ["plain", "", "a\tb", "line\nbreak", "quote'\"\\", "{a,b}", "NULL", "\\N", "𠮷·阿依", "%s %(x)s :y", "a,b;c"]
AT = datetime(2026, 6, 10, 3, 4, 5, 678901, tzinfo=UTC)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements on messages sent meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "messages" in statement:
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def row(world: World, number: int, text: str | None = "x", **other: Any) -> tuple[Any, ...]:
    """A message's row."""
    said = {"id": f"bulk{number:018d}", "account_id": text, "template": text or "t", "state": "waiting",
            "phone": keys.ring().encrypt(b"19900000000", "messages.phone"), "params": None, "attempts": number,
            "created_at": AT, "lease_until": None, "sent_at": AT if number % 2 else None,
            "unit_id": world.units["射阳"], "unit_number": NUMBER[world.units["射阳"]]} | other
    return tuple(said[name] if name in said else DEFAULTS[name] for name in NAMES)


NUMBER: dict[str, int] = {}


@pytest.fixture
def writing(world: World) -> Iterator[World]:
    """A transaction of the named province that is rolled back."""
    with world.app.app_context():
        transaction.begin(writes=True)
        county = tree.unit_by_id(world.units["射阳"], ALL)
        NUMBER[county.id] = county.number
        yield world
        db.session.rollback()


def test_texts_of_every_kind_instants_numbers_and_nulls_come_back(writing: World) -> None:
    bulk.insert_new(Message, [row(writing, n, text) for n, text in enumerate([*TEXTS, None])], ALL)
    found = {each.attempts: each for each in db.session.execute(
        ALL.select(Message).where(Message.id.startswith("bulk"))).scalars()}
    for number, text in enumerate([*TEXTS, None]):
        message = found[number]
        assert (message.account_id, message.template) == (text, text or "t")
        assert (message.created_at, message.sent_at) == (AT, AT if number % 2 else None)
        assert (message.phone, message.params, message.state) == ("19900000000", None, "waiting")


def test_what_is_there_already_is_left_alone(writing: World) -> None:
    bulk.insert_new(Message, [row(writing, 1, "first")], ALL)
    bulk.insert_new(Message, [row(writing, 1, "second"), row(writing, 2, "other"), row(writing, 2, "again")], ALL)
    bulk.insert_new(Message, [], ALL)
    found = db.session.execute(ALL.select(Message, Message.template).where(Message.id.startswith("bulk"))
                               .order_by(Message.id)).scalars().all()
    assert found == ["first", "other"]


def test_many_rows_cost_as_many_statements_as_one(writing: World) -> None:
    with counted() as seen:
        bulk.insert_new(Message, [row(writing, 1)], ALL)
        one = len(seen)
        bulk.insert_new(Message, [row(writing, n) for n in range(2, 300)], ALL)
        asked = [f"b{n}" for n in range(2000)]
        db.session.execute(ALL.select(Message, Message.id).where(bulk.among(Message.id, asked)))
    assert (one, len(seen)) == (1, 3)


def test_a_few_of_many_are_found(writing: World) -> None:
    bulk.insert_new(Message, [row(writing, n) for n in range(5)], ALL)
    asked = [f"bulk{n:018d}" for n in (1, 3, 99)] + ["quote'\"", "{a,b}"]
    found = db.session.execute(ALL.select(Message, Message.attempts).where(bulk.among(Message.id, asked))).scalars()
    assert set(found) == {1, 3}
    assert not db.session.execute(ALL.select(Message, Message.id).where(bulk.among(Message.id, []))).all()


def test_what_parts_the_lists_cannot_be_smuggled_in(writing: World, engine_name: str) -> None:
    with pytest.raises(ValueError, match="columns"):
        bulk.insert_new(Message, [row(writing, 1)[:-1]], ALL)
    if engine_name == "postgresql":
        for bad in (bulk.BETWEEN, bulk.NOTHING_THERE, f"a{bulk.BETWEEN}b"):
            with pytest.raises(ValueError, match="control character"):
                bulk.insert_new(Message, [row(writing, 1, bad), row(writing, 2)], ALL)


def test_the_secret_columns_of_a_model_are_known() -> None:
    assert bulk.secrets_of(Cadre) == {name: f"cadres.{name}" for name in ("id_number", "mobile", "address",
                                                                        "health_status")}


def _room() -> list[int]:
    connection = db.session.connection()
    return [connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() for pragma in (
        "cache_size", "wal_autocheckpoint")]


def test_many_rows_have_room_on_sqlite_until_the_transaction_ends(writing: World, engine_name: str) -> None:
    if engine_name != "sqlite":
        return
    own = _room()
    bulk.insert_new(Message, [row(writing, n) for n in range(bulk.MANY - 1)], ALL)
    assert _room() == own
    bulk.insert_new(Message, [row(writing, n) for n in range(1000, 1000 + bulk.MANY)], ALL)
    bulk.insert_new(Message, [row(writing, n) for n in range(2000, 2000 + bulk.MANY)], ALL)
    assert _room() == [-16_000, 4000]
    connection = db.session.connection().connection.dbapi_connection
    db.session.rollback()
    transaction.begin(writes=True)
    assert db.session.connection().connection.dbapi_connection is connection  # or nothing would be shown
    assert _room() == own
