"""What the machine must have: installed by apt for root, named in one command for anyone else."""

import importlib.util
import os
import shutil
import ssl
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from checkout import Refusal, run, say


class Need(NamedTuple):
    """A Debian package and the question whether what it brings is already there."""

    package: str
    present: Callable[[], bool]


def _has_venv() -> bool:
    # Debian ships the venv module without ensurepip, so ensurepip is what tells.
    importlib.invalidate_caches()
    return all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))


def _has_certificates() -> bool:
    paths = ssl.get_default_verify_paths()
    if os.environ.get(paths.openssl_cafile_env) or paths.cafile:
        return True
    return bool(paths.capath and any(Path(paths.capath).iterdir()))


def _has_chinese_font() -> bool:
    folders = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
    names = ("*CJK*", "*NotoSansSC*", "*NotoSansHans*", "*SourceHanSans*", "*wqy*")
    return any(next(folder.rglob(name), None) for folder in folders if folder.is_dir() for name in names)


def chromium() -> Path | None:
    """The Chromium or Chrome to test with, or None when there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return Path(found)
    return None


def postgres_folder() -> Path | None:
    """The folder with `initdb` and `postgres`, newest version first, or None."""
    numbered = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if numbered:
        return max(numbered, key=lambda path: float(path.parent.name))
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


def pooler() -> Path | None:
    """PgBouncer, or None; Debian keeps it where only root looks for programs."""
    found = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    return Path(found) if found else None


def _is_ubuntu() -> bool:
    release = Path("/etc/os-release")
    return release.is_file() and "ID=ubuntu" in release.read_text(encoding="utf-8").splitlines()


SERVING = (Need("python3-venv", _has_venv), Need("ca-certificates", _has_certificates))
TESTING = (
    Need("postgresql", lambda: postgres_folder() is not None),
    Need("pgbouncer", lambda: pooler() is not None),
    Need("chromium-browser" if _is_ubuntu() else "chromium", lambda: chromium() is not None),
    Need("fonts-noto-cjk", _has_chinese_font),
)


def provide(needs: Iterable[Need]) -> None:
    """See to it that everything needed is there.

    Raises Refusal, with the command to run, when something is missing and cannot be installed here.
    """
    if sys.version_info < (3, 11):
        raise Refusal(f"需要 Python 3.11 或更新的版本,这里是 {sys.version.split()[0]}。")
    missing = [need for need in needs if not need.present()]
    if not missing:
        return
    packages = [need.package for need in missing]
    if not shutil.which("apt-get"):
        raise Refusal(f"这台机器缺少:{' '.join(packages)}(Debian 的包名)。没有 apt-get,请用本系统的办法安装后重试。")
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if os.geteuid() != 0:
        raise Refusal(f"这台机器还缺几样东西,请先执行:\n  sudo apt-get update && sudo {' '.join(install)}")
    say(f"用 apt 安装:{' '.join(packages)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update"], failing="apt 更新软件目录失败", env=env)
    run(install, failing="apt 安装失败", env=env)
    if still := [need.package for need in missing if not need.present()]:
        raise Refusal(f"apt 装过之后仍然没有:{' '.join(still)}")
