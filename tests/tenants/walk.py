"""A random walk over a real tree and its model: open, move, close with a successor, and what must be refused."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask

from app.jobs import Job
from permissions import audit, transaction
from permissions.grants import Filing, Seat
from tenants import clock, provision
from tenants.db import db
from tenants.errors import Refusal
from tenants.models import Unit
from tenants.scope import Scope
from tree_model import KINDS, UNDER, TreeModel

WHOLE = Scope.everything("a test compares with the whole tree")
MOST_UNITS, DEEPEST = 60, 10


def twin_ids() -> Callable[[], str]:
    """Ids that are prefixes of one another and differ by case, `_` or `-` only: what a comparison of text mixes up."""
    longest = ["1_-1aA" * 4, "a_-1aA" * 4, "A_-1aA" * 4]
    made = iter([each[:length] for length in range(1, 23) for each in longest])
    return lambda: next(made)


class Walk:
    """One walk: the application's tree, the model beside it, one row of a unit-owned table per unit."""

    def __init__(self, app: Flask, seed: int) -> None:
        self.app, self.drawn, self.model = app, random.Random(seed), TreeModel()
        self.row_of: dict[str, str] = {}  # row id -> unit id
        self.refused = self.done = 0
        with self.act():
            self._opened(provision.found_province("省", "ROOT"), None)

    @contextmanager
    def act(self) -> Iterator[None]:
        """One committed act in a context of its own, as a request would be."""
        with self.app.app_context(), transaction.act("walk"):
            yield

    def unit(self, unit_id: str) -> Unit:
        """The unit as this transaction sees it."""
        return db.session.execute(WHOLE.select(Unit).where(Unit.id == unit_id)).scalar_one()

    def _opened(self, unit: Unit, parent: str | None) -> None:
        self.model.add(unit.id, parent, unit.kind, unit.number)
        job = Job(unit_id=unit.id, unit_number=unit.number, kind="walk", account_id=unit.id, channel="pc", params={},
                  created_at=clock.now())
        db.session.add(job)
        db.session.flush()
        self.row_of[job.id] = unit.id

    def step(self) -> str:
        """Do something; returns the id of the unit it was about."""
        room = MOST_UNITS - len(self.model.units)
        chance = self.drawn.random()
        if room > 0 and (len(self.model.units) < 12 or chance < 0.25):
            return self._open()
        if chance < 0.80:
            return self._move()
        return self._close() if len(self.model.open_units()) > 15 else self._move()

    def _open(self) -> str:
        parent = self.drawn.choice(self.model.open_units()[-10:])
        kind = self.drawn.choice(UNDER[self.model.kind[parent]] if self.drawn.random() < 0.9 else KINDS)
        fits = self.model.may_hold(parent, kind)
        if self.model.depth(parent) >= DEEPEST:
            return parent
        with self.expecting(fits), self.act():
            unit = provision.open_unit(self.unit(parent), kind=kind, name=f"单位{len(self.row_of)}",
                                       code=f"W{len(self.row_of):05d}-{self.refused}")
            self._opened(unit, parent)
        return parent

    def _move(self) -> str:
        units = self.model.open_units()
        unit, parent = self.drawn.choice(units), self.drawn.choice(units)
        good = [each for each in units if self.model.may_move(unit, each)]
        if good and self.drawn.random() < 0.85:
            parent = self.drawn.choice(good)
        below = max(self.model.depth(each) for each in self.model.below(unit)) - self.model.depth(unit)
        if self.model.depth(parent) + 1 + below > DEEPEST:
            return unit
        fits = self.model.may_move(unit, parent)
        with self.expecting(fits), self.act():
            provision.move_unit(self.unit(unit), self.unit(parent))
        if fits:
            self.model.parent[unit] = parent
        return unit

    def _close(self) -> str:
        units = self.model.open_units()
        unit, successor = self.drawn.sample(units, 2)
        children = [each for each in self.model.children(unit) if each not in self.model.closed]
        fits = self.model.parent[unit] is not None and successor not in self.model.below(unit) and all(
            self.model.may_hold(successor, self.model.kind[each]) for each in children)
        with self.expecting(fits), self.act():
            provision.close_unit(self.unit(unit), self.unit(successor), keep=(Filing, Seat, audit.AuditEntry))
        if fits:
            self.model.closed.add(unit)
            self.model.parent.update(dict.fromkeys(children, successor))
            self.row_of.update({row: successor for row, owner in self.row_of.items() if owner == unit})
            self.merged(unit, successor)
        return unit

    def merged(self, unit: str, successor: str) -> None:
        """For walks that keep more in step than the tree."""

    @contextmanager
    def expecting(self, fits: bool) -> Iterator[None]:
        """What the model allows is done; what it forbids is refused, and nothing of it stays."""
        try:
            yield
        except Refusal:
            if fits:
                raise
            self.refused += 1
        else:
            assert fits, "the product did what the model forbids"
            self.done += 1
