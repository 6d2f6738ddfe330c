"""A clerk without a PC grant records a visit at the bedside, with a photo, in at most eight fields."""

import io

import pytest
from live import Live
from PIL import Image
from playwright.sync_api import Page, expect
from steps import exposed, log_in, open_link, press, type_log_in

from conftest import Watched

pytestmark = pytest.mark.xdist_group("browser")

MOST_FIELDS = 8
# What a person fills in; a choice or the people together are one field. Photos are taken beside, and may be left out.
FIELDS = "main form .field:visible:not(#f-file)"


@pytest.fixture
def clerk(phone: Watched, live: Live) -> Page:
    """The phone of the clerk without a PC grant."""
    account = live.account("clerk", "射阳")
    page = phone.page()
    without = next(each for each in live.accounts() if each["role"] == "clerk" and each["channel"] == "mobile")
    assert without["unit_id"] == account["unit_id"]
    log_in(page, without, "mobile")
    return page


def _photo() -> bytes:
    """A photo that says where it was taken."""
    image, exif = Image.effect_mandelbrot((640, 480), (-2, -1, 1, 1), 60).convert("RGB"), Image.Exif()
    exif[0x010E], exif.get_ifd(0x8825)[1] = "bedside", "N"
    stream = io.BytesIO()
    image.save(stream, "JPEG", exif=exif)
    return stream.getvalue()


def _pick(page: Page, name: str) -> None:
    page.get_by_label("按姓名查找", exact=False).press_sequentially(name, delay=20)
    tick = page.locator("[data-people-found] label", has_text=name)
    tick.first.click()
    expect(page.locator("[data-people-list] input:checked")).to_have_count(1)


def test_a_visit_at_the_bedside(clerk: Page, live: Live) -> None:
    cadre = live.account("cadre", "射阳")
    open_link(clerk, "记走访慰问", "main")
    assert 3 <= clerk.locator(FIELDS).count() <= MOST_FIELDS
    assert "应在" in clerk.inner_text("#due-line") and "11-25" in clerk.inner_text("#due-line")
    _pick(clerk, cadre["name"])
    clerk.get_by_label("住院慰问").check()
    clerk.get_by_label("地点或医院").fill("射阳县人民医院 6 病区")
    clerk.get_by_label("看望人员").fill("乔晓涛")
    clerk.locator("input[name=file]").last.set_input_files(
        files=[{"name": "床边.jpg", "mimeType": "image/jpeg", "buffer": _photo()}])
    press(clerk, "录入", "body")
    main = clerk.inner_text("main")
    assert "已录入，按时" in main and cadre["name"] in main and "住院慰问" in main
    _check_photo(clerk)
    assert not exposed(clerk)
    clerk.goto("/m/records/visits")
    newest = clerk.locator("main a.row-item").first.inner_text()
    assert cadre["name"] in newest and "住院慰问" in newest and "射阳县人民医院" in newest and "按时" in newest


def _check_photo(page: Page) -> None:
    """It is there, drawn, and tells nothing of where it was taken."""
    source = str(page.locator("main img").first.get_attribute("src"))
    kept = page.request.get(source)
    assert kept.status == 200 and not Image.open(io.BytesIO(kept.body())).getexif()
    assert page.evaluate("[...document.querySelectorAll('main img')].every((each) => each.naturalWidth > 0)")


def test_a_day_long_ago_asks_for_a_reason(clerk: Page) -> None:
    open_link(clerk, "记走访慰问", "main")
    clerk.locator("input[name=ended_on]").fill("2026-10-09")
    line = clerk.locator("#due-line")
    expect(line).to_contain_text("已经逾期")
    expect(line.get_by_label("逾期原因")).to_be_visible()
    clerk.locator("input[name=ended_on]").fill("2026-09-24")
    expect(line).to_contain_text("10-09")  # over Mid-Autumn and National Day


def test_what_is_missing_is_said(clerk: Page) -> None:
    open_link(clerk, "记走访慰问", "main")
    clerk.get_by_label("地点或医院").fill("家中")
    press(clerk, "录入", "body")
    assert clerk.locator("#error-summary").is_visible()
    assert clerk.get_by_label("地点或医院").input_value() == "家中"
    assert clerk.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_pc_turns_him_away(desk: Watched, live: Live) -> None:
    without = next(each for each in live.accounts() if each["role"] == "clerk" and each["channel"] == "mobile")
    page = desk.page()
    type_log_in(page, without["phone"], without["password"], "desk")
    assert page.inner_text("h1") == "请换用手机端" and "电脑端" in page.inner_text("main")
    page.goto("/desk/records/visits")
    assert "/login" in page.url
