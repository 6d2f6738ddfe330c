"""Rights that a move or merge would leave between two subtrees: taken back, since neither end could revoke them.

Decision: what nobody could hand out now must not live on through a move or a merge (B2, B5). A right whose account
lies below its unit, or whose unit lies below the account's own, stays; any other that crosses the border goes.
Rights held in a closed unit are dead already and stay where they are, as history.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.administration.grants import facts
from permissions import audit, giving
from permissions.accounts import Account
from permissions.actions import Action
from permissions.grants import Grant
from permissions.lineage import By
from tenants import tree
from tenants.db import db
from tenants.models import Unit, UnitStatus
from tenants.scope import Scope

_BOTH_ENDS = Scope.everything("a right crosses the border of what moves, whoever reaches its other end")


def touching(unit: Unit) -> list[str]:
    """Grants with an end in this subtree, before anything changes."""
    low, high = tree.span(unit.path)
    held_at, home = aliased(Unit), aliased(Unit)
    return list(db.session.execute(_BOTH_ENDS.mark(
        select(Grant.id)
        .join(held_at, held_at.id == Grant.unit_id)
        .join(Account, Account.id == Grant.account_id)
        .join(home, home.id == Account.unit_id)
        .where(((held_at.path >= low) & (held_at.path < high)) | ((home.path >= low) & (home.path < high)))
    )).scalars())


def settle(grant_ids: Iterable[str], *, by: By = By.move) -> int:
    """After the change, take back those that no longer run up or down one branch; returns how many."""
    held_at, home = aliased(Unit), aliased(Unit)
    rows = db.session.execute(_BOTH_ENDS.mark(
        select(Grant, held_at, home.path)
        .join(held_at, held_at.id == Grant.unit_id)
        .join(Account, Account.id == Grant.account_id)
        .join(home, home.id == Account.unit_id)
        .where(Grant.id.in_(list(grant_ids)), held_at.status == UnitStatus.open)
    )).all()
    crossing = [(grant, unit) for grant, unit, own in rows
                if not own.startswith(unit.path) and not unit.path.startswith(own)]
    for grant, unit in crossing:
        audit.record(Action.GRANT_DELETE, "grant", grant.id, unit,
                     before=facts(grant) | {"account_id": grant.account_id})
        giving.take(grant, unit, by)
    return len(crossing)
