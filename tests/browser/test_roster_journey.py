"""The administrator of 射阳 imports a roster of 1,842 rows with planted faults while others go on working."""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from live import Live, wait_until
from playwright.sync_api import Browser, Page, expect
from steps import download, exposed, log_in, open_link, press, through_menu

from conftest import Watched
from roster_files import PLACES, Roster, plant_a_dozen, roster, rows_of

pytestmark = pytest.mark.xdist_group("browser")

SIZE = 1842
FAR_AWAY = 5  # seed of the roster another county imported before
PAGES = ("/desk/", "/desk/records/visits", "/desk/cadres", "/desk/opinions", "/desk/records/visits/new",
         "/desk/records/branch_activities")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass
class Colleague:
    """Somebody who goes on working: opens page after page and writes now and then."""

    page: Page
    token: str
    cadre_id: str
    unit_id: str
    waited: list[tuple[float, str]] = field(default_factory=list)

    def work(self, turn: int) -> None:
        """One page, and every third turn a draft; each must be answered without an error."""
        self._timed(PAGES[turn % len(PAGES)], lambda path: self.page.goto(path).status)  # type: ignore[union-attr]
        if turn % 3 == 0:
            self._timed("POST /api/v1/records/visits", lambda _path: self._draft())

    def _timed(self, what: str, ask: Callable[[str], int]) -> None:
        began = time.monotonic()
        status = ask(what)
        self.waited.append((time.monotonic() - began, what))
        assert status in (200, 201), (what, status)

    def _draft(self) -> int:
        draft = {"unit_id": self.unit_id, "ended_on": "2026-11-17", "type": "routine", "draft": True,
                 "cadre_ids": [self.cadre_id]}
        return self.page.request.post("/api/v1/records/visits", data=draft,
                                      headers={"Authorization": f"Bearer {self.token}"}).status

    def __str__(self) -> str:
        """The slowest and the middle answer."""
        ordered = sorted(self.waited)
        slowest, middle = ordered[-1], ordered[len(ordered) // 2]
        return f"{len(ordered)} answers, slowest {slowest[0]:.2f} s ({slowest[1]}), middle {middle[0]:.2f} s"


@pytest.fixture
def colleague(chromium: Browser, live: Live) -> Iterator[Colleague]:
    """The clerk of 射阳 in another browser."""
    account = live.account("clerk", "射阳")
    watched = Watched(chromium.new_context(base_url=live.url), live.url)
    page = watched.page()
    log_in(page, account)
    answer = page.request.post("/api/v1/sessions", data={**{key: account[key] for key in ("phone", "password")},
                                                         "channel": "pc"})
    token = answer.json()["token"]
    cadres = page.request.get("/api/v1/cadres?limit=1", headers={"Authorization": f"Bearer {token}"}).json()
    yield Colleague(page, token, cadres["items"][0]["id"], account["unit_id"])
    watched.context.close()
    assert watched.faults == []


def _upload(page: Page, made: Roster, name: str) -> None:
    through_menu(page, "基础信息", "离退休干部")
    open_link(page, "导入名册", "main")
    file = {"name": name, "mimeType": XLSX, "buffer": made.xlsx()}
    page.get_by_label("名册文件").set_input_files(files=[file])  # type: ignore[list-item]
    press(page, "上传并试导入")


def _figures(page: Page) -> dict[str, int]:
    """What the result says, by label."""
    read = page.locator(".stat").evaluate_all(
        "all => all.map(each => ['.stat-label', '.stat-value'].map(part => each.querySelector(part).innerText))")
    return {label.strip(): int("".join(filter(str.isdigit, value))) for label, value in read}


def _errors(page: Page) -> list[tuple[int, str]]:
    rows = page.locator("table", has_text="原因").locator("tbody tr").all()
    cells = [each.locator("th, td").all_inner_texts() for each in rows]
    return sorted((int("".join(filter(str.isdigit, row))), column) for row, column, _why in cells)


def _far_away(chromium: Browser, live: Live) -> tuple[str, str]:
    """东台 imports one person; returns the ID and phone number that are taken from then on."""
    watched = Watched(chromium.new_context(base_url=live.url), live.url)
    page = watched.page()
    log_in(page, live.account("administrator", "东台"))
    one = roster(2, seed=FAR_AWAY)
    _upload(page, one, "东台.xlsx")
    press(page, "确认导入")
    assert _figures(page)["已导入"] == 2 and not exposed(page) and watched.faults == []
    watched.context.close()
    return str(one.get(1, "id_number")), str(one.get(1, "mobile"))


def _roster(taken: tuple[str, str]) -> Roster:
    made = roster(SIZE)
    plant_a_dozen(made, range(20, 20 + 100 * 16, 100), taken_id=taken[0], taken_phone=taken[1])
    return made


def _work_until(page: Page, heading: str, colleague: Colleague) -> None:
    """Let the colleague work while the page waits for the worker by itself."""
    turn = 0
    while heading not in page.get_by_role("heading", level=1).inner_text():
        colleague.work(turn)
        turn += 1
        assert turn < 2000, page.inner_text("main")


def test_a_roster_comes_in(desk: Watched, chromium: Browser, live: Live, colleague: Colleague, tmp_path: Path,
                           capsys: pytest.CaptureFixture[str],
                           record_property: Callable[[str, object], None]) -> None:
    made = _roster(_far_away(chromium, live))
    bad = set(made.bad_rows)
    page = desk.page()
    log_in(page, live.account("administrator", "射阳县委"))
    before = len(live.messages())
    _upload(page, made, "射阳名册.xlsx")
    _work_until(page, "试导入结果", colleague)
    assert _figures(page) | {"将开通账号": 0} == {"总行数": SIZE, "可以导入": SIZE - len(bad), "有错的行": len(bad),
                                              "将开通账号": 0}
    assert _errors(page) == sorted((row, label) for row, label, _code in made.planted)
    assert not exposed(page) and len(live.messages()) == before
    page.get_by_label("导入没有错的行，有错的行退回").check()
    press(page, "确认导入")
    _work_until(page, "导入结果", colleague)
    record_property("answers_during_import", str(colleague))
    with capsys.disabled():
        sys.stdout.write(f"\n  while {SIZE:,} rows are tried and imported: {colleague}\n")
    phones = {line[PLACES["mobile"]] for place, line in enumerate(made.rows, start=4)
              if place not in bad and line[PLACES["mobile"]]}
    assert _figures(page) == {"总行数": SIZE, "已导入": SIZE - len(bad), "有错的行": len(bad), "开通账号": len(phones)}
    assert not exposed(page)
    _check_messages(live, before, phones)
    _check_error_file(download(page, page.get_by_role("link", name="下载有错的行"), tmp_path), made)
    _check_one_came_in(page, made)


def _check_messages(live: Live, before: int, phones: set[str]) -> None:
    """One SMS for each account opened, each with a password of its own."""
    wait_until(lambda: len(live.messages()) - before >= len(phones), "not every SMS came")
    messages = live.messages()[before:]
    assert sorted(each["to"] for each in messages) == sorted(phones)
    passwords = {each["params"]["password"] for each in messages}
    assert len(passwords) == len(phones) and min(map(len, passwords)) >= 16


def _check_error_file(file: Path, made: Roster) -> None:
    """The sender's own rows, the bad ones and no others, each with its reasons."""
    rows = rows_of(file.read_bytes())
    head = next(place for place, row in enumerate(rows) if row[1] and "姓名" in str(row[1]))
    back = [row for row in rows[head + 1:] if any(cell is not None for cell in row)]
    assert [int(row[0]) for row in back] == [number - 3 for number in made.bad_rows]
    reasons = [str(row[len(made.rows[0])]) for row in back]
    assert all(reason != "None" and len(reason) > 3 for reason in reasons)
    assert len(set(reasons)) >= 12


def _check_one_came_in(page: Page, made: Roster) -> None:
    """A good row is a file now, masked, with an account."""
    open_link(page, "返回离退休干部", "main")
    good = made.rows[1]
    page.get_by_label("查找", exact=True).fill(str(good[PLACES["name"]]))
    press(page, "查询")
    tail = str(good[PLACES["mobile"]])[-4:]
    page.locator("tbody tr", has_text=f"****{tail}").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(str(good[PLACES["name"]]))
    assert f"********{str(good[PLACES['id_number']])[-4:]}" in page.inner_text("main")
    assert "未登录过" in page.inner_text("main")
    assert not exposed(page)
