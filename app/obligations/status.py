"""How the scheduler stands, in numbers, for whoever looks after the machine."""

from sqlalchemy import func

from app.obligations.model import Digest, Obligation, StepDone
from tenants import clock
from tenants.db import db
from tenants.scope import Scope

_ALL = Scope.everything("the numbers of the whole instance, naming nobody")


def figures() -> list[tuple[str, str, int]]:
    """(`obligation`, what, how many): open, closed, with a step that has come, held back; steps and digests so far."""
    today = clock.today()
    states = db.session.execute(_ALL.select(Obligation, Obligation.state, func.count()).group_by(Obligation.state))
    found = {"open": 0, "closed": 0} | dict(states.all())
    waiting = (Obligation.state == "open", Obligation.next_on <= today)
    counted = _ALL.select(Obligation, func.count())
    found["to be told"] = db.session.execute(counted.where(*waiting)).scalar_one()
    found["held back"] = db.session.execute(counted.where(*waiting, Obligation.held_until > clock.now())).scalar_one()
    outcomes = db.session.execute(_ALL.select(StepDone, StepDone.outcome, func.count()).group_by(StepDone.outcome))
    found |= {f"steps {outcome}": number for outcome, number in outcomes}
    found["digests today"] = db.session.execute(
        _ALL.select(Digest, func.count()).where(Digest.day == today)).scalar_one()
    return [("obligation", what, number) for what, number in found.items()]
