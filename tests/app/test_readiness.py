"""`/healthz` and `/readyz`: each thing that must be in place, broken in turn."""

import pytest
import sms_file
from flask import Flask
from flask_migrate import downgrade

import rows
from app import readiness
from tenants import clock
from tenants.db import db
from world import World


def verdict(app: Flask) -> tuple[int, dict[str, str]]:
    """The status of /readyz and what each check says."""
    answer = app.test_client().get("/readyz")
    return answer.status_code, dict(answer.json["checks"])


def test_a_migrated_instance_is_ready(app: Flask) -> None:
    status, said = verdict(app)
    assert status == 200 and said["database"] == said["calendar"] == said["outbox"] == "ok"
    assert app.test_client().get("/healthz").json == {"status": "ok"}


def test_an_old_schema_is_not_ready(app: Flask) -> None:
    with app.app_context():
        downgrade(revision="-1")
        db.engine.dispose()
    status, said = verdict(app)
    assert status == 503 and said["database"] == "not migrated"
    assert app.test_client().get("/healthz").status_code == 200


@pytest.mark.parametrize(("now", "word"), [
    ("2026-10-31T23:59:59+08:00", "ok"), ("2026-11-01T00:00:00+08:00", "no notice for [2027]"),
    ("2027-01-01T00:00:00+08:00", "no notice for [2027]"), ("2027-12-01T00:00:00+08:00", "no notice for [2027, 2028]"),
])
def test_a_missing_year_is_told_and_does_not_stop_the_work(app: Flask, now: str, word: str) -> None:
    clock.configure(now)
    status, said = verdict(app)
    assert (status, said["calendar"]) == (200, word)


def test_messages_that_wait_are_told(world: World) -> None:
    sms_file.staff(world, "19912340001")
    assert verdict(world.app)[1]["outbox"] == "ok"
    world.at("2026-06-10T10:05:01+08:00")
    assert verdict(world.app)[1]["outbox"] == "messages wait"
    sms_file.sent(world)
    assert verdict(world.app)[1]["outbox"] == "ok"


class Gone:
    """Stands for a session whose database does not answer."""

    def connection(self) -> None:
        raise readiness.SQLAlchemyError("password=secret host=db.example")


def test_an_unreachable_database_is_told_without_its_words(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context(), monkeypatch.context() as broken:
        broken.setattr(readiness.db, "session", Gone())
        found = readiness.checks()
    assert [(check.name, check.fine, check.word) for check in found] == [("database", False, "unreachable")]


def test_readiness_tells_strangers_nothing_more(app: Flask) -> None:
    said = app.test_client().get("/readyz").text
    for word in ("sqlite", "postgres", "version", "/", "0011"):
        assert word not in said.lower()


def test_doctor_says_the_same(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["doctor"])
    assert done.exit_code == 0 and "database" in done.output and "BAD" not in done.output
    rows.run(app, "UPDATE alembic_version SET version_num = '0001'")
    failed = app.test_cli_runner().invoke(args=["doctor"])
    assert failed.exit_code == 1 and "BAD  database" in failed.output
