"""Passwords of the accounts that visitors try, and the file in the instance folder that tells them."""

import json
import os
import secrets
import string
from pathlib import Path
from typing import Any

from app.demo.accounts import DemoAccount
from app.demo.inserting import Row
from app.demo.register import Register
from permissions import passwords
from permissions.accounts import Account

FILE = "demo_accounts.json"
LENGTH = 14
# Without the characters that are taken for one another when typed from a screen.
LETTERS = "".join(sorted(set(string.ascii_lowercase) - set("lo")))
DIGITS = "23456789"
KEPT = ("password_hash", "must_change_password", "initial_until")

Told = dict[str, Any]


def make_password() -> str:
    """A random password of letters and digits (70 bits), in groups: `kq7xm-w2mh4-9tvb`."""
    while True:
        drawn = "".join(secrets.choice(LETTERS + DIGITS) for _ in range(LENGTH))
        if any(each in DIGITS for each in drawn) and any(each in LETTERS for each in drawn):
            return "-".join((drawn[:5], drawn[5:10], drawn[10:]))


def give(register: Register, accounts: list[Row]) -> list[Told]:
    """Put passwords into the rows of the demonstration accounts; returns what the file says, in its order.

    Who logs in for the first time gets a single-use password, valid for 72 hours; the others need change nothing.
    """
    rows = {row["id"]: row for row in accounts}
    return [_give(register, demo, rows) for demo in register.plan.accounts]


def _give(register: Register, demo: DemoAccount, rows: dict[str, Row]) -> Told:
    row = rows[register.account_ids[demo.staff_key or demo.cadre_key or ""]]
    account = Account(**row)
    if demo.first_login:
        password = passwords.set_initial(account, register.moment.now)
    else:
        password = make_password()
        passwords.set_own(account, password, demo.phone)
    row.update({name: getattr(account, name) for name in KEPT})
    unit = register.units[demo.unit_key]
    told = {"role": demo.role, "unit": unit.name, "unit_id": unit.id, "name": demo.name, "phone": demo.phone,
            "password": password, "channel": demo.channel}
    return told | {"first_login": True} if demo.first_login else told


def write(told: list[Told], folder: Path) -> Path:
    """Write the list beside its place (0600); `publish` puts it there once the load is committed."""
    beside = folder / f"{FILE}.new"
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(told, file, ensure_ascii=False, indent=1)
        file.write("\n")
    return beside


def publish(beside: Path) -> Path:
    """Put the list in its place; an older one is replaced."""
    return beside.replace(beside.with_name(FILE))
