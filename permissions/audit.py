"""Who did what: entries written in the act's own transaction, numbered and chained by one sealer within seconds.

Entries are append-only (triggers refuse changes on both engines). Writers never wait for each other: an entry has
no number of its own. The sealer (ADR-0008) gives each entry a sequence and a keyed hash over the one before, in a
table of its own; `verify` recomputes the chain from the entries.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g, has_request_context, request
from flask.globals import app_ctx
from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, event, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from permissions.identity import Principal
from tenants import clock, inserting
from tenants.db import Base, db
from tenants.fields import Id, Instant, new_id
from tenants.place import Placed
from tenants.scope import Scope, UnitOwned, owned

OK, REFUSED, FAILED = "ok", "refused", "failed"
_MARK = "unlogged changes"
_ABOUT = Scope.everything("entries are written about objects of any unit")


class AuditEntry(UnitOwned, Base):
    """One act or refusal. `unit_id` is the unit concerned, `unit_path` where it hung at that moment (G2)."""

    __tablename__ = "audit_entries"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str | None] = mapped_column(Id)
    actor_name: Mapped[str | None] = mapped_column(String(50))
    actor_role: Mapped[str] = mapped_column(String(16))
    actor_unit: Mapped[str | None] = mapped_column(Id)
    actor_number: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(40))
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str | None] = mapped_column(String(64))
    unit_path: Mapped[str] = mapped_column(String(1000))
    result: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(String(64))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    request_id: Mapped[str] = mapped_column(String(32))
    address: Mapped[str | None] = mapped_column(String(64))
    unit_number: Mapped[int] = mapped_column(BigInteger)  # under an index with the time, not by itself

    __table_args__ = owned(
        CheckConstraint("result IN ('ok', 'refused', 'failed')", name="result"),
        Index("ix_audit_entries_when", "at", "id", "unit_number"),
        Index("ix_audit_entries_unit", "unit_number", "at", "id"),
        Index("ix_audit_entries_actor", "actor", "at", "id"),
        Index("ix_audit_entries_object", "object_id", "at", "id"),
        Index("ix_audit_entries_action", "action", "at", "id", "unit_number"),
    )


class AuditWaiting(Base):
    """An entry that has no seal yet: put here by a trigger beside the entry, taken away by the sealer.

    No foreign key: entries never go, and a writer should not pay for a second look at its own row.
    """

    __tablename__ = "audit_waiting"

    at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    entry_id: Mapped[str] = mapped_column(Id, primary_key=True)


class AuditSeal(Base):
    """The place of an entry in the chain: `digest` covers the entry and the digest before it."""

    __tablename__ = "audit_seals"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[str] = mapped_column(ForeignKey("audit_entries.id"), unique=True)
    key_id: Mapped[str] = mapped_column(String(32))
    digest: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True)
class Actor:
    """On whose behalf things happen: a principal, or the system itself (a command, the worker)."""

    principal: Principal | None = None
    label: str = "system"


def acting() -> Actor:
    """The actor of this request, command or job."""
    return g.get("actor") or Actor()


def act_as(principal: Principal | None, label: str = "system") -> None:
    """Say who acts from here on in this application context."""
    g.actor = Actor(principal, label)


def request_id() -> str:
    """The id that ties log lines, entries and answers of one request together."""
    kept = app_ctx.g
    if "request_id" not in kept:
        kept.request_id = new_id()
    return str(kept.request_id)


@dataclass(frozen=True)
class About:
    """What one of many entries is about: an object of a unit, before and after."""

    object_type: str
    object_id: str
    unit_id: str
    unit_number: int
    unit_path: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def entry(action: str, object_type: str, object_id: str | None, unit: Placed, *, result: str = OK,
          reason: str | None = None, before: Mapping[str, Any] | None = None,
          after: Mapping[str, Any] | None = None) -> AuditEntry:
    """Build an entry about an object of a unit; nothing is stored yet. Never pass secrets or clear sensitive values."""
    return AuditEntry(**_facts(action, object_type, object_id, unit, before, after), result=result, reason=reason)


def _facts(action: str, object_type: str, object_id: str | None, unit: Placed, before: Mapping[str, Any] | None,
           after: Mapping[str, Any] | None) -> dict[str, Any]:
    """The columns of an entry but its result."""
    acts = acting()
    who = acts.principal
    return {
        "at": clock.now(), "action": action, "object_type": object_type, "object_id": object_id, "unit_id": unit.id,
        "unit_number": unit.number, "unit_path": unit.path, "request_id": request_id(),
        "before": dict(before) if before is not None else None, "after": dict(after) if after is not None else None,
        "actor": who.account.id if who else None, "actor_name": who.account.name if who else acts.label,
        "actor_role": who.role_at(unit.path) if who else "system", "actor_unit": who.unit.id if who else None,
        "actor_number": who.unit.number if who else None,
        "address": request.remote_addr if has_request_context() else None,
    }


def record(action: str, object_type: str, object_id: str | None, unit: Placed, *,
           before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None,
           at_once: bool = False) -> None:
    """Write an act into the log, in the act's own transaction.

    `at_once` is quicker and for acts that take no lock afterwards: an entry holds its unit's row against a change.
    """
    if at_once:
        inserting.put(AuditEntry, _facts(action, object_type, object_id, unit, before, after) | {"result": OK})
    else:
        db.session.add(entry(action, object_type, object_id, unit, before=before, after=after))
    db.session.info[_MARK] = False


def record_many(action: str, about: Iterable[About]) -> int:
    """Write one entry each about many objects with a few statements, in the act's own transaction. Returns how many."""
    now, who = clock.now(), acting().principal
    common = {"at": now, "action": action, "result": OK, "request_id": request_id(),
              "actor": who.account.id if who else None, "actor_name": who.account.name if who else acting().label,
              "actor_unit": who.unit.id if who else None, "actor_number": who.unit.number if who else None,
              "address": request.remote_addr if has_request_context() else None}
    lines = [common | {
        "id": new_id(), "object_type": each.object_type, "object_id": each.object_id, "unit_id": each.unit_id,
        "unit_number": each.unit_number, "unit_path": each.unit_path, "before": dict(each.before),
        "after": dict(each.after), "actor_role": who.role_at(each.unit_path) if who else "system",
    } for each in about]
    if lines:
        db.session.execute(_ABOUT.mark(insert(AuditEntry)), lines)
        db.session.info[_MARK] = False
    return len(lines)


