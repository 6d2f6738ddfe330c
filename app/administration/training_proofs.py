"""The proof of a training (培训证明): a photo or scan, made anew, encrypted at rest, read by whoever reads the file."""

from pathlib import Path

from app import files, storage
from app.administration.accounts import hold, require_living, require_over, unit_of
from app.administration.staff_file import Training, one
from app.images import clean_photo
from app.storage import Shelf
from app.values.bad import BadValue
from app.values.text import clean_line
from permissions import audit, transaction
from permissions.accounts import Account
from tenants.db import db
from tenants.errors import Invalid, NotFound

MISSING = "请选择证书的照片或扫描件（JPEG、PNG 或 WebP，不超过 10 MB）。"


def shelf() -> Shelf:
    """Where photos lie, encrypted."""
    return storage.shelf("uploads")


def _context(training: Training) -> str:
    return f"staff_trainings.{training.id}"


def put(account: Account, training_id: str, data: bytes, filename: str) -> Training:
    """Lay a proof beside a training; the one that was there is replaced. Raises Invalid for anything but a photo."""
    unit = hold(account, require_over(account))
    require_living(account)
    training = one(account, training_id)
    try:
        photo = clean_photo(data)
        name = clean_line(Path(filename or "proof").name[-80:], 80) or "proof"
    except BadValue as bad:
        raise Invalid(fields={"file": [str(bad)]}) from bad
    before = training.proof_as
    training.proof_as = files.save(photo.content, shelf(), context=_context(training))
    training.proof_name = f"{Path(name).stem}.{photo.extension}"
    training.proof_type, training.proof_size = photo.content_type, len(photo.content)
    db.session.flush()
    clear_away(before)
    audit.record("account:training_proof", "account", account.id, unit, before={"proof": before is not None},
                 after={"training": training.name, "size": training.proof_size})
    return training


def clear_away(stored_as: str | None) -> None:
    """Remove a file nobody points at any more, once the act is done."""
    if stored_as is not None:
        transaction.after_commit(lambda: _removed(stored_as))


def _removed(stored_as: str) -> None:
    try:
        files.remove(stored_as, shelf())
    except OSError:  # it opens for nobody, and the act is done
        return


def taken(account: Account, training_id: str) -> tuple[Training, bytes]:
    """The proof of a training of an account already seen; that it was looked at stands in the log. NotFound."""
    training = one(account, training_id)
    if training.proof_as is None:
        raise NotFound
    try:
        content = files.load(training.proof_as, shelf(), _context(training))
    except FileNotFoundError as error:
        raise NotFound from error
    audit.note(audit.entry("account:training_proof_read", "account", account.id, unit_of(account),
                           after={"training": training.name}))
    return training, content
