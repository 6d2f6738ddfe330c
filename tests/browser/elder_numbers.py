"""长辈版 in numbers (工信厅信管函〔2021〕67号): a page is measured as the browser shows it, and its faults are named.

Type at least the step (18 or 30 px), lines at least 1.3, main targets 60 × 60 and others 44 × 44, contrast 4.5 : 1,
nothing to scroll sideways, nothing that pops up or floats, a label on every input. Nothing but the page is asked.
"""

from pathlib import Path

from playwright.sync_api import Page

STEPS = (18, 30)
LINE, MAIN, OTHER, CONTRAST = 1.3, 60, 44, 4.5
WORTH_READING = 40

MEASURE = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def faults(page: Page, step: int) -> list[str]:
    """What on the page as it stands misses a number of 长辈版 at this type size (18 or 30); empty when nothing does."""
    assert step in STEPS
    found: list[str] = page.evaluate(
        MEASURE, {"step": step, "line": LINE, "main": MAIN, "other": OTHER, "contrast": CONTRAST})
    return found[:WORTH_READING]


def check(page: Page, step: int) -> None:
    """Fail with the faults by name."""
    found = faults(page, step)
    assert not found, f"{page.url} at {step} px:\n" + "\n".join(found)
