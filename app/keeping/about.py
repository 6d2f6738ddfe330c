"""What was done for one person, as far as the reader may see records: every kind in one list, one statement."""

from sqlalchemy import and_, or_, select

from app import registry
from app.records.model import Record, RecordPerson
from permissions import guard
from permissions.actions import Action
from tenants.db import db
from tenants.scope import Scope

MOST = 50


def records_about(cadre_id: str, *, limit: int = MOST) -> list[Record]:
    """Records of a cadre inside my record scopes, newest first; drafts are among them, deleted ones are not."""
    reach = {key: guard.sight(Action.RECORD_READ, module.column) for key, module in registry.modules().items()}
    whole = Scope.of([each for scope in reach.values() for each in scope.ranges])
    if not whole:
        return []
    allowed = [and_(Record.module == key, scope.clause(Record)) for key, scope in reach.items() if scope]
    statement = (
        select(Record).join(RecordPerson, RecordPerson.record_id == Record.id)
        .where(RecordPerson.cadre_id == cadre_id, Record.deleted_at.is_(None), or_(*allowed))
        .order_by(Record.ended_on.desc(), Record.id.desc()).limit(limit)
    )
    return list(db.session.execute(whole.mark(statement)).scalars())
