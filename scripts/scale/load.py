"""Loads a planned province into an empty, migrated database, with as many processes as there are to use."""

import multiprocessing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app.deadlines.notices import shipped
from app.demo import demo_passwords
from app.demo.province import UnitPlan
from app.records.calendar import work_calendar
from app.records.module import Module
from app.records.redating import store_notices
from checkout import say
from permissions import audit, transaction
from permissions.accounts import Account
from permissions.passwords import set_own
from scale import name_words
from scale import plan as planning
from scale.account_rows import AccountRows
from scale.cadre_rows import CadreRows
from scale.plan import Place, Plan, Size
from scale.postgres_store import PostgresStore
from scale.progress import Progress
from scale.record_rows import OWN, RecordRows
from scale.rows import Block
from scale.season_days import chunks, days
from scale.sqlite_store import SqliteStore
from tenants import clock, provision
from tenants.db import db

TABLES = ["accounts", "grants", "administrators", "rights_given", "filings", "cadres", "records", *OWN, "record_people",
          "audit_entries", *name_words.TABLES]
TREE_YEARS = 4
CADRES_AT_ONCE = 2_000
PHONE = "19900000000"

Store = PostgresStore | SqliteStore
# ("cadres", range of units) or ("records", number of the run of days)
Task = tuple[str, Any]


@dataclass
class Workshop:
    """What every process has before it begins: the plan and the makers of rows."""

    plan: Plan
    cadres: CadreRows
    records: RecordRows
    runs: list[Any]
    store: Store

    def blocks(self, task: Task) -> list[Block]:
        """The rows of one task."""
        kind, which = task
        return [self.cadres.block(which)] if kind == "cadres" else self.records.blocks(which, self.runs[which])

    def tasks(self) -> Iterator[Task]:
        """Files first, unit by unit, then records, day by day."""
        first, held = 0, 0
        for unit, count in enumerate(self.plan.people.count):
            held += count
            if held >= CADRES_AT_ONCE:
                yield "cadres", range(first, unit + 1)
                first, held = unit + 1, 0
        yield "cadres", range(first, len(self.plan.places))
        for number in range(len(self.runs)):
            yield "records", number


_shared: list[Workshop] = []


def _made(task: Task) -> list[Block]:
    return _shared[0].blocks(task)


def _counted(blocks: list[Block]) -> dict[str, int]:
    return {block.table: len(block.rows) for block in blocks}


def _written(task: Task) -> dict[str, int]:
    blocks = _shared[0].blocks(task)
    _shared[0].store.write(blocks)
    return _counted(blocks)


def load_tree(units: list[UnitPlan], modules: Mapping[str, Module]) -> list[Place]:
    """The units by the product's own bulk load, and the calendar; what rows need to know of them."""
    today = clock.today()
    planned = [provision.Planned(each.key, each.parent_key, each.kind, each.name, each.code) for each in units]
    with transaction.act("scale data"):
        made = provision.load_tree(planned, valid_from=date(today.year - TREE_YEARS, 1, 1))
        missing = [notice for notice in shipped() if not work_calendar().published(notice.year)]
        if missing:
            store_notices(missing, modules)
        places = [
            Place(each.key, made[each.key].id, str(made[each.key].number),
                  made[each.parent_key].id if each.parent_key else made[each.key].id, made[each.key].path, each.kind,
                  each.name, each.key[:6])
            for each in units
        ]
        audit.record("scale:load", "scale", None, made[units[0].key], after={"units": len(units)})
    return places


def load(app_folder: Path, units: list[UnitPlan], modules: Mapping[str, Module], size: Size, seed: str,
         processes: int) -> tuple[dict[str, int], Path]:
    """Load everything; rows by table, and the file with the accounts to try. Needs an application context."""
    places = load_tree(units, modules)
    say(f"单位 {len(places):,} 个")
    plan = planning.build(seed, clock.today(), size, places)
    all_days = days(plan.today, work_calendar(), modules)
    say(f"数据已拟定:老同志 {sum(plan.people.count):,},工作人员 {len(plan.staff):,}")
    url = db.engine.url.render_as_string(hide_password=False)
    db.session.remove()
    db.engine.dispose()
    store: Store = SqliteStore(url) if db.engine.dialect.name == "sqlite" else PostgresStore(url)
    shop = Workshop(plan, CadreRows(plan), RecordRows(plan, all_days), chunks(all_days, size.records), store)
    undone = store.undress(TABLES)
    password = demo_passwords.make_password()
    accounts = AccountRows(plan, _hashed(password))
    counts = _counted(blocks := list(accounts.blocks()))
    store.write(blocks)
    store.close()
    say(f"账号 {counts['accounts']:,} 个")
    _add(counts, _run(shop, processes))
    store.close()
    store.spell()
    say("姓名检索词已写入")
    progress = Progress("索引与约束", undone.steps(TABLES))
    store.dress(undone, TABLES, processes, lambda _name: progress.add(1))
    progress.end()
    return counts, demo_passwords.publish(demo_passwords.write(accounts.told(password), app_folder))


def _hashed(password: str) -> str:
    account = Account(kind="staff", name="银龄", password_hash="")
    set_own(account, password, PHONE)
    return account.password_hash


def _add(counts: dict[str, int], more: Mapping[str, int]) -> None:
    for table, count in more.items():
        counts[table] = counts.get(table, 0) + count


def _run(shop: Workshop, processes: int) -> dict[str, int]:
    """Every task, in the processes; on SQLite they only make rows, since one alone can write."""
    counts: dict[str, int] = {}
    progress = Progress("档案与记录", shop.plan.size.cadres + shop.plan.size.records)
    _shared[:] = [shop]

    def note(told: Mapping[str, int]) -> None:
        _add(counts, told)
        progress.add(told.get("cadres", 0) + told.get("records", 0))

    try:
        if processes == 1:
            for task in shop.tasks():
                note(_written(task))
        else:
            _spread(shop, processes, note)
    finally:
        _shared.clear()
    progress.end()
    return counts


def _spread(shop: Workshop, processes: int, note: Callable[[Mapping[str, int]], None]) -> None:
    # Forked, so that the plan is there without being sent; nobody holds a connection at this moment.
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        if isinstance(shop.store, PostgresStore):
            for told in pool.imap_unordered(_written, shop.tasks()):
                note(told)
            return
        for blocks in pool.imap(_made, shop.tasks()):
            shop.store.write(blocks)
            note(_counted(blocks))
