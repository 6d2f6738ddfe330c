"""One line that says how far a load is: rows, percent, how long it will still take."""

import sys
import time

from checkout import elapsed, say

EVERY, SELDOM = 0.5, 10.0


class Progress:
    """Counts towards a known total; on a terminal the line is rewritten, in a file it comes every ten seconds."""

    def __init__(self, what: str, total: int) -> None:
        self.what, self.total, self.made = what, max(1, total), 0
        self.began = time.monotonic()
        self.told = 0.0
        self.here = sys.stdout.isatty()

    def add(self, count: int) -> None:
        """So many more are done."""
        self.made += count
        now = time.monotonic()
        if now - self.told >= (EVERY if self.here else SELDOM) and now - self.began > EVERY:
            self.told = now
            rest = (now - self.began) * (self.total - self.made) / max(1, self.made)
            share = f"{self.made:,} / {self.total:,}({self.made / self.total:.0%})"
            line = f"[{elapsed():6.1f} 秒] {self.what} {share},约剩 {rest:.0f} 秒"
            print(f"\r{line}\033[K" if self.here else line, end="" if self.here else "\n", flush=True)

    def end(self) -> None:
        """Everything is done."""
        if self.here:
            print("\r\033[K", end="")
        say(f"{self.what} {self.made:,}")
