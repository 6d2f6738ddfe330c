"""The column types every tenant row is made of: random ids, instants in UTC, text encrypted at rest."""

import secrets
from datetime import UTC, datetime

from sqlalchemy import DateTime, String, UnicodeText
from sqlalchemy.types import TypeDecorator
from sqlalchemy_utils import StringEncryptedType
from sqlalchemy_utils.types.encrypted.encrypted_type import EncryptionDecryptionBaseEngine

from tenants import keys

ID_LENGTH = 22
Id = String(ID_LENGTH)


def new_id() -> str:
    """A random 128-bit id as 22 URL-safe characters; never starts with `-` or `_`, which shells and sheets misread."""
    while True:
        made = secrets.token_urlsafe(16)
        if made[0].isalnum():
            return made


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; SQLite gives naive values back, so the zone is put on again."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: object) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _RingEngine(EncryptionDecryptionBaseEngine):  # type: ignore[misc]
    """The stock engines have no key id; ours encrypts through the key ring, bound to `table.column`."""

    context = ""

    def _initialize_engine(self, parent_class_key: object) -> None:
        """The ring is process-wide (`tenants.keys`), so there is nothing to set up."""

    def _update_key(self, key: object) -> None:
        """As above: the key SQLAlchemy-Utils passes in is not used."""

    def encrypt(self, value: object) -> str:
        return keys.ring().encrypt(str(value).encode(), self.context)

    def decrypt(self, value: str) -> str:
        return keys.ring().decrypt(value, self.context).decode()


def encrypted(context: str) -> StringEncryptedType:
    """A text column encrypted at rest; `context` is `table.column`, so that values cannot change columns."""
    engine = type("_RingEngineFor", (_RingEngine,), {"context": context})
    return StringEncryptedType(UnicodeText, "ring", engine)
