"""The pictures of docs/screenshots: each one small, each in the index, and one at least for every page there is."""

import re

import pytest
from live import ROOT, Live

pytestmark = pytest.mark.xdist_group("browser")

FOLDER = ROOT / "docs" / "screenshots"
MOST, MOST_ALTOGETHER = 120_000, 10_000_000
LINE = re.compile(r"^\| \[.+\]\((\S+\.png)\) \| `(\S+)` \|", re.MULTILINE)
ROUTE = re.compile(r"^(\S+)\s+([A-Z, ]*GET[A-Z, ]*?)\s+(/\S*)\s*$")
# What is no page of its own: parts that a page fetches, files, and what only leads elsewhere.
PARTS = {"auth.index", "desk_account_acts.units_for_grant", "desk_pick.cadres", "desk_records.deadline",
         "desk_exports.file", "desk_exports.progress", "desk_frozen.file",
         "desk_records.photo", "desk_reports.xlsx", "desk_units.branch", "desk_import.progress",
         "desk_import.template", "desk_import.errors", "mobile.photo", "mobile_records.due", "mobile_records.find",
         "desk_staff_file.proof"}
# Pages that look like one that is there: the same confirmation with another question.
ALIKE = {"desk_account_acts.take_back", "desk_calendar.progress", "desk_seats.appoint", "desk_cadres.unmask",
         "desk_exports.records", "desk_right_acts.hold",
         "desk_templates.edit", "desk_templates.withdraw", "desk_nominations.withdraw", "desk_second_factor.confirm"}


def _pictured() -> dict[str, str]:
    """File and address of every line of the index."""
    return dict(LINE.findall((FOLDER / "README.md").read_text(encoding="utf-8")))


def _pattern(rule: str) -> re.Pattern[str]:
    """Addresses of a route as the index writes them, an id being a dot of three."""
    return re.compile(re.sub(r"<any\([^>]*>|<[^>]+>", "[^/?]+", rule) + r"(\?.*)?")


def test_each_is_small_and_in_the_index() -> None:
    files = {each.name: each.stat().st_size for each in FOLDER.glob("*.png")}
    assert set(files) == set(_pictured())
    assert max(files.values()) <= MOST and sum(files.values()) <= MOST_ALTOGETHER


def test_every_page_is_pictured(live: Live) -> None:
    shown = list(_pictured().values())
    missing = []
    for line in live.flask("routes").splitlines():
        matched = ROUTE.match(line)
        if not matched or not matched[3].startswith(("/desk", "/m/", "/login", "/password", "/api/docs")):
            continue
        pictured = any(_pattern(matched[3]).fullmatch(each) for each in shown)
        if matched[1] not in PARTS | ALIKE and not pictured:
            missing.append(matched[1])
    assert missing == []
