"""The password once more, before rights are changed, numbers shown or lists taken away (C11)."""

from permissions import passwords, second_factor, sessions, slowing, transaction
from permissions.accounts import Account
from permissions.identity import Device, Principal
from tenants import clock
from tenants.db import begin_write, db, end_read
from tenants.errors import PasswordWanted, TooMany
from tenants.scope import Scope

FIELD = "proof_password"
_OWN = Scope.everything("whoever is logged in proves to be the owner of the account")


def take(principal: Principal, device: Device, typed: str | None, address: str) -> None:
    """Check what was typed and keep that it was right. Raises PasswordWanted or TooMany.

    Who has an authenticator may type its six digits instead. The slow check runs outside any write transaction.
    Failures are counted for this session alone: whoever sits at somebody's desk is slowed down, the owner elsewhere
    is not.
    """
    if not typed:
        raise PasswordWanted
    account = db.session.execute(_OWN.select(Account).where(Account.id == principal.account.id)).scalar_one()
    now = clock.now()
    wanted = slowing.brakes(account.id, account.password_hash, address, device.id)
    seconds = slowing.seconds_left(wanted, now)
    if seconds:
        raise TooMany(seconds, "密码输错的次数太多，请过一会儿再试。")
    known = passwords.stored(account)
    end_read()  # nothing of the database is held while the password is checked
    by_code = principal.account.second_factor_at is not None and second_factor.is_code(typed)
    right = not by_code and passwords.matches(known, typed)
    begin_write()
    right = right or (by_code and second_factor.accepts(principal.account.id, typed, now) is not None)
    if right:
        sessions.prove(device.id, now)
        slowing.forgive(wanted)
    else:
        slowing.make_room(wanted, now)
        slowing.seconds_left(wanted, now, lock=True)
        slowing.count_failure(wanted, now)
    transaction.finish_act()
    if not right:
        raise PasswordWanted(wrong=True)
