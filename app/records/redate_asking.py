"""Putting down that the due dates of open records below a unit are to be worked out again; the worker does it."""

from app import job_rows
from app.job_rows import Job
from app.records.telling import Cause
from tenants.models import Unit

KIND = "record:redate"


def ask_redate(cause: Cause, unit: Unit) -> Job:
    """Put the work down for a unit and everything below it, in the act's transaction."""
    return job_rows.ask(KIND, unit, {"cause": cause.id, "words": cause.words})
