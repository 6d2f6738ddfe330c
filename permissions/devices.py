"""Devices on which an account has been opened before: a random name and a keyed mark per account, kept by the device.

Nothing of it is stored here and it opens nothing: whoever brings it is only counted apart when he fails
(`permissions.slowing`). A mark names the account, not the number, so a recycled number inherits none.
"""

import hmac
import re
import secrets

from tenants import keys

MOST_ACCOUNTS = 5
LONGEST = 400
_WRITTEN = re.compile(r"[A-Za-z0-9_-]{22}(\.[0-9a-f]{32}){1,5}")


def _mark(name: str, account_id: str) -> str:
    return keys.ring().index(f"{account_id}|{name}", "device")[:32]


def known(kept: str, account_id: str | None) -> str | None:
    """The device's name when this account was opened on it before. As much work for a number nobody has."""
    written = kept if len(kept) <= LONGEST and _WRITTEN.fullmatch(kept) else "." + "0" * 32
    name, *marks = written.split(".")
    wanted = _mark(name, account_id or "")
    return name if any(hmac.compare_digest(wanted, each) for each in marks) and account_id else None


def remember(kept: str, account_id: str) -> str:
    """What the device keeps from now on: this account first, the four before it after."""
    name, *marks = kept.split(".") if len(kept) <= LONGEST and _WRITTEN.fullmatch(kept) else [secrets.token_urlsafe(16)]
    mine = _mark(name, account_id)
    return ".".join([name, mine, *[each for each in marks if each != mine][:MOST_ACCOUNTS - 1]])
