"""Both engines for every test of data: a database per engine and worker, put back to a template before each test."""

import gc
import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

import kept_statements
from engines import Engines, Store
from postgres_for_tests import running
from world import World, build_world

ENGINES = ("sqlite", "postgresql")
_connect = socket.socket.connect


def pytest_collection_finish() -> None:
    """What was collected stays to the end: the collector of garbage, which every job runs, need not look through it."""
    gc.collect()
    gc.freeze()


def _only_loopback(self: socket.socket, address: Any) -> Any:
    """Tests speak to this machine only."""
    host = address[0].replace("localhost", "127.0.0.1") if isinstance(address, tuple) else "127.0.0.1"
    if not ipaddress.ip_address(host).is_loopback:
        raise OSError(f"a test reached out to {host}")
    return _connect(self, address)


@pytest.fixture(autouse=True)
def _statements_as_written(request: pytest.FixtureRequest) -> Iterator[None]:
    """Around whatever a test patches: what it had compiled otherwise is compiled anew by the next."""
    if "store" not in request.fixturenames:
        yield
        return
    store = request.getfixturevalue("store")
    before = kept_statements.kept()
    yield
    kept_statements.drop_changed(store.app, before)


@pytest.fixture(autouse=True)
def _no_network(_statements_as_written: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", _only_loopback)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The throw-away cluster of `scripts/test`, or one of our own."""
    given = os.environ.get("YINLING_TEST_POSTGRES_URL")
    if given:
        yield given
    else:
        with running() as url:
            yield url


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Engines]:
    """Applications and databases of this worker, made when first asked for."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    made = Engines(tmp_path_factory.mktemp("instances"), worker, lambda: request.getfixturevalue("postgres_url"))
    yield made
    made.close()


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """The engine under test."""
    return str(request.param)


@pytest.fixture
def store(engines: Engines, engine_name: str) -> Store:
    """The engine's application and databases."""
    return engines.store(engine_name)


@pytest.fixture
def app(store: Store) -> Iterator[Flask]:
    """The application on an empty, migrated database with the official calendar; no context is open."""
    store.reset("empty")
    yield store.app
    store.rest()


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    """The application on the named province, with an account and a live session for each principal."""
    if not store.has("world"):
        store.reset("empty")
        made = build_world(store.app)
        store.keep("world", made)
    store.reset("world")
    yield store.kept("world")
    store.rest()


