"""Passwords: a system-made single-use one to begin with, argon2id from the first change on (第九条, 第十二条)."""

import hmac
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from permissions import hashing, weak_words
from permissions.accounts import Account
from tenants import clock, keys
from tenants.errors import Invalid

INITIAL_DIGITS = 16  # 53 bits; read from an SMS and typed once by an 80-year-old, hence digits in fours
INITIAL_LIFE = timedelta(hours=72)
STAFF_SHORTEST, CADRE_SHORTEST, LONGEST = 10, 8, 128
_INITIAL = "initial$"
_RUNS = "01234567890123456789 98765432109876543210 abcdefghijklmnopqrstuvwxyz qwertyuiopasdfghjklzxcvbnm"


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    # One lane: the same work and memory for whoever guesses, but one log-in never takes several cores from others.
    return PasswordHasher(parallelism=1)


@dataclass(frozen=True, slots=True)
class Stored:
    """Of an account what checking a password needs, so that its row and its transaction can be let go first."""

    id: str
    password_hash: str


def stored(account: Account | None) -> Stored | None:
    """What is stored of an account's password; None of nobody."""
    return Stored(account.id, account.password_hash) if account is not None else None


@lru_cache(maxsize=1)
def _decoy() -> str:
    return _hasher().hash(secrets.token_hex(16))


def make_initial() -> str:
    """A single-use password of 53 bits from the system's generator."""
    return f"{secrets.randbelow(10**INITIAL_DIGITS):0{INITIAL_DIGITS}d}"


def _initial_hash(account_id: str, password: str) -> str:
    # >= 50 random bits make a keyed fast hash enough, and a batch of ten thousand accounts possible.
    return _INITIAL + keys.ring().index(f"{account_id}:{password}", "accounts.initial_password")


def initial(account_id: str, now: datetime) -> tuple[str, dict[str, Any]]:
    """A new single-use password for the outbox, and what an account's columns become by it."""
    password = make_initial()
    return password, {"password_hash": _initial_hash(account_id, password), "must_change_password": True,
                      "initial_until": now + INITIAL_LIFE, "initial_used_at": None, "password_set_at": None}


def set_initial(account: Account, now: datetime) -> str:
    """Give an account a new single-use password and return it for the outbox; the old one dies."""
    password, given = initial(account.id, now)
    for name, value in given.items():
        setattr(account, name, value)
    return password


def _tidy(typed: str) -> str:
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed))


def matches(account: Account | Stored | None, typed: str) -> bool:
    """Whether the typed password is the account's. Costs one argon2 check whatever the answer (C8). Raises Busy."""
    if account is None or account.password_hash.startswith(_INITIAL):
        _argon(_decoy(), typed)
        if account is None:
            return False
        return hmac.compare_digest(account.password_hash, _initial_hash(account.id, _tidy(typed)))
    return _argon(account.password_hash, typed)


def _argon(stored: str, typed: str) -> bool:
    try:
        return hashing.in_turn(lambda: _hasher().verify(stored, typed))
    except (Argon2Error, InvalidHashError):
        return False


def initial_is_usable(account: Account, now: datetime) -> bool:
    """A single-use password opens one session, within its life."""
    return account.initial_used_at is None and account.initial_until is not None and now <= account.initial_until


def is_initial(account: Account) -> bool:
    """Whether the account still has the system-made password."""
    return account.password_hash.startswith(_INITIAL)


def set_own(account: Account, new: str, phone: str) -> None:
    """Store the person's own password; raises Invalid naming what is wrong with it."""
    known = weak_words.personal(phone=phone, name=account.name)
    put_own(account, accepted(stored(account), new, kind=account.kind, personal=tuple(known)))


def accepted(before: Stored | None, new: str, *, kind: str, personal: tuple[str, ...],
             places: tuple[str, ...] = (), past: Sequence[str] = ()) -> str:
    """The hash of a new password; `past` are hashes of earlier ones. Slow; raises Invalid, or Busy."""
    faults = weaknesses(new, kind=kind, personal=personal, places=places)
    if matches(before, new):
        faults.append("新密码不能与原密码相同。")
    elif not faults and any(_argon(each, new) for each in past):
        faults.append(f"最近 {len(past)} 次用过的密码不能再用，请换一个新的。")
    if faults:
        raise Invalid(fields={"new": faults})
    return hashed(new)


def put_own(account: Account, password_hash: str) -> None:
    """Give the account a password of its own that was accepted."""
    account.password_hash = password_hash
    account.must_change_password = False
    account.initial_until = None
    account.password_set_at = clock.now()


def hashed(password: str) -> str:
    """What is stored of a person's own password."""
    return hashing.in_turn(lambda: _hasher().hash(password))


def weaknesses(password: str, *, kind: str, personal: tuple[str, ...] = (),
               places: tuple[str, ...] = ()) -> list[str]:
    """What is wrong with a password, in Chinese; an empty list when nothing is."""
    shortest = STAFF_SHORTEST if kind == "staff" else CADRE_SHORTEST
    lowered = password.lower()
    faults = []
    if len(password) < shortest:
        faults.append(f"密码至少要 {shortest} 位。")
    if len(password) > LONGEST:
        faults.append(f"密码不能超过 {LONGEST} 位。")
    if any(unicodedata.category(each) == "Cc" or "\ud800" <= each <= "\udfff" for each in password):
        faults.append("密码里有不能使用的字符。")
    if len(set(lowered)) < 4 or weak_words.is_common(password) or lowered in _RUNS or re.fullmatch(
            r"(.{1,4})\1+", lowered):
        faults.append("密码太简单，请避免连续或重复的数字、字母。")
    if any(part and part.lower() in lowered for part in personal):
        faults.append("密码里不要包含自己的手机号码、姓名（拼音也不行）或出生年份。")
    if weak_words.mostly(password, places):
        faults.append("密码不能只是单位的地名加几个数字，请再加一些别的字母、数字。")
    if kind == "staff" and (password.isdigit() or password.isalpha()):
        faults.append("密码要同时有字母和数字。")
    return faults
