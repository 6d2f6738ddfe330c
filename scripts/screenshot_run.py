"""Serves a demonstration whose clock stands still, walks to every page, and writes small pictures and their index."""

import argparse
import io
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import live as serving
from live import Live
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

import screenshot_pages as pages
from checkout import ROOT, say
from screenshot_steps import Shot, Step, choose_size, log_in

FOLDER = ROOT / "docs" / "screenshots"
NOW = "2026-11-18T10:00:00+08:00"
PHONE = "Mozilla/5.0 (Linux; Android 12; HarmonyOS) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36"
MOST, MOST_ALTOGETHER = 120_000, 10_000_000
COLOURS = (64, 48, 32, 24, 16)
PATIENCE = 15_000
TALLEST = {"desk": 1500, "phone": 1500}
# Whole numbers of people are not for pictures; and a browser without Chinese draws dates and file fields in English.
PLAIN = r"""
() => {
  const hide = (text) => text.replace(/(?<!\d)\d{17}[\dXx](?!\d)/g, '320999********0017')
                             .replace(/(?<!\d)1[3-9]\d{9}(?!\d)/g, '199****0000');
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (hide(node.textContent) !== node.textContent) { node.textContent = hide(node.textContent); }
  }
  document.querySelectorAll('input:not([type=hidden]), textarea').forEach((each) => {
    if (each.type === 'date') {
      const day = each.value.replaceAll('-', '/');
      each.type = 'text'; each.value = day || '年/月/日';
    } else if (each.type === 'file' && !each.classList.contains('visually-hidden')) {
      each.type = 'text'; each.value = '选择文件　未选择任何文件';
    } else if (!['checkbox', 'radio', 'file', 'password'].includes(each.type) && hide(each.value) !== each.value) {
      each.value = hide(each.value);
    }
  });
  if (document.activeElement) { document.activeElement.blur(); }
}
"""


@dataclass(frozen=True)
class Part:
    """Pictures taken by one visitor: the heading of the index, the role in words, how to enter, the shots."""

    heading: str
    role: str
    end: str
    enter: tuple[Step, ...]
    shots: tuple[Shot, ...]


def parts() -> Iterator[Part]:
    """All of them, in the order of the index."""
    county = "射阳县委"
    yield Part("门口", "未登录", "desk", (), pages.DOORS)
    yield Part("电脑端：督查", "省级督查人员", "desk", (log_in("auditor", "江苏"),), pages.AUDITOR)
    yield Part("电脑端：管理", "射阳系统管理员", "desk", (log_in("administrator", county),), pages.ADMINISTRATOR)
    yield Part("电脑端：全省", "省级系统管理员", "desk", (log_in("administrator", "江苏"),), pages.PROVINCE)
    yield Part("电脑端：经办", "射阳经办人", "desk", (log_in("clerk", county),), pages.CLERK)
    yield Part("电脑端：负责人", "射阳负责人", "desk", (log_in("chief", county),), pages.CHIEF)
    yield Part("电脑端：第一次登录", "射阳经办人", "desk", (), pages.FIRST_DESK)
    yield Part("电脑端：手机验证器", "镇系统管理员", "desk", (log_in("administrator", "镇"),), pages.FACTOR)
    yield Part("电脑端：再确认一次", "射阳系统管理员", "desk", (log_in("administrator", county),), pages.PROVE)
    clerk = log_in("clerk", county, end="mobile", channel="mobile")
    yield Part("手机端：工作人员", "射阳经办人（没有电脑端权限）", "phone", (clerk,), pages.PHONE)
    yield Part("手机端：负责人", "射阳负责人", "phone", (log_in("chief", county, end="mobile"),), pages.PHONE_CHIEF)
    yield Part("手机端：长辈版，第一次登录", "老同志", "phone", (), pages.FIRST_PHONE)
    for size, name in (("18", "大字"), ("30", "特大字")):
        yield Part(f"手机端：长辈版，{name}，登录", "老同志", "phone", (), pages.elder_door(size))
        enter = (choose_size(size), log_in("cadre", county, end="mobile"))
        yield Part(f"手机端：长辈版，{name}", "老同志", "phone", enter, pages.elder(size))


