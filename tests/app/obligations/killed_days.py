"""The simulated life once more, with workers and web processes that are killed in the middle of what they do."""

import random
from datetime import date

from days import Days

import factories
from app import outbox
from app.obligations import scheduler
from killed import Doomed
from world import World

POINTS = 1, 40  # about as often as a look that finds something touches the database, its messages included


def one_worker() -> None:
    """What a worker does when something has come."""
    scheduler.look()
    outbox.drain(office=scheduler.in_office_hours())


class KilledDays(Days):
    """Of the looks that find something a share is begun by two workers at once that die; so do writers of pages."""

    def __init__(self, world: World, seed: int, first: date, *, often: float = 0.5, busy: float = 0.06,
                 points: tuple[int, int] = POINTS, workers: int = 2) -> None:
        super().__init__(world, seed, first, busy=busy)
        self.often, self.points, self.fate = often, points, random.Random(seed + 1)
        self.workers, self.workers_killed, self.writers_killed = workers, 0, 0

    def _work(self, *, did: bool) -> None:
        killed = 0
        if did and self.fate.random() < self.often:
            begun = [Doomed(self.world.app, one_worker, self.fate.randint(*self.points))
                     for _each in range(self.workers)]
            killed = sum(each.end().killed for each in begun)
        super()._work(did=did or bool(killed))
        self.left = self.left or killed > 0
        self.workers_killed += killed

    def _happens(self) -> None:
        """Something that is committed counts, although whoever wrote it was killed before he could say so."""
        if self.fate.random() >= self.often:
            return super()._happens()
        fate = Doomed(self.world.app, super()._happens, self.fate.randint(1, 16), self._state).end()
        self.writers_killed += fate.killed
        if fate.committed is not None:
            self.model, self.known, state, factories._numbers = fate.committed
            self.chance.setstate(state)
        return None

    def _state(self) -> object:
        return self.model, self.known, self.chance.getstate(), factories._numbers
