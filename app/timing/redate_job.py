"""Moving the due dates of open records in the worker, slab by slab, each committed by itself."""

from typing import Any

from app import jobs, registry
from app.jobs import Run
from app.records import redating
from app.records.redate_asking import KIND, ask_redate
from app.records.redating import Sum
from app.records.telling import Cause
from tenants import tree
from tenants.scope import Scope

PASSES = 2  # the second finds what was written meanwhile by somebody who had still read the old state
_OWN = Scope.everything("a job moves the records below the unit it was asked for")


@jobs.runner(KIND, hasty=True)  # until it is done, pages show days that no longer hold
def work(run: Run) -> dict[str, Any]:
    """Go through the open records; doing it twice moves nothing and tells nobody twice."""
    cause = Cause(run.params["cause"], run.params["words"])
    modules = registry.modules()
    changed = told = seen = 0
    for turn in range(PASSES):
        done, more = Sum(), True
        with run.step():
            within = tree.below(tree.unit_by_id(run.unit_id, _OWN))
            total = max(redating.open_count(within), 1)
        while more:
            with run.step((turn + done.seen / total) / PASSES):
                more = redating.redate_slab(modules, cause, done, within)
        changed, told, seen = changed + done.changed, told + done.told, max(seen, done.seen)
    return {"records": seen, "due_dates_changed": changed, "told": told}


__all__ = ["KIND", "ask_redate", "work"]
