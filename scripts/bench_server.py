"""What the measuring commands share: the database's settings, the libraries compared with, the path to import from."""

import os

import environment
from checkout import ROOT, say

LOCK = "requirements-bench.lock"
COMPARISONS = ROOT / "build" / "comparisons"
# What a database host of a province would have set, scaled to a machine that does everything at once.
SETTINGS = {
    "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "2GB",
    "effective_cache_size": "8GB", "work_mem": "32MB", "maintenance_work_mem": "512MB", "max_wal_size": "8GB",
    "checkpoint_timeout": "30min", "random_page_cost": "1.1", "wal_compression": "on",
}


def provide_comparisons() -> None:
    """Install what the product is compared with into a folder of its own; the product's environment stays clean."""
    wanted, record = environment.digest(ROOT / LOCK), COMPARISONS / "installed"
    if record.exists() and record.read_text(encoding="utf-8") == wanted:
        return
    say(f"按 {LOCK} 安装对照用的库")
    environment.install(ROOT / LOCK, "--no-deps", "--upgrade", "--target", str(COMPARISONS))
    record.write_text(wanted, encoding="utf-8")


def path() -> str:
    """PYTHONPATH of a measuring process."""
    return os.pathsep.join(str(each) for each in (ROOT, ROOT / "scripts", COMPARISONS))