def refuse(action: str, object_type: str, object_id: str | None, unit: Placed, reason: str) -> None:
    """Keep a refusal until the request's end, when it alone is committed (`permissions.transaction`)."""
    waiting().append(entry(action, object_type, object_id, unit, result=REFUSED, reason=reason))


def note(made: AuditEntry) -> None:
    """Keep an entry about a read until the request's end."""
    waiting().append(made)


def waiting() -> list[AuditEntry]:
    """Entries that are written even though the request's own work is rolled back."""
    kept: list[AuditEntry] = app_ctx.g.setdefault("waiting_entries", [])
    return kept


def _watch(session: Session, _context: object, _instances: object) -> None:
    changed = [*session.new, *(each for each in session.dirty if session.is_modified(each)), *session.deleted]
    if any(getattr(each, "__audited__", False) for each in changed):
        session.info.setdefault(_MARK, True)


def _watch_inserted(session: Session, each: object) -> None:
    if getattr(each, "__audited__", False):
        session.info.setdefault(_MARK, True)


def unlogged(session: Session) -> bool:
    """Whether audited rows changed in this transaction and nobody wrote an entry."""
    return bool(session.info.get(_MARK))


def forget(session: Session) -> None:
    """Begin a new transaction with nothing unlogged."""
    session.info.pop(_MARK, None)


event.listen(Session, "before_flush", _watch)
inserting.watched_by(_watch_inserted)
