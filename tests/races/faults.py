"""Faults planted into the processes of a race, to see that the race tests notice."""

from typing import Any

from app.administration import seats, units
from permissions import identity, sessions
from permissions.accounts import Account
from permissions.grants import Seat
from tenants import clock, provision, tree
from tenants.db import begin_write, db
from tenants.errors import Conflict
from tenants.models import Unit

_undo: list[tuple[Any, str, Any]] = []


def _plant(owner: Any, name: str, value: Any) -> None:
    _undo.append((owner, name, getattr(owner, name)))
    setattr(owner, name, value)


def undo() -> None:
    """Take every planted fault out again."""
    while _undo:
        setattr(*_undo.pop())


def count_then_insert() -> None:
    """The seats are counted before the write begins, and nothing is locked (M1, M2)."""

    def seat_in(unit: Unit, account: Account, *, by: Account | None) -> Seat:
        taken = len(seats.listing(unit))
        if taken >= 2:
            raise Conflict(seats.FULL, code="seats_full")
        begin_write()
        seat = Seat(unit_id=unit.id, unit_number=unit.number, account_id=account.id, seat=taken + 1,
                    since=clock.now())
        db.session.add(seat)
        db.session.flush()
        return seat

    _plant(seats, "seat_in", seat_in)


def carry_seats_along() -> None:
    """Whoever sat in a merged unit sits in its successor, in the same seat."""
    real = units.provision.close_unit

    def close_unit(unit: Unit, successor: Unit | None, **how: Any) -> Unit:
        sitting = [account for _seat, account in seats.listing(unit)]
        closed = real(unit, successor, **how)
        for account in sitting if successor is not None else ():
            db.session.add(Seat(unit_id=successor.id, unit_number=successor.number, account_id=account.id, seat=1,
                                since=clock.now()))
        db.session.flush()
        return closed

    _plant(units.provision, "close_unit", close_unit)


def no_tree_lock() -> None:
    """Moves do not queue."""
    _plant(provision, "touch", lambda: None)


def forget_versions() -> None:
    """Every process keeps the ranges it once measured."""
    _plant(tree, "version", lambda: 1)


def keep_by_token() -> None:
    """Every process keeps what it once read of a session."""
    real, known = sessions.of_session, {}

    def of_session(token_hash: str, today: Any) -> Any:
        if token_hash not in known:
            known[token_hash] = real(token_hash, today)
        return known[token_hash]

    _plant(sessions, "of_session", of_session)


def _leave_out(first: int, last: int) -> None:
    """What is kept is found again without looking at some of the columns."""
    real = identity._principal
    known: dict[Any, Any] = {}

    def principal(rows: Any, channel: Any, today: Any) -> Any:
        key = (today, channel, *(row[:first] + row[last:] for row in rows))
        if key not in known:
            known[key] = real(rows, channel, today)
        return known[key]

    _plant(identity, "_principal", principal)


def forget_the_account() -> None:
    """The account's own columns are not part of the key."""
    _leave_out(1, identity._DEVICE_FROM)


def forget_the_unit() -> None:
    """The unit's columns are not part of the key."""
    _leave_out(identity._PLACE_FROM, identity._RIGHT_FROM)
