"""`docs/sweep.md` says what the sweep is; with YINLING_WRITE_DOCS=1 it is written anew."""

import os
from pathlib import Path

from sweep_page import page

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/sweep.md"


def test_the_page_is_current() -> None:
    if os.environ.get("YINLING_WRITE_DOCS") == "1":
        DOCUMENT.write_text(page(), encoding="utf-8")
    assert DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == page(), "see its first lines"
