"""A later module brings its own kind of obligation: a source and a kind, and no other file is edited."""

from typing import Any

import pytest
from sqlalchemy import Date, literal, select

import rows
from app.deadlines.rules import Within
from app.obligations import scheduler, sources
from app.obligations.sources import Source
from app.opinions.model import Opinion
from app.timing import kinds
from app.timing.kinds import Kind
from permissions import transaction
from permissions.accounts import Account
from tenants import clock, tree
from tenants.db import db
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test looks at everything")
KEY = "opinion_kept"


def _owed(_today: Any) -> Any:
    return select(literal(KEY).label("kind"), Opinion.id.label("subject_id"), Opinion.unit_id, Opinion.unit_number,
                  Opinion.created_at.label("born_at"), literal(None, Date).label("started_on"),
                  literal(None, Date).label("due_on"))


@pytest.fixture
def brought(monkeypatch: pytest.MonkeyPatch) -> None:
    """The source and the kind, for this test alone."""
    monkeypatch.setattr(sources, "_sources", dict(sources._sources))
    monkeypatch.setattr(kinds, "_answers", dict(kinds._answers))
    sources.add(Source("opinions kept", lambda: (KEY,), _owed, lambda _row: None))
    kinds.add(Kind(KEY, "意见回访", "回访", "提出之日", (Within(3, after="created_on", reminders=(-1,)),)))


@pytest.mark.usefixtures("brought")
def test_a_new_kind_is_reminded_of_by_its_own_rule(world: World) -> None:
    with world.app.app_context(), transaction.act("tests"):
        cadre = db.session.execute(ALL.select(Account).where(Account.id == world.accounts["cadre"])).scalar_one()
        db.session.add(Opinion(account_id=cadre.id, cadre_id=cadre.cadre_id, text="好", created_at=clock.now(),
                               unit_id=cadre.unit_id, unit_number=cadre.unit_number))
        transaction.audit.record("tests:opinion", "unit", None, tree.unit_by_id(world.units["射阳"], ALL))
    for day in (11, 12, 15, 16):  # the weekend is not worked
        clock.configure(f"2026-06-{day}T09:00:00+08:00")
        with world.app.app_context():
            scheduler.look()
    taken = rows.ask(world.app, "SELECT step, day FROM obligation_steps ORDER BY day")
    assert [(step, str(day)[:10]) for step, day in taken] == [("remind-1", "2026-06-12"), ("tell0", "2026-06-16")]
    told = rows.ask(world.app, "SELECT DISTINCT account_id FROM notices")
    assert told == [(world.accounts["射阳 administrator"],)]


def test_two_sources_of_one_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="two sources"):
        sources.add(Source("other filings", lambda: (kinds.FILING,), _owed, lambda _row: None))
    with pytest.raises(ValueError, match="two kinds"):
        kinds.add(Kind(kinds.FILING, "x", "x", "x", ()))
