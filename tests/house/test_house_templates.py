"""Every house rule on templates holds, and each sees the faults it is there for."""

from pathlib import Path

import pytest
from flask import Flask
from python_rules import ROOT
from template_rules import RULES, inline_code, remote_addresses, templates

USED = '"""Uses them."""\n\nPAGES = ("page.html", "other.html")\n'
FINE = '{% from "other.html" import row %}\n<h1>{{ row(1) }}</h1>\n<script src="/static/x.js" defer></script>\n'
OTHER = "{% macro row(x) %}{{ x }}{% endmacro %}\n"
PLANTED = {
    "broken": "{% if %}",
    "long_templates": "<p></p>\n" * 121,
    "inline_code": "<p onclick='x()'></p>",
    "trusting_filters": "{{ name|safe }}",
    "remote_addresses": '<img src="https://cdn.example.com/x.png" alt="">',
    "unused_imports": '{% from "other.html" import row %}',
    "missing_names": '{% from "other.html" import line %}{{ line(1) }}',
    "unused_templates": None,
    "deaf_names": FINE,
}
INLINE = ("<script>x()</script>", "<style>p{}</style>", '<p style="color:red">', '<a onclick="x()">', "<a ONLOAD='x'>",
          '<a href="javascript:x()">', '<script type="module">x</script>')
REMOTE = ("//cdn.example.com/a.js", "url(https://fonts.example.com/a)", 'href="HTTP://x.example.com"')


def _house(folder: Path, page: str) -> Path:
    (folder / "app/templates").mkdir(parents=True)
    (folder / "app/pages.py").write_text(USED, encoding="utf-8")
    (folder / "app/templates/page.html").write_text(page, encoding="utf-8")
    (folder / "app/templates/other.html").write_text(OTHER, encoding="utf-8")
    return folder


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_holds(rule) -> None:
    assert rule(ROOT) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_sees_its_fault(rule, tmp_path: Path) -> None:
    page = PLANTED[rule.__name__]
    house = _house(tmp_path, page if page is not None else FINE)
    if page is None:
        (house / "app/templates/forgotten.html").write_text("<p></p>", encoding="utf-8")
    if rule.__name__ == "deaf_names":
        (house / "app/pages.py").write_text(USED + 'page("page.html", none=1)\n', encoding="utf-8")
    assert rule(house)


def test_a_well_behaved_template_breaks_nothing(tmp_path: Path) -> None:
    house = _house(tmp_path, FINE)
    assert [fault for rule in RULES for fault in rule(house)] == []


@pytest.mark.parametrize("source", INLINE)
def test_every_shape_of_inline_code_is_seen(source: str, tmp_path: Path) -> None:
    assert inline_code(_house(tmp_path, source))


@pytest.mark.parametrize("source", REMOTE)
def test_every_shape_of_a_remote_address_is_seen(source: str, tmp_path: Path) -> None:
    assert remote_addresses(_house(tmp_path, source))


def test_every_template_compiles_with_the_filters_of_the_application(app: Flask) -> None:
    for name in templates(ROOT):
        assert app.jinja_env.get_template(name) is not None
    assert app.jinja_env.autoescape
