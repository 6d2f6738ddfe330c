"""The chain: whatever is altered, removed, swapped or put in by SQL is named; a cut tail shows (G5)."""

import base64
import json
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from engines import KEY
from permissions import audit, sealing, transaction
from rows import ask, count
from tenants import keys
from tenants.db import Base, db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test looks at everything")
ENTRIES = 12
TRIGGERS = {
    "sqlite": [f"DROP TRIGGER audit_{table}_{what}" for table in ("entries", "seals")
               for what in ("no_update", "no_delete", "no_replace")],
    "postgresql": ["SET session_replication_role = replica"],
}


def county() -> Unit:
    """射阳."""
    return db.session.execute(WHOLE.select(Unit).where(Unit.code == "320924")).scalar_one()


def write(app: Flask, number: int) -> None:
    """So many entries in one act."""
    with app.app_context(), transaction.act("tests"):
        for place in range(number):
            audit.record("tests:entry", "unit", "x", county(), before={"n": place}, after={"名": "王", "n": place + 1})


def seal(world: World) -> int:
    """Seal what waits, as the worker does."""
    with world.app.app_context():
        return sealing.seal(world.app.config["SETTINGS"].instance / "audit.head")


@pytest.fixture
def chain(world: World) -> list[str]:
    """A sealed log; the ids of its entries in the order of their places."""
    write(world.app, ENTRIES)
    seal(world)
    return [str(row[0]) for row in ask(world.app, "SELECT entry_id FROM audit_seals ORDER BY seq")]


def verify(world: World) -> tuple[int, str]:
    """`flask audit verify`: exit code and words."""
    done = world.app.test_cli_runner().invoke(args=["audit", "verify"])
    return done.exit_code, done.output


def tamper(world: World, engine: str, *statements: str) -> None:
    """Raw SQL by somebody who owns the database: triggers and foreign keys out of the way, then back."""
    with world.app.app_context():
        engine_of = db.engine.execution_options(isolation_level="AUTOCOMMIT") if engine == "postgresql" else db.engine
        with engine_of.connect() as connection:
            if engine == "sqlite":
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            for statement in (*TRIGGERS[engine], *statements):
                connection.exec_driver_sql(statement)
            if engine == "sqlite":
                connection.commit()
            connection.invalidate()


def test_a_whole_chain_verifies_and_counts_its_tail(world, chain):
    assert len(chain) >= ENTRIES
    assert verify(world) == (0, f"OK: {len(chain)} sealed entries whole, 0 not sealed yet\n")
    write(world.app, 3)
    assert verify(world) == (0, f"OK: {len(chain)} sealed entries whole, 3 not sealed yet\n")
    assert seal(world) == 3 and seal(world) == 0
    assert verify(world) == (0, f"OK: {len(chain) + 3} sealed entries whole, 0 not sealed yet\n")
    head = json.loads((world.app.config["SETTINGS"].instance / "audit.head").read_text(encoding="utf-8"))
    assert head["seq"] == len(chain) + 3
    sealed = world.api("射阳 administrator").get("/audit?limit=200").json["items"]
    assert {each["sealed"] for each in sealed} == {True}


def test_every_batch_size_makes_the_same_kind_of_chain(world, chain, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 4)
    write(world.app, 10)
    assert seal(world) == 10
    assert verify(world)[0] == 0


ALTER = "UPDATE audit_entries SET \"{column}\" = {value} WHERE id = '{entry}'"
ALTERED = [column.name for column in Base.metadata.tables["audit_entries"].columns]
VALUES = {"at": "'2020-01-01 00:00:00+00:00'", "before": "'{}'", "after": "'{}'", "unit_number": "7",
          "actor_number": "7", "result": "'failed'"}


@pytest.mark.parametrize("column", ALTERED)
def test_any_column_altered_names_the_entry(world, chain, engine_name, column):
    victim = chain[5]
    at = "'2020-01-01 00:00:00.000000'" if column == "at" and engine_name == "sqlite" else VALUES.get(column, "'zz'")
    tamper(world, engine_name, ALTER.format(column=column, value=at, entry=victim))
    code, words = verify(world)
    assert code == 1 and victim in words, words
    assert f"{5} sealed entries before it are whole" in words


REST = ", ".join(f'"{name}"' for name in ALTERED if name != "id")
FORGED = ("INSERT INTO audit_seals (seq, entry_id, key_id, digest, sealed_at) "
          "SELECT {seq}, 'forged', key_id, digest, sealed_at FROM audit_seals WHERE seq = 6")
