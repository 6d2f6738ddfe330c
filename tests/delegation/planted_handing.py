"""Planted faults in what becomes of rights: changed, left behind, taken along, moved by a change ordered ahead (K1)."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from planted import A, Fault, Plant, judged, nothing, put, unasked

import app.administration.merging as merging
import app.administration.transfers as transfers
import app.handover.gave as gave
import app.handover.posts as posts
import app.handover.seats as leaving
import app.plans.effect as effect
import app.plans.ordering as ordering
from permissions import giving
from tenants import clock
from tenants.db import db
from tenants.errors import NotFound


def _without(module: Any, name: str, **left_out: Any) -> Plant:
    """One module sees another of ours with something left out."""
    return put(module, name, SimpleNamespace(**(vars(getattr(module, name)) | left_out)))


def _anybody_calls_off(patch: pytest.MonkeyPatch) -> None:
    unasked(A.UNIT_UPDATE, A.UNIT_MOVE, A.UNIT_CLOSE)(patch)


def _tomorrow() -> Any:
    return clock.today() + timedelta(days=1)


def _edited(*, thawed: bool = False, unsigned: bool = False) -> Plant:
    """A right is changed as if it were in force, or under the name of whoever gave it first."""
    real = giving.change

    def change(held: Any, *told: Any) -> Any:
        before = held.given_by
        held.frozen_at = None if thawed else held.frozen_at
        real(held, *told)
        held.given_by = before if unsigned else held.given_by
        db.session.flush()
        return held

    return put(giving, "change", change)


HANDING = ("hand_over", "freeze")
REPLACING = ("replace_administrator",)
PLANNING = ("order_change", "next_day")
EDITING = ("change_right", "freeze")
MOVING = ("ask_out", "ask_in", "answer_transfer")
FAULTS = (
    Fault("a frozen right still counts", judged(lambda _right: {"frozen_at": None}), ("freeze", "write_record")),
    Fault("a right is given in a closed unit", put(giving, "require_open", nothing), ("give", "thaw", "close_unit")),
    Fault("who thaws a right does not answer for it", put(giving, "_regiven", nothing), ("freeze", "thaw")),
    Fault("what is handed over stays with the giver", _without(posts, "giving", take=nothing), HANDING),
    Fault("a post is handed to whoever is named", put(posts, "_check", nothing), HANDING),
    Fault("what a leaving administrator gave is nobody's", put(leaving, "settle", lambda *_told: gave.Settled()),
          REPLACING),
    Fault("what should be frozen is left in force", put(gave, "_frozen", lambda _given: False), REPLACING),
    Fault("an heir answers for what he could not give", _without(giving, "needs", may_hand_out=lambda *_told: True),
          (*REPLACING, "give")),
    Fault("the one before keeps his seat", _without(leaving, "seats", remove=nothing), REPLACING),
    Fault("a merge is asked for at one end only", put(merging, "require_merge", nothing), ("merge_units",)),
    Fault("a change takes effect a day early", put(effect, "clock", SimpleNamespace(today=_tomorrow, now=clock.now)),
          PLANNING),
    Fault("an order is never carried out", put(effect, "_due", list), PLANNING),
    Fault("the same is ordered twice", put(ordering, "_same_as", nothing), ("order_change",)),
    Fault("anybody calls an order off", _anybody_calls_off, ("order_change", "cancel_change")),
    Fault("a frozen right is changed", _edited(thawed=True), EDITING),
    Fault("who changes a right does not answer for it", _edited(unsigned=True), EDITING),
    Fault("rights go along to another unit", _without(transfers, "closing", lose_rights=nothing), MOVING),
    Fault("sessions outlive a transfer", _without(transfers, "sessions", revoke_all=nothing), MOVING),
    Fault("the PC stays open after a transfer", _without(transfers, "giving", set_ends=nothing), MOVING),
    Fault("who asks for somebody fetches him", put(transfers, "require_over", transfers.unit_of), MOVING),
    Fault("who asks for nobody is told so", put(transfers, "Forbidden", NotFound), MOVING),
    Fault("a transfer is found anywhere", put(transfers, "_open_to_me", lambda *_told: (True, True)), MOVING),
    Fault("administrators change their unit with their seat", put(transfers, "_check", nothing), MOVING),
)
