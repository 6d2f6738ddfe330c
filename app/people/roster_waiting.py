"""Good rows of a roster that wait for their turn to be written, packed small.

While people are at work a roster of 50,000 is written for minutes. Its rows as live objects would keep a hundred
megabytes for as long, and whatever else the worker allocates meanwhile would lie strewn among them and hold their pages
after the end.
"""

import json
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice

from app.people.roster_rows import Entry

TOGETHER = 50


class Waiting:
    """Entries without complaints, in their order, each given out once."""

    def __init__(self) -> None:
        self.count = 0  # of all that were added, also those given out
        self._packs = deque[bytes]()
        self._next = self._unpacked()
        self._taken = False

    def add(self, entries: Sequence[Entry]) -> None:
        """Pack more of them, before the first is taken; the caller lets go of its own. RuntimeError afterwards."""
        if self._taken:
            raise RuntimeError("rows are being taken already: those added now might never be")
        self.count += len(entries)
        self._packs += (_packed(entries[first:first + TOGETHER]) for first in range(0, len(entries), TOGETHER))

    def take(self, most: int) -> list[Entry]:
        """The next ones, at most so many; none when all have been given out."""
        self._taken = True
        return list(islice(self._next, most))

    def _unpacked(self) -> Iterator[Entry]:
        while self._packs:
            yield from (Entry(**each) for each in json.loads(zlib.decompress(self._packs.popleft())))


def _packed(entries: Sequence[Entry]) -> bytes:
    return zlib.compress(json.dumps([vars(each) for each in entries]).encode(), 1)
