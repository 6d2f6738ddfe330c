"""Whoever audits does nothing else (B10): every pair of roles, every way to the second, and two givers at once."""

from itertools import permutations
from typing import Any

import pytest

import factories
from permissions import giving, transaction
from permissions.accounts import Account
from rows import count
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from world import World

WHOLE = Scope.everything("a test looks at everybody")
ROLES = ("clerk", "chief", "reviewer", "auditor", "administrator")
ABOVE = "盐城 administrator"


def newcomer(world: World) -> str:
    """Somebody of 合德镇 fit for anything."""
    with world.app.app_context(), transaction.act("tests"):
        unit = db.session.execute(WHOLE.select(Unit).where(Unit.id == world.units["合德镇"])).scalar_one()
        account: Account = factories.staff(unit=unit)
        transaction.audit.record("tests:staff", "account", account.id, unit)
        return account.id


def give(world: World, account: str, role: str, unit: str = "合德镇", **more: Any) -> Any:
    api = world.api(ABOVE)
    if role == "administrator":
        return api.post(f"/units/{world.units[unit]}/administrators", {"account_id": account})
    return api.post(f"/accounts/{account}/grants", {"role": role, "unit_id": world.units[unit], **more})


@pytest.mark.parametrize(("first", "second"), [pair for pair in permutations(ROLES, 2)
                                               if "auditor" in pair or pair == ("clerk", "administrator")])
def test_each_pair_of_roles_on_one_account(world: World, first: str, second: str) -> None:
    account = newcomer(world)
    assert give(world, account, first).status_code == 201
    answer = give(world, account, second)
    apart = "auditor" in (first, second)
    assert answer.status_code == (422 if apart else 201), answer.text
    assert not apart or "检查人" in str(answer.json["fields"])
    held = count(world.app, "grants", f"account_id = '{account}'") + count(
        world.app, "administrators", f"account_id = '{account}'")
    assert held == 2 - apart


def test_wherever_and_whenever_it_is_held_but_not_once_it_is_over(world: World) -> None:
    account = newcomer(world)
    first = give(world, account, "auditor", since="2026-09-01", until="2026-12-31")
    assert first.status_code == 201
    assert give(world, account, "clerk", unit="东台").status_code == 422, "in another unit, and before it begins"
    assert world.api(ABOVE).delete(f"/accounts/{account}/grants/{first.json['id']}").status_code == 204
    assert give(world, account, "clerk", unit="东台").status_code == 201


def test_without_the_check_the_matrix_would_see_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted."""
    monkeypatch.setattr(giving, "_check_apart", lambda *_told: None)
    with pytest.raises(AssertionError):
        test_each_pair_of_roles_on_one_account(world, "auditor", "clerk")