def context_of(browser: Browser, live: Live, end: str) -> BrowserContext:
    """A PC of 1366 × 768 or a phone of 360 × 740."""
    shared = {"base_url": live.url, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", "reduced_motion": "reduce"}
    if end == "desk":
        return browser.new_context(**shared, viewport={"width": 1366, "height": 768})
    return browser.new_context(**shared, viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True,
                               device_scale_factor=1.5, user_agent=PHONE)


def picture(page: Page, end: str) -> bytes:
    """The page from its top to its end or to the tallest a picture may be, in as few colours as keep it small."""
    usual = page.viewport_size or {"width": 1366, "height": 768}
    page.evaluate(PLAIN)
    whole = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": usual["width"], "height": min(max(usual["height"], whole), TALLEST[end])})
    image = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    page.set_viewport_size(usual)
    for colours in COLOURS:
        stream = io.BytesIO()
        # Without k-means the few pixels of a badge or an icon would take the colour of their neighbours.
        image.quantize(colours, kmeans=2, dither=Image.Dither.NONE).save(stream, "PNG", optimize=True)
        if stream.tell() <= MOST:
            break
    return stream.getvalue()


def take(part: Part, live: Live, browser: Browser, only: Sequence[str]) -> Iterator[tuple[Shot, str]]:
    """Take the pictures of a part; yields each with the address it was taken at."""
    wanted = [each for each in part.shots if not only or each.name in only]
    if not wanted:
        return
    context = context_of(browser, live, part.end)
    for step in part.enter:
        step(page := context.new_page(), live)
        page.close()
    for each in wanted:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        try:
            for step in each.steps:
                step(page, live)
        except Error as error:
            say(f"{each.name}  没有拍成：{error.message.splitlines()[0]}  {page.url}")
            (FOLDER / f"{each.name}.png").unlink(missing_ok=True)
            page.close()
            continue
        address = re.sub(r"(?<=[/=])[\w-]{22}(?=[/?&]|$)", "…", page.url.removeprefix(live.url))
        data = picture(page, part.end)
        (FOLDER / f"{each.name}.png").write_bytes(data)
        say(f"{each.name}  {len(data) // 1000} kB  {address}")
        page.close()
        yield each, address
    context.close()


def index(taken: Sequence[tuple[Part, Sequence[tuple[Shot, str]]]]) -> str:
    """The README of the folder."""
    lines = ["# 画面", "", "由 `scripts/screenshots` 从演示数据拍成，时间固定在 2026 年 11 月 18 日；"
             "人物全是虚构的，号码已遮去。", ""]
    for part, shots in taken:
        lines += [f"## {part.heading}", "", "| 画面 | 地址 | 谁 |", "|---|---|---|"]
        lines += [f"| [{each.title}]({each.name}.png) | `{address.replace('|', '')}` | {part.role} |"
                  for each, address in shots]
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    """Take the pictures named, or all and the index: 0 when they are small enough."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        live = serving.start(Path(folder) / "instance", demo="--small" if options.small else "", now=NOW)
        say(f"演示实例已就绪 {live.url}")
        browser = playwright.chromium.launch(executable_path=os.environ["YINLING_TEST_CHROMIUM"],
                                             args=["--no-sandbox", "--disable-gpu"])
        try:
            taken = [(part, list(take(part, live, browser, options.names))) for part in parts()]
        finally:
            browser.close()
            live.stop()
    missing = [each.name for part, shots in taken for each in part.shots
               if (not options.names or each.name in options.names) and each not in dict(shots)]
    if not options.names:
        (FOLDER / "README.md").write_text(index(taken), encoding="utf-8")
    sizes = [each.stat().st_size for each in FOLDER.glob("*.png")]
    say(f"{len(sizes)} 张，共 {sum(sizes) / 1e6:.1f} MB，最大 {max(sizes) // 1000} kB")
    return int(bool(missing) or max(sizes) > MOST or sum(sizes) > MOST_ALTOGETHER)


if __name__ == "__main__":
    sys.exit(main())