COPIED = "INSERT INTO audit_entries (id, {rest}) SELECT 'forged', {rest} FROM audit_entries WHERE id = '{ids[2]}'"
ENTRY, SEAL = "DELETE FROM audit_entries WHERE id = '{ids[4]}'", "DELETE FROM audit_seals WHERE seq = 5"
ROOM = ("UPDATE audit_seals SET seq = -seq WHERE seq > 6", "UPDATE audit_seals SET seq = 1 - seq WHERE seq < 0")
# What is done, and which entry (by place in the chain; -1 for the forged one) is named.
TAMPERINGS: dict[str, tuple[tuple[str, ...], int]] = {
    "an entry removed": ((ENTRY,), 4),
    "an entry and its seal removed": ((SEAL, ENTRY), 5),
    "the first removed": (("DELETE FROM audit_seals WHERE seq = 1",
                           "DELETE FROM audit_entries WHERE id = '{ids[0]}'"), 1),
    "a seal removed": ((SEAL,), 5),
    "removed and closed up": ((SEAL, ENTRY, "UPDATE audit_seals SET seq = -seq WHERE seq > 5",
                               "UPDATE audit_seals SET seq = -seq - 1 WHERE seq < 0"), 5),
    "two swapped": (("UPDATE audit_seals SET seq = -1 WHERE seq = 4", "UPDATE audit_seals SET seq = 4 WHERE seq = 8",
                     "UPDATE audit_seals SET seq = 8 WHERE seq = -1"), 7),
    "two entries' seals exchanged": (("UPDATE audit_seals SET entry_id = 'x' WHERE seq = 4",
                                      "UPDATE audit_seals SET entry_id = '{ids[3]}' WHERE seq = 8",
                                      "UPDATE audit_seals SET entry_id = '{ids[7]}' WHERE seq = 4"), 7),
    "a digest altered": (("UPDATE audit_seals SET digest = 'f' WHERE seq = 6",), 5),
    "a key altered": (("UPDATE audit_seals SET key_id = 'k9' WHERE seq = 6",), 5),
    "everything from a place on altered": (("UPDATE audit_seals SET digest = 'f' WHERE seq > 3",), 3),
    "an entry put between": ((COPIED, *ROOM, FORGED.replace("{seq}", "7")), -1),
    "an entry put at the end": ((COPIED, FORGED.replace("{seq}", "{more}")), -1),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_log_tampered_with_names_the_first_bad_entry(world, chain, engine_name, name):
    statements, place = TAMPERINGS[name]
    tamper(world, engine_name, *(each.format(ids=chain, rest=REST, more=len(chain) + 1) for each in statements))
    code, words = verify(world)
    assert code == 1 and ("forged" if place < 0 else chain[place]) in words, words


def cut(world: World, engine: str, chain: list[str], number: int) -> None:
    """Take the last entries away with their seals, leaving a chain that fits."""
    gone = ", ".join(f"'{each}'" for each in chain[-number:])
    tamper(world, engine, f"DELETE FROM audit_seals WHERE entry_id IN ({gone})",  # noqa: S608
           f"DELETE FROM audit_entries WHERE id IN ({gone})")  # noqa: S608


def test_a_cut_tail_shows_by_the_head_kept_outside(world, chain, engine_name):
    cut(world, engine_name, chain, 3)
    code, words = verify(world)
    assert code == 1 and "the tail was cut: 3" in words and f"after {len(chain) - 3}" in words


@pytest.mark.parametrize("more", [1, 3, 9])
def test_a_cut_tail_still_shows_after_the_sealer_went_on(world, chain, engine_name, more):
    """The sealer never overwrites a head that does not fit, however many entries come after."""
    cut(world, engine_name, chain, 3)
    write(world.app, more)
    assert seal(world) == more
    code, words = verify(world)
    assert code == 1 and "the tail was cut" in words


def test_without_the_head_outside_a_cut_tail_is_not_seen(world, chain, engine_name):
    """Planted: the anchor is gone; a chain alone cannot show it, which is why the anchor is kept."""
    cut(world, engine_name, chain, 3)
    (world.app.config["SETTINGS"].instance / "audit.head").unlink()
    assert verify(world)[0] == 0


def test_a_chain_written_anew_without_the_key_is_no_chain(world, chain, engine_name):
    """Somebody rewrites an entry and every seal after it, with a key of their own."""
    tamper(world, engine_name, ALTER.format(column="action", value="'nothing'", entry=chain[0]),
           "DELETE FROM audit_seals")
    stranger = "k1:" + base64.b64encode(bytes(range(1, 33))).decode()
    keys.use(keys.KeyRing.parse(stranger))
    with world.app.app_context():
        sealing.seal()
        assert sealing.verify().whole
    keys.use(keys.KeyRing.parse(KEY))
    assert verify(world)[0] == 1


def test_a_new_key_goes_on_with_the_chain(world, chain):
    newer = "k2:" + base64.b64encode(bytes(range(2, 34))).decode() + "," + KEY
    keys.use(keys.KeyRing.parse(newer))
    write(world.app, 2)
    seal(world)
    assert [row[0] for row in ask(world.app, "SELECT key_id FROM audit_seals ORDER BY seq")][-3:] == ["k1", "k2", "k2"]
    assert verify(world)[0] == 0


def test_a_chain_that_leaves_a_column_out_is_caught(world, chain, engine_name, monkeypatch):
    """Planted: the digest does not cover who acted."""
    monkeypatch.setattr(sealing, "_FIELDS", tuple(name for name in sealing._FIELDS if name != "actor"))
    write(world.app, 1)
    seal(world)
    last = str(ask(world.app, "SELECT entry_id FROM audit_seals ORDER BY seq DESC")[0][0])
    tamper(world, engine_name, ALTER.format(column="actor", value="'zz'", entry=last))
    with world.app.app_context():
        row = db.session.execute(sa.select(audit.AuditSeal).where(audit.AuditSeal.entry_id == last)).scalar_one()
        entry = db.session.execute(WHOLE.select(audit.AuditEntry).where(audit.AuditEntry.id == last)).scalar_one()
        before = db.session.execute(sa.select(audit.AuditSeal.digest).where(
            audit.AuditSeal.seq == row.seq - 1)).scalar_one()
        assert sealing._fault(sealing.Head(row.seq - 1, before), row, entry) == ""


def test_the_verifier_is_quick(world, capsys, engine_name):
    write(world.app, 1_500)
    seal(world)
    began = time.perf_counter()
    assert verify(world)[0] == 0
    took = time.perf_counter() - began
    with capsys.disabled():
        print(f"\n{engine_name}: {count(world.app, 'audit_entries') / took:,.0f} "  # noqa: T201  a figure
              "log entries verified a second")


def test_the_worker_s_place_for_the_head_is_private(world, chain):
    head: Path = world.app.config["SETTINGS"].instance / "audit.head"
    assert head.stat().st_mode & 0o077 == 0
    assert not list(head.parent.glob("audit.*[!d]"))
