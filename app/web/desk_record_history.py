"""The history of one record, read from the log inside the reader's scope; reading it is itself noted."""

from flask import Blueprint

from app.keeping import records as acts
from app.records import homes
from app.schemas.queries import PageQuery
from app.web.desk_records import crumbs
from app.web.forms import asked
from app.web.list_page import pager
from app.web.log_rows import read_log
from app.web.render import page
from permissions.actions import Action
from permissions.guard import guard, require
from permissions.roles import PC
from tenants.scope import Scope
from tenants.tree import here

blueprint = Blueprint("desk_record_history", __name__, url_prefix="/desk/records/<module_key>/<record_id>")


@blueprint.get("/history")
@guard(Action.AUDIT_READ, channels=PC)
def index(module_key: str, record_id: str) -> str:
    """Who did what with this record, newest first, in the units it lay in before as well."""
    module = acts.module_of(module_key)
    record, unit = acts.seen(module, record_id)
    require(Action.AUDIT_READ, unit)
    lain = Scope.of([(number, number) for number in homes.lay_in(record)])
    entries, found = read_log(here(unit).joined(lain), asked(PageQuery.kept()), about=record.id)
    return page("desk/records/history.html", title="办理经过", module=module, record=record, entries=entries, unit=unit,
                pager=pager(found), crumbs=crumbs(module, {"title": "办理经过"}))
