"""An application per engine, and databases copied from templates so that each test begins with the same one."""

import base64
import gc
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from app import registry
from app.config import Settings
from app.deadlines.notices import shipped
from app.factory import create_app
from app.records import calendar, redating
from permissions import hashing, identity, transaction
from tenants import clock, keys, tree
from tenants import db as handle
from tenants.db import db

KEY = "k1:" + base64.b64encode(bytes(range(32))).decode()
NOW = "2026-06-10T10:00:00+08:00"  # a Wednesday
SECRET = "not-a-real-secret-0123456789abcdef"
PATIENT = 600.0  # a test waits for a slow machine; limits are proved where they are set


def settings(instance: Path, url: str, **more: Any) -> Settings:
    """Settings of a test instance; the clock may be moved."""
    said = {"instance": instance, "database_url": url, "secret_key": SECRET, "field_keys": KEY, "public_url": "",
            "sms_url": "file:", "queue_url": f"sqlite:///{instance / 'queue.db'}", "demo": True, "now": None,
            "page_seconds": PATIENT, "job_seconds": PATIENT}
    return Settings(**(said | more))


class Store:
    """One engine: its application, its templates, its current database."""

    def __init__(self, name: str, instance: Path, worker: str, server: str | None) -> None:
        self.name, self.instance, self.server = name, instance, server
        self.database = f"yinling_{worker}"
        instance.mkdir(parents=True)
        url = server.rsplit("/", 1)[0] + f"/{self.database}" if server else f"sqlite:///{instance / 'yinling.db'}"
        if server:
            self._admin(f'DROP DATABASE IF EXISTS "{self.database}"', f'CREATE DATABASE "{self.database}"')
        hashing.PATIENCE = handle.PATIENCE = PATIENT
        self.app: Flask = create_app(settings(instance, url))
        self.app.config["TESTING"] = True
        self.app.extensions["huey"].immediate = True
        self._kept: dict[str, Any] = {}
        self._templates: set[str] = set()
        self._prepare()
        gc.freeze()  # an application stays as long as its tests

    def _prepare(self) -> None:
        with self.app.app_context():
            upgrade()
            with transaction.act("tests"):
                redating.store_notices(shipped(), registry.modules())
            db.engine.dispose()
        self._save("empty")

    def _admin(self, *statements: str) -> None:
        assert self.server is not None
        engine = sa.create_engine(self.server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    def _file(self, template: str) -> Path:
        return self.instance.parent / f"{self.instance.name}-{template}.db"

    def _save(self, template: str) -> None:
        self._let_go()
        if self.server:
            self._admin(f'DROP DATABASE IF EXISTS "{self.database}_{template}"',
                        f'CREATE DATABASE "{self.database}_{template}" TEMPLATE "{self.database}"')
        else:
            with sqlite3.connect(self.instance / "yinling.db") as source:
                source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            source.close()
            shutil.copyfile(self.instance / "yinling.db", self._file(template))
        self._templates.add(template)

    def _let_go(self) -> None:
        with self.app.app_context():
            db.session.remove()
            assert db.engine.pool.checkedout() == 0, "somebody still holds a connection"
            db.engine.dispose()
            tree.forget()
            identity.forget()
            calendar._kept.pop(db.engine, None)

    def reset(self, template: str) -> None:
        """Put the database, the files of the instance and the keys back; the clock stands at NOW."""
        self._let_go()
        keys.use(keys.KeyRing.parse(KEY))
        clock.configure(NOW)
        if self.server:
            self._admin(f'DROP DATABASE IF EXISTS "{self.database}" WITH (FORCE)',
                        f'CREATE DATABASE "{self.database}" TEMPLATE "{self.database}_{template}"')
        else:
            for path in self.instance.glob("yinling.db*"):
                path.unlink()
            shutil.copyfile(self._file(template), self.instance / "yinling.db")
        for name in ("sms.jsonl", "audit.head"):
            (self.instance / name).unlink(missing_ok=True)
        shutil.rmtree(self.instance / "uploads", ignore_errors=True)

    def rest(self) -> None:
        """Leave no connection, no moved clock behind."""
        self._let_go()
        clock.configure(None)

    def has(self, template: str) -> bool:
        return template in self._kept

    def keep(self, template: str, value: Any) -> None:
        """Make the present database a template, with what belongs to it."""
        self._save(template)
        self._kept[template] = value

    def kept(self, template: str) -> Any:
        return self._kept[template]

    def close(self) -> None:
        """Let the connections go; the cluster is thrown away whole."""
        self._let_go()


class Engines:
    """The stores of one test worker."""

    def __init__(self, folder: Path, worker: str, postgres: Callable[[], str]) -> None:
        self.folder, self.worker, self.postgres = folder, worker, postgres
        self._stores: dict[str, Store] = {}

    def store(self, name: str) -> Store:
        """The store of an engine, made when first asked for."""
        if name not in self._stores:
            server = self.postgres() if name == "postgresql" else None
            self._stores[name] = Store(name, self.folder / name, self.worker, server)
        return self._stores[name]

    def close(self) -> None:
        """Let every database go."""
        for store in self._stores.values():
            store.close()
