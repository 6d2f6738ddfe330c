"""Planted faults in what becomes of rights when people leave, and in changes ordered ahead (K1)."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from planted import A, Fault, Plant, judged, nothing, put, unasked

import app.administration.merging as merging
import app.handover.gave as gave
import app.handover.posts as posts
import app.handover.seats as leaving
import app.plans.effect as effect
from permissions import giving
from tenants import clock


def _without(module: Any, name: str, **left_out: Any) -> Plant:
    """One module sees another of ours with something left out."""
    return put(module, name, SimpleNamespace(**(vars(getattr(module, name)) | left_out)))


def _anybody_calls_off(patch: pytest.MonkeyPatch) -> None:
    unasked(A.UNIT_UPDATE, A.UNIT_MOVE, A.UNIT_CLOSE)(patch)


def _tomorrow() -> Any:
    return clock.today() + timedelta(days=1)


HANDING = ("hand_over", "freeze")
REPLACING = ("replace_administrator",)
PLANNING = ("order_change", "next_day")
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
    Fault("anybody calls an order off", _anybody_calls_off, ("order_change", "cancel_change")),
)
