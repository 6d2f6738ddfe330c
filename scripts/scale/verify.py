"""Looks whether a loaded province is whole: counts, the shape of the tree, people, dates, and the counters."""

from collections.abc import Mapping

import sqlalchemy as sa
from flask import Flask

from app import registry
from app.people.model import Cadre
from app.records.model import Record, RecordPerson
from checkout import Refusal, say
from permissions.accounts import Account
from permissions.audit import AuditEntry
from permissions.grants import Filing, Grant, Seat
from permissions.lineage import RightGiven
from tenants import row_security
from tenants.db import db
from tenants.models import Unit, UnitKind
from tenants.scope import Scope

ALL = Scope.everything("the whole load is looked at")
MODELS = (Account, Grant, Seat, RightGiven, Filing, Cadre, Record, RecordPerson, AuditEntry)
DEEPEST = 7


def verify(app: Flask, counts: Mapping[str, int], units: int) -> None:
    """Check everything. Raises Refusal naming what does not hold. Needs an application context."""
    faults = [*_counts(counts, units), *_tree(), *_rows(), *_locks()]
    if faults:
        raise Refusal("装入的数据不完整:" + ";".join(faults))
    say("行数、单位树、日期、行级锁已核对")
    if "counters" in app.cli.commands:
        for act in ("rebuild", "verify"):
            told = app.test_cli_runner().invoke(args=["counters", act])
            if told.exit_code:
                raise Refusal(f"flask counters {act}:{told.output}{told.exception or ''}")
            say(f"flask counters {act}:{told.output.strip().splitlines()[-1] if told.output.strip() else '完成'}")


def _one(statement: sa.Select[tuple[int]]) -> int:
    return int(db.session.execute(ALL.mark(statement)).scalar_one())


def _counts(counts: Mapping[str, int], units: int) -> list[str]:
    found = {model.__tablename__: _one(sa.select(sa.func.count()).select_from(model.__table__)) for model in MODELS}
    found |= {each.key: _one(sa.select(sa.func.count()).select_from(each.record.__table__))
              for each in registry.modules().values()}
    found["units"] = _one(sa.select(sa.func.count()).select_from(Unit))
    # The load of the tree left entries of its own.
    wanted = {**counts, "units": units, "audit_entries": found["audit_entries"]}
    return [f"{table} {found[table]} ≠ {count}" for table, count in wanted.items() if found[table] != count]


def _tree() -> list[str]:
    """Every path goes on from the parent's; every kind occurs; some are deep."""
    parent = sa.orm.aliased(Unit)
    lost = _one(sa.select(sa.func.count()).select_from(Unit).join(parent, parent.id == Unit.parent_id)
                .where(Unit.path != parent.path + Unit.id + "/"))
    kinds = {kind for (kind,) in db.session.execute(ALL.select(Unit, Unit.kind).distinct())}
    deepest = _one(sa.select(sa.func.max(Unit.depth)))
    faults = [f"路径不符的单位 {lost} 个"] if lost else []
    faults += [f"缺少 {kind.label}" for kind in UnitKind if kind.value not in kinds]
    return faults + ([f"单位树只有 {deepest} 级"] if deepest < DEEPEST else [])


def _locks() -> list[str]:
    """What the load set aside on PostgreSQL stands again: no table without row security, no trigger asleep."""
    if db.engine.dialect.name != "postgresql":
        return []
    asleep = sa.select(sa.func.count()).select_from(sa.table("pg_trigger")).where(
        sa.column("tgenabled") == "D", sa.not_(sa.column("tgisinternal")))
    sleeping = int(db.session.execute(asleep).scalar_one())
    return [*row_security.defects(db.session()), *([f"停用的触发器 {sleeping} 个"] if sleeping else [])]


def _rows() -> list[str]:
    """People stand in records of their own unit; nothing is entered before it ended; no key of a file is missing."""
    strangers = _one(
        sa.select(sa.func.count()).select_from(RecordPerson).join(Record, Record.id == RecordPerson.record_id)
        .join(Cadre, Cadre.id == RecordPerson.cadre_id)
        .where(sa.or_(RecordPerson.unit_number != Record.unit_number, Cadre.unit_number != Record.unit_number))
    )
    early = _one(sa.select(sa.func.count()).select_from(Record).where(Record.due_on <= Record.ended_on))
    crowded = _one(sa.select(sa.func.count()).select_from(
        sa.select(Seat.unit_id).group_by(Seat.unit_id).having(sa.func.count() > 2).subquery()))
    told = {"不属于本单位的人": strangers, "到期日不晚于结束日": early, "管理员多于两名的单位": crowded}
    return [f"{what} {count}" for what, count in told.items() if count]
