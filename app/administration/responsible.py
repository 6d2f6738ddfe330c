"""Who works on which column of a unit, and the names of the templates rights are held by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.columns import COLUMNS
from permissions import templates
from permissions.accounts import Account
from permissions.explain import place_of, right_of
from permissions.grants import Grant, RoleTemplate, counts_on
from permissions.roles import CHANNEL_LABELS
from permissions.standing import judge
from tenants.db import db
from tenants.models import Unit
from tenants.scope import Scope
from tenants.tree import here

_NAMES = Scope.everything("the name of a template somebody's visible right is held by")


@dataclass(frozen=True)
class Responsible:
    """A clerk of a column."""

    account_id: str
    name: str
    end: str


def template_names(template_ids: Sequence[str | None]) -> dict[str, str]:
    """Templates by id."""
    wanted = {each for each in template_ids if each}
    rows = db.session.execute(_NAMES.select(RoleTemplate, RoleTemplate.id, RoleTemplate.name).where(
        RoleTemplate.id.in_(wanted)))
    return {row[0]: row[1] for row in rows}


def of_columns(unit: Unit, day: date) -> dict[str, list[Responsible]]:
    """The clerks of each column of a unit whose right counts on some end."""
    rows = db.session.execute(here(unit).mark(
        select(Grant, Account).join(Account, Account.id == Grant.account_id)
        .where(Grant.unit_id == unit.id, Grant.role == "clerk", counts_on(day))
        .order_by(Grant.given_at, Grant.id))).all()
    patterns = templates.known([grant.template_id for grant, _account in rows])
    place = place_of(unit)
    found: dict[str, list[Responsible]] = {column: [] for column in COLUMNS}
    for grant, account in rows:
        standing = judge(right_of(grant, unit), alive=account.may_log_in, channel=None, today=day, patterns=patterns)
        if standing.why is not None or standing.held.unit != place:
            continue
        for column in COLUMNS:
            known = [each.account_id for each in found[column]]
            if (standing.held.columns is None or column in standing.held.columns) and account.id not in known:
                found[column].append(Responsible(account.id, account.name, CHANNEL_LABELS[grant.channel]))
    return found
