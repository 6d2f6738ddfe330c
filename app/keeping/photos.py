"""Photos of records: cleaned, encrypted at rest, reached through the record alone."""

from pathlib import Path

from app import files, registry, storage
from app.images import clean_photo
from app.records import standing
from app.records.model import Attachment, Record
from app.records.module import Module
from app.storage import Shelf
from app.values.bad import BadValue
from app.values.text import clean_line
from permissions import audit, guard
from permissions.actions import Action
from tenants import clock
from tenants.db import db
from tenants.errors import Conflict, Invalid, NotFound
from tenants.fields import new_id
from tenants.models import Unit
from tenants.scope import Scope
from tenants.tree import here

MOST = 9


def shelf() -> Shelf:
    """Where photos lie, encrypted."""
    return storage.shelf("uploads")


def _context(attachment_id: str) -> str:
    return f"attachments.{attachment_id}"


def of(record_ids: list[str], unit_scope: Scope) -> dict[str, list[Attachment]]:
    """Photos by record."""
    found: dict[str, list[Attachment]] = {record_id: [] for record_id in record_ids}
    rows = db.session.execute(
        unit_scope.select(Attachment).where(Attachment.record_id.in_(record_ids)).order_by(Attachment.created_at)
    ).scalars()
    for row in rows:
        found[row.record_id].append(row)
    return found


def add(module: Module, record: Record, unit: Unit, data: bytes, filename: str) -> Attachment:
    """Put a photo to a record. Raises Invalid for anything that is no photo."""
    guard.require(Action.RECORD_UPDATE, unit, module.column)
    if record.entered_on != clock.today():  # an entry is whole with its photos, however late it comes
        standing.require_unlocked(record)
    if len(of([record.id], here(unit))[record.id]) >= MOST:
        raise Conflict(f"一条记录最多放 {MOST} 张照片。", code="too_many_photos")
    try:
        photo = clean_photo(data)
        name = clean_line(Path(filename or "photo").name[-80:], 80) or "photo"
    except BadValue as bad:
        raise Invalid(fields={"file": [str(bad)]}) from bad
    attachment_id = new_id()
    stored_as = files.save(photo.content, shelf(), context=_context(attachment_id))
    attachment = Attachment(
        id=attachment_id, record_id=record.id, unit_id=unit.id, unit_number=unit.number, stored_as=stored_as,
        filename=f"{Path(name).stem}.{photo.extension}", content_type=photo.content_type, size=len(photo.content),
        created_at=clock.now(), created_by=guard.me().account.id,
    )
    db.session.add(attachment)
    db.session.flush()
    audit.record(Action.RECORD_UPDATE, "attachment", attachment.id, unit, after={"record_id": record.id})
    return attachment


def seen(attachment_id: str) -> Attachment:
    """A photo of a record I may see, or NotFound; a deleted record's photos are gone with it."""
    for module in registry.modules().values():
        scope = guard.sight(Action.RECORD_READ, module.column)
        found = db.session.execute(
            scope.select(Attachment)
            .join(Record, Record.id == Attachment.record_id)
            .where(Attachment.id == guard.checked_id(attachment_id), Record.module == module.key,
                   Record.deleted_at.is_(None), scope.clause(Record))
        ).scalar_one_or_none()
        if found is not None:
            return found
    raise NotFound


def allowed(attachment: Attachment) -> None:
    """Put the reading of a photo to the table, as a record of its module."""
    key = db.session.execute(
        here_of(attachment).select(Record, Record.module).where(Record.id == attachment.record_id)
    ).scalar_one()
    scope = guard.my_scope(Action.RECORD_READ, registry.module(key).column)
    if not scope.covers(attachment.unit_number):
        raise NotFound


def here_of(attachment: Attachment) -> Scope:
    """The scope of the photo's own unit."""
    return Scope.of([(attachment.unit_number, attachment.unit_number)])


def content(attachment: Attachment) -> bytes:
    """The photo's bytes; NotFound when the file is gone."""
    try:
        return files.load(attachment.stored_as, shelf(), _context(attachment.id))
    except FileNotFoundError as error:
        raise NotFound from error
