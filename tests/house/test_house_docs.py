"""The documents say what the code says, and the check sees when they do not."""

import json
import subprocess
from pathlib import Path

import pytest
from flask import Flask
from python_rules import ROOT

import render_docs

PYTHON = ROOT / ".venv/bin/python"


@pytest.fixture
def engine_name() -> str:
    """Documents are the same for both engines."""
    return "sqlite"


@pytest.fixture
def pages(app: Flask) -> dict[str, str]:
    """Every document as the code would write it now."""
    with app.app_context():
        return {name: page(app) for name, page in render_docs.PAGES.items()}


def test_the_documents_are_current(pages: dict[str, str]) -> None:
    assert render_docs.stale(pages) == [], "run scripts/render_docs.py"


def test_an_old_and_a_missing_document_are_seen(pages: dict[str, str], tmp_path: Path) -> None:
    for name, text in pages.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert render_docs.stale(pages, tmp_path) == []
    (tmp_path / "permissions.md").write_text(pages["permissions.md"].replace("仅下级", "本单位", 1), encoding="utf-8")
    (tmp_path / "modules.md").unlink()
    assert render_docs.stale(pages, tmp_path) == ["permissions.md", "modules.md"]


def test_every_route_is_in_the_list_with_what_it_declares(pages: dict[str, str], app: Flask) -> None:
    listed = json.loads(pages["routes.json"])
    assert {(each["route"], each["endpoint"]) for each in listed} == {
        (rule.rule, rule.endpoint) for rule in app.url_map.iter_rules()}
    (appoint,) = [each for each in listed if each["endpoint"] == "api_administrators.appoint"]
    assert (appoint["action"], appoint["channels"], appoint["reach"], appoint["methods"]) == (
        "administrator:appoint", ["pc"], {"administrator": "U"}, ["POST"])


def test_the_openapi_document_says_the_same_as_the_list(pages: dict[str, str], app: Flask) -> None:
    said = app.test_client().get("/api/openapi.json").json["paths"]
    for each in json.loads(pages["routes.json"]):
        if each["endpoint"].startswith("api_"):
            path = each["route"].replace("<", "{").replace(">", "}")
            for method in each["methods"]:
                operation = said[path][method.lower()]
                assert operation["x-action"] == (each["action"] or each["guard"]), path
                assert (operation["x-channels"], operation["x-reach"]) == (each["channels"], each["reach"]), path


def test_the_command_checks_and_says_what_is_stale() -> None:
    done = subprocess.run([PYTHON, ROOT / "scripts/render_docs.py", "--check"], capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "documents are current"), done.stdout + done.stderr
