"""Posts in several units under one number: which there are, and the one of them a session works in (岗位).

A choice gives no right: it leaves of what is held what is held there and below, until another is chosen.
"""

from dataclasses import dataclass

from permissions import audit, guard, sessions
from permissions.identity import Principal
from permissions.roles import Role
from tenants.errors import Invalid
from tenants.place import Place

NOT_MINE = "您在这个单位没有岗位，请从自己的岗位里选。"


@dataclass(frozen=True)
class Post:
    """What one is in a unit."""

    unit: Place
    roles: tuple[Role, ...]


def of(principal: Principal) -> list[Post]:
    """Every post that counts today on this end, one's own unit first, then in the order of the tree."""
    found: dict[str, tuple[Place, dict[Role, None]]] = {}
    for each in principal.rights:
        if each.why is None and not principal.is_cadre:
            found.setdefault(each.held.unit.id, (each.held.unit, {}))[1][each.held.role] = None
    posts = [Post(unit, tuple(roles)) for unit, roles in found.values()]
    return sorted(posts, key=lambda post: (post.unit.id != principal.unit.id, post.unit.number))


def choose(unit_id: str | None) -> None:
    """Work in one of my posts from now on, or in all of them (None). Raises Invalid."""
    principal = guard.me()
    if unit_id is not None and unit_id not in {post.unit.id for post in of(principal)}:
        raise Invalid(fields={"unit_id": [NOT_MINE]})
    if principal.session is not None:
        sessions.work_at(principal.session.id, unit_id)
        audit.record("session:post", "account", principal.account.id, principal.unit, after={"unit_id": unit_id})
