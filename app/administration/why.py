"""为什么能、为什么不能: the verdict on both ends, with those of somebody's rights that lie inside the asker's reach."""

from dataclasses import dataclass

from permissions import explain, guard, identity
from permissions.accounts import Account
from permissions.actions import Action
from permissions.explain import Ground, Verdict
from permissions.roles import Channel
from tenants import clock
from tenants.models import Unit


@dataclass(frozen=True)
class End:
    """What it comes to on one end. Rights outside the asker's reach count in the verdict and are not spelled out."""

    channel: Channel
    verdict: Verdict
    shown: list[Ground]

    @property
    def hidden(self) -> bool:
        """Whether there are such rights."""
        return len(self.shown) < len(self.verdict.reasons)


def both_ends(account: Account, action: Action, unit: Unit, column: str | None) -> list[End]:
    """On the PC and on the phone, as things stand now. Forbidden for whoever may read no rights."""
    scope = guard.my_scope(Action.GRANT_READ)
    found = []
    for channel, principal in identity.on_both_ends(account, clock.today()).items():
        verdict = explain.verdict(principal, action, unit, column)
        found.append(End(channel, verdict, [
            each for each in verdict.reasons if scope.covers(each.standing.held.unit.number)]))
    return found
