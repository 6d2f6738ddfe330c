"""The sealer and the verifier of the log (ADR-0008).

One sealer at a time takes the entries without a place, in order of time, and chains them: digest n covers entry n
and digest n-1, keyed, so that nobody without the key can write a chain that fits. The head of the chain is also
kept outside the database, so that a cut tail shows.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, select

from permissions import transaction
from permissions.audit import AuditEntry, AuditSeal, AuditWaiting
from tenants import clock, keys
from tenants.db import db
from tenants.fields import new_id
from tenants.scope import Scope

BATCH = 500
FIRST_LINK = "0" * 64
PURPOSE = "audit.chain"
_WHOLE_LOG = Scope.everything("the chain runs over the whole log")
_FIELDS = ("id", "actor", "actor_name", "actor_role", "actor_unit", "actor_number", "action", "object_type",
           "object_id", "unit_id", "unit_number", "unit_path", "result", "reason", "before", "after", "request_id",
           "address")


def canonical(entry: AuditEntry) -> str:
    """Everything an entry says, in one fixed form."""
    said = {name: getattr(entry, name) for name in _FIELDS} | {"at": entry.at.isoformat()}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _link(seq: int, before: str, entry: AuditEntry) -> bytes:
    return f"{seq}\n{before}\n{canonical(entry)}".encode()


@dataclass(frozen=True)
class Head:
    """The last link: how far the chain goes and its digest."""

    seq: int
    digest: str


def head() -> Head:
    """The chain's end in the database."""
    last = db.session.execute(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1)).scalar_one_or_none()
    return Head(last.seq, last.digest) if last is not None else Head(0, FIRST_LINK)


def seal(anchor: Path | None = None) -> int:
    """Seal what waits; returns how many. The lock is a row of its own kind: two sealers never fork the chain."""
    done = 0
    while True:
        with transaction.act("sealer"):
            sealed = _seal_batch()
            end = head()
            grown = not _anchored(anchor, end)
        done += sealed
        if anchor is not None and sealed and grown:
            _keep_outside(anchor, end)
        if sealed < BATCH:
            return done


def _seal_batch() -> int:
    """The oldest that wait; what it costs depends on their number, never on how long the log is."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(7_250_411)))
    taken = db.session.execute(select(AuditWaiting.at, AuditWaiting.entry_id)
                               .order_by(AuditWaiting.at, AuditWaiting.entry_id).limit(BATCH)).all()
    if not taken:
        return 0
    ids = [each.entry_id for each in taken]
    entries = db.session.execute(_WHOLE_LOG.mark(
        select(AuditEntry).where(AuditEntry.id.in_(ids)).order_by(AuditEntry.at, AuditEntry.id))).scalars().all()
    # Put among those that wait by hand: an entry gets a place once.
    placed = set(db.session.execute(select(AuditSeal.entry_id).where(AuditSeal.entry_id.in_(ids))).scalars())
    end = head()
    for entry in entries:
        if entry.id in placed:
            continue
        seq = end.seq + 1
        key_id, digest = keys.ring().sign(_link(seq, end.digest, entry), PURPOSE)
        db.session.add(AuditSeal(seq=seq, entry_id=entry.id, key_id=key_id, digest=digest, sealed_at=clock.now()))
        end = Head(seq, digest)
    db.session.flush()
    db.session.execute(delete(AuditWaiting).where(
        AuditWaiting.at.between(taken[0].at, taken[-1].at), AuditWaiting.entry_id.in_(ids)))
    return len(taken)


def gather() -> int:
    """Have entries wait that neither wait nor are sealed (a table put back by hand); reads the whole log."""
    lost = _WHOLE_LOG.mark(
        select(AuditEntry.at, AuditEntry.id)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .outerjoin(AuditWaiting, AuditWaiting.entry_id == AuditEntry.id)
        .where(AuditSeal.seq.is_(None), AuditWaiting.entry_id.is_(None)))
    with transaction.act("sealer"):
        found = [{"at": at, "entry_id": entry_id} for at, entry_id in db.session.execute(lost)]
        if found:
            db.session.execute(insert(AuditWaiting), found)
    return len(found)


def entries_in_all() -> int:
    """How many entries the whole log has, without reading it: places are given without a gap, the rest wait."""
    sealed = select(func.coalesce(func.max(AuditSeal.seq), 0)).scalar_subquery()
    waiting = select(func.count()).select_from(AuditWaiting).scalar_subquery()
    return int(db.session.execute(select(sealed + waiting)).scalar_one())


def _keep_outside(anchor: Path, end: Head) -> None:
    beside = anchor.with_suffix(f".{new_id()}")
    beside.write_text(json.dumps({"seq": end.seq, "digest": end.digest}), encoding="utf-8")
    beside.chmod(0o600)
    beside.replace(anchor)


@dataclass(frozen=True)
class Verdict:
    """What verification found; `bad` names the first entry that does not fit, with the reason."""

    sealed: int
    unsealed: int
    bad: str | None = None
    reason: str = ""

    @property
    def whole(self) -> bool:
        return self.bad is None


def verify(anchor: Path | None = None) -> Verdict:
    """Recompute the chain from the entries themselves; count the unsealed tail."""
    unsealed = db.session.execute(
        _WHOLE_LOG.mark(
            select(func.count()).select_from(AuditEntry)
            .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id).where(AuditSeal.seq.is_(None))
        )
    ).scalar_one()
    end = Head(0, FIRST_LINK)
    for seal_row, entry in _chain():
        fault = _fault(end, seal_row, entry)
        if fault:
            return Verdict(end.seq, unsealed, seal_row.entry_id, fault)
        end = Head(seal_row.seq, seal_row.digest)
    fault = _anchored(anchor, end)
    return Verdict(end.seq, unsealed, f"after {end.seq}" if fault else None, fault)


def _chain() -> Iterator[tuple[AuditSeal, AuditEntry | None]]:
    after = 0
    while True:
        rows = db.session.execute(
            _WHOLE_LOG.mark(
                select(AuditSeal, AuditEntry)
                .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
                .where(AuditSeal.seq > after)
                .order_by(AuditSeal.seq)
                .limit(2000)
            ).execution_options(populate_existing=True)
        ).all()
        if not rows:
            return
        for each in rows:
            yield each[0], each[1]
        after = rows[-1][0].seq
        db.session.expunge_all()


def _fault(end: Head, seal_row: AuditSeal, entry: AuditEntry | None) -> str:
    if seal_row.seq != end.seq + 1:
        return f"place {end.seq + 1} is missing: a seal was removed"
    if entry is None:
        return "the entry was removed"
    link = _link(seal_row.seq, end.digest, entry)
    if not keys.ring().verify_signature(link, PURPOSE, seal_row.key_id, seal_row.digest):
        return "the entry was altered or moved"
    return ""


def _anchored(anchor: Path | None, end: Head) -> str:
    """What the head kept outside tells against the chain; the sealer never overwrites a head that does not fit."""
    if anchor is None or not anchor.exists():
        return ""
    kept: dict[str, Any] = json.loads(anchor.read_text(encoding="utf-8"))
    if kept["seq"] > end.seq:
        return f"the tail was cut: {kept['seq'] - end.seq} sealed entries are gone"
    there = db.session.execute(select(AuditSeal.digest).where(AuditSeal.seq == kept["seq"])).scalar_one_or_none()
    return "" if there == kept["digest"] else "the tail was cut and sealed anew"
