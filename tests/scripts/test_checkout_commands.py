"""The commands of scripts/: each explains itself, ends with its children, and takes no unchecked file."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import front_end
from checkout import ROOT, Refusal
from vendor_list import Vendored

COMMANDS = ("assets", "bench", "load", "lock", "postgres_for_tests.py", "scale_data", "server", "test", "trial_scale",
            "trial_failover")
LOCKS = sorted(ROOT.glob("requirements*.lock"))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / name, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.search("[一-鿿]", done.stdout)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_locks_pin_and_hash_everything_and_name_no_place(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    entries = re.findall(r"^[a-z][^\n]*", text, re.MULTILINE)
    assert entries
    assert all(re.match(r"[a-z0-9._-]+==\S+", entry) and entry.endswith("\\") for entry in entries)
    assert not re.search(r"index-url|find-links|file:|https?:", text)


def test_the_development_lock_has_every_version_of_the_runtime_lock() -> None:
    pins = [
        set(re.findall(r"^[a-z][^\s]*==[^\s]+", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    ]
    assert pins[0] <= pins[1]


@pytest.mark.parametrize("folder", [".", "scripts/scale"])
def test_the_npm_lock_has_sums_and_names_no_host(folder: str) -> None:
    packages = json.loads((ROOT / folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    packages.pop("")
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert not any("resolved" in package for package in packages.values())


@pytest.mark.parametrize(
    "sheet",
    ["@import 'https://x.example/a.css';", "@font-face{src:url(//x.example/f)}", 'a{b:url( "http://x.example/i.png")}'],
)
def test_a_style_sheet_that_points_outside_is_refused(sheet: str, tmp_path: Path) -> None:
    (tmp_path / "modules" / "p").mkdir(parents=True)
    (tmp_path / "modules" / "p" / "a.css").write_text(sheet, encoding="utf-8")
    with pytest.raises(Refusal, match="外部"):
        front_end._fill(tmp_path / "to", (Vendored("p", "p", ("a.css",), ()),), tmp_path / "modules")
    assert not (tmp_path / "to" / front_end.MANIFEST).exists()


def test_a_listed_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"vendor_list\.py"):
        front_end._fill(tmp_path / "to", (Vendored("p", "p", ("a.js",), ()),), tmp_path / "modules")


PARENT = """
import signal, sys
from children import Children, Stop, listen
listen()
children = Children()
patient = "import signal; print('up', flush=True); signal.pause()"
try:
    children.start("short", [sys.executable, "-c", sys.argv[1]], env={}, ends_on=signal.SIGTERM)
    children.start("long", [sys.executable, "-c", patient], env={}, ends_on=signal.SIGINT)
    print(children.watch(), flush=True)
except Stop:
    print("stopped", flush=True)
finally:
    children.stop()
    print(children.dead() is not None, flush=True)
"""


def _parent(child: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    return subprocess.Popen([sys.executable, "-c", PARENT, child], stdout=subprocess.PIPE, text=True, env=env)


def test_the_first_child_to_die_is_named_and_ends_the_others() -> None:
    out, _ = _parent("raise SystemExit(7)").communicate(timeout=300)
    assert "short已退出(退出码 7)" in out
    assert out.splitlines()[-1] == "True"


def test_a_request_to_end_reaches_the_children() -> None:
    parent = _parent("import signal; signal.pause()")
    assert parent.stdout is not None
    assert parent.stdout.readline() == "up\n"
    parent.send_signal(signal.SIGTERM)
    out, _ = parent.communicate(timeout=300)
    assert out.splitlines() == ["stopped", "True"]
    assert parent.returncode == 0
