"""Brakes on guessing: failures counted per number and address, per number, per address and in all, in the database.

A stranger's failures make strangers wait. Somebody at a device on which the account has been opened before
(`permissions.devices`) is counted apart, so that nobody can lock a number's owner out, however long he tries.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from permissions.accounts import LoginThrottle
from tenants import keys
from tenants.db import db

FREE, FREE_PER_NUMBER, FREE_PER_ADDRESS = 5, 20, 1000
# Sixteen counts instead of one: failures of the whole province do not queue up at one row.
FREE_IN_ALL, SHARES = 20_000, 16
FIRST_WAIT, LONGEST_WAIT, FORGET = timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=24)
# Many people stand behind one address: it waits a minute at most and is forgotten in ten.
SHARED_WAIT, SHARED_FORGET = timedelta(minutes=1), timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Brake:
    """A count of failures: how many are free, how long the wait may grow, when the count begins afresh."""

    key: str
    free: int
    longest: timedelta
    forget: timedelta
    own: bool  # the number's own: a success takes it away


def brakes(number: str, stamp: str, address: str, device: str | None) -> list[Brake]:
    """What slows down somebody who tries this number from there.

    `stamp` changes with the password (empty for a number nobody has): a new one begins its counts afresh.
    `device` is set where the account was opened on it before; then nobody else's failures count.
    """
    ring = keys.ring()
    whose = f"{number}|{stamp}"
    if device is not None:
        return [Brake(ring.index(f"{whose}|{device}", "throttle.device"), FREE, LONGEST_WAIT, FORGET, own=True)]
    share = int(ring.index(number, "throttle.share")[:4], 16) % SHARES
    return sorted([
        Brake(ring.index(f"{whose}|{address}", "throttle.pair"), FREE, LONGEST_WAIT, FORGET, own=True),
        Brake(ring.index(whose, "throttle.phone"), FREE_PER_NUMBER, LONGEST_WAIT, FORGET, own=True),
        Brake(ring.index(address, "throttle.address"), FREE_PER_ADDRESS, SHARED_WAIT, SHARED_FORGET, own=False),
        Brake(ring.index(str(share), "throttle.all"), FREE_IN_ALL // SHARES, SHARED_WAIT, SHARED_FORGET, own=False),
    ], key=lambda each: each.key)


def seconds_left(wanted: Sequence[Brake], now: datetime, *, lock: bool = False) -> int:
    """How long somebody must still wait; 0 when he may try. With `lock` the counts stand still until the act ends."""
    statement = select(LoginThrottle.blocked_until).where(LoginThrottle.key.in_([each.key for each in wanted]))
    if lock:
        statement = statement.order_by(LoginThrottle.key).with_for_update()
    waits = [(until - now).total_seconds() for until in db.session.execute(statement).scalars() if until is not None]
    longest = max(waits, default=0.0)
    return int(longest) + 1 if longest > 0 else 0


def failed_lately(number: str, stamp: str, device: str | None, now: datetime) -> int:
    """How often somebody failed with this number since its owner last got in there, from wherever, within a day."""
    ring = keys.ring()
    whose = f"{number}|{stamp}"
    wanted = [ring.index(whose, "throttle.phone")]
    if device is not None:
        wanted.append(ring.index(f"{whose}|{device}", "throttle.device"))
    counts = db.session.execute(select(LoginThrottle.failures).where(
        LoginThrottle.key.in_(wanted), LoginThrottle.first_at >= now - FORGET)).scalars()
    return sum(counts)


def make_room(wanted: Iterable[Brake], now: datetime) -> None:
    """Let every count have its row, so that it can be locked: two who fail for the first time at once share one."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    rows = [{"key": each.key, "failures": 0, "first_at": now, "blocked_until": None} for each in wanted]
    db.session.execute(dialect.insert(LoginThrottle).values(rows).on_conflict_do_nothing())


def hold(number: str, now: datetime) -> None:
    """Let nobody else ask for a code for this number until the act ends."""
    key = keys.ring().index(number, "throttle.codes")
    make_room([Brake(key, FREE, LONGEST_WAIT, FORGET, own=False)], now)
    db.session.execute(select(LoginThrottle.key).where(LoginThrottle.key == key).with_for_update())


def count_failure(wanted: Sequence[Brake], now: datetime) -> None:
    """One failure more in each count; from its last free one on each doubles the wait. The rows are locked before."""
    by_key = {each.key: each for each in wanted}
    found = db.session.execute(select(LoginThrottle.key, LoginThrottle.failures, LoginThrottle.first_at,
                                      LoginThrottle.blocked_until).where(LoginThrottle.key.in_(by_key)))
    changed = []
    for key, failures, first_at, blocked_until in found.all():
        brake = by_key[key]
        if now - first_at > brake.forget:
            failures, first_at = 0, now
        failures += 1
        if failures >= brake.free:
            blocked_until = now + min(FIRST_WAIT * 2 ** min(failures - brake.free, 10), brake.longest)
        changed.append({"key": key, "failures": failures, "first_at": first_at, "blocked_until": blocked_until})
    # One statement whatever is blocked by it: the work must not tell one number from another.
    db.session.execute(update(LoginThrottle), changed)


def forgive(wanted: Sequence[Brake]) -> None:
    """A success starts the number's own counts afresh; what an address or the province has failed stays counted."""
    db.session.execute(delete(LoginThrottle).where(LoginThrottle.key.in_([each.key for each in wanted if each.own]))
                       .execution_options(synchronize_session=False))


def clear_away(now: datetime) -> None:
    """Drop counts that would begin afresh anyway."""
    db.session.execute(delete(LoginThrottle).where(LoginThrottle.first_at < now - FORGET)
                       .execution_options(synchronize_session=False))
