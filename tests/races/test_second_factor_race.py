"""A code of an authenticator, and a recovery code, redeemed by a hundred at once: one session (C7)."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from servers import Servers, call

import factories
from permissions import second_factor, transaction
from permissions.accounts import Account
from rows import ask, run
from tenants import clock
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

pytestmark = pytest.mark.xdist_group("races of changes")
ALL = Scope.everything("a test looks at every account")
AT_ONCE = 100


def halves(world: World, many: int) -> tuple[str, str, list[str]]:
    """A staff member with an authenticator whose password was right so many times: a code, a recovery code, tokens."""
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(ALL.select(Unit).where(Unit.id == world.units["射阳"])).scalar_one()
        account: Account = factories.staff(unit=unit, name="双因素")
        now = clock.now()
        second_factor.begin(account, now)
        secret = second_factor.waiting(account.id, now)
        assert secret is not None
        totp = pyotp.TOTP(secret)
        assert second_factor.confirm(account, totp.at(now - timedelta(seconds=30)), now)
        db.session.flush()
        account = db.session.execute(ALL.select(Account).where(Account.id == account.id).execution_options(
            populate_existing=True)).scalar_one()
        codes = second_factor.make_recovery(account.id)
        tokens = [second_factor.challenge(account, "pc", now) for _each in range(many)]
        transaction.audit.record("tests:halves", "account", account.id, unit)
    return totp.at(now), codes[0], tokens


def opened(world: World) -> int:
    """How many sessions there are of the staff member."""
    found: int = ask(world.app, "SELECT count(*) FROM login_sessions s JOIN accounts a ON a.id = s.account_id "
                                "WHERE a.name = '双因素'")[0][0]
    return found


def redeem_all(servers: Servers, tokens: list[str], code: str) -> Counter[int]:
    """Every token redeemed with one code at the same moment."""
    answers: list[dict[str, Any]] = servers.race(
        [call("POST", "/sessions/second-factor", None, {"challenge": token, "code": code}) for token in tokens])
    return Counter(each["status"] for each in answers)


@pytest.mark.parametrize("which", ["code", "recovery"])
def test_a_hundred_challenges_with_one_code_give_one_session(servers: Servers, world: World, which: str) -> None:
    code, recovery, tokens = halves(world, AT_ONCE)
    said = redeem_all(servers, tokens, code if which == "code" else recovery)
    assert said[201] == opened(world) == 1 and set(said) <= {201, 401, 429}, said


def test_one_challenge_redeemed_a_hundred_times_gives_one_session(servers: Servers, world: World) -> None:
    code, _recovery, tokens = halves(world, 1)
    said = redeem_all(servers, tokens * AT_ONCE, code)
    assert said[201] == opened(world) == 1 and set(said) <= {201, 401, 429}, said


def test_a_step_that_is_not_kept_would_be_seen(servers: Servers, world: World) -> None:
    """Planted: the step of the code taken last is forgotten after each."""
    code, _recovery, tokens = halves(world, 3)
    for place, token in enumerate(tokens, 1):
        assert redeem_all(servers, [token], code)[201] == 1
        run(world.app, "UPDATE second_factors SET last_step = 0")
        assert opened(world) == place
