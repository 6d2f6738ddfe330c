"""The triggers that count are there after each way up, on both engines; a lost one is seen."""

from flask import Flask
from flask_migrate import downgrade, upgrade

import rows
from engines import Store
from tenants.db import db

ON_EACH = {"sqlite": ("insert", "update", "delete"), "postgresql": ("insert", "update", "delete", "truncate")}


def missing(app: Flask, engine_name: str) -> set[str]:
    """Which triggers are not there."""
    wanted = {f"{table}_count_{act}" for table in ("records", "cadres") for act in ON_EACH[engine_name]}
    known = "SELECT name FROM sqlite_master WHERE type = 'trigger'" if engine_name == "sqlite" else \
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
    return (wanted | {"units_count_move"}) - {str(name) for (name,) in rows.ask(app, known)}


def test_every_trigger_is_there_at_the_head_and_after_down_and_up(app: Flask, engine_name: str, store: Store) -> None:
    assert missing(app, engine_name) == set()
    with app.app_context():
        downgrade(revision="0020")
        db.engine.dispose()
    assert missing(app, engine_name) == set()
    with app.app_context():
        downgrade(revision="0013")
        db.engine.dispose()
    assert len(missing(app, engine_name)) == (7 if engine_name == "sqlite" else 9)
    with app.app_context():
        upgrade()
        db.engine.dispose()
    assert missing(app, engine_name) == set()


def test_a_lost_trigger_is_seen(app: Flask, engine_name: str) -> None:
    on = " ON records" if engine_name == "postgresql" else ""
    rows.run(app, f"DROP TRIGGER records_count_insert{on}")
    assert missing(app, engine_name) == {"records_count_insert"}
