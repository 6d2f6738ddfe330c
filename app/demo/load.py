"""Loads the demonstration province into an empty database, whole or not at all."""

import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from app.deadlines.notices import shipped
from app.deadlines.rules import due
from app.demo import demo_passwords
from app.demo.inserting import Row, insert
from app.demo.load_accounts import account_rows, load_rights
from app.demo.load_cadres import load_cadres
from app.demo.load_log import load_log
from app.demo.load_records import load_records
from app.demo.opinions import load_opinions
from app.demo.plan import ProvincePlan, build
from app.demo.province import ROOT, units
from app.demo.register import Moment, Register
from app.records.calendar import work_calendar
from app.records.module import FIVE_WORKING_DAYS, Module
from app.records.redating import store_notices
from permissions import audit, transaction
from permissions.accounts import Account
from tenants import clock, provision
from tenants.place import Place

WHOLE, SMALL = (20_000, 60_000), (1_000, 3_000)
TREE_YEARS = 3

Say = Callable[[str], None]


class Steps:
    """Says what was done, with the seconds since the start."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.began = time.monotonic()

    def done(self, what: str) -> None:
        """One step is finished."""
        self.say(f"{time.monotonic() - self.began:6.1f} 秒  {what}")


def load(folder: Path, modules: Mapping[str, Module], *, cadre_total: int, record_total: int, say: Say) -> Path:
    """Load the province as of today in one transaction; returns the file with the demonstration accounts.

    `folder` is the instance folder. Raises Conflict when there are units already; whatever goes wrong, the database
    stays as it was. The accounts' file appears only once everything is committed.
    """
    steps = Steps(say)
    with transaction.act("demo"):
        made = _load_tree(modules)
        steps.done(f"单位 {len(made)} 个，工作日历已装入")
        moment = Moment(clock.now(), clock.today())
        plan = build(moment.today, _due_day, cadre_total=cadre_total, record_total=record_total)
        register = Register(plan, made, moment)
        steps.done("数据已拟定")
        beside = _load_plan(register, modules, folder, steps)
        audit.record("demo:load", "demo", None, made[ROOT], after=_counts(plan))
    steps.done("已写入数据库")
    return demo_passwords.publish(beside)


def _load_tree(modules: Mapping[str, Module]) -> dict[str, Place]:
    """The units and the calendar; years already loaded are left alone."""
    today = clock.today()
    planned = [provision.Planned(each.key, each.parent_key, each.kind, each.name, each.code) for each in units()]
    made = provision.load_tree(planned, valid_from=date(today.year - TREE_YEARS, 1, 1))
    missing = [notice for notice in shipped() if not work_calendar().published(notice.year)]
    if missing:
        store_notices(missing, modules)
    return made


def _due_day(ended_on: date) -> date:
    return due(FIVE_WORKING_DAYS, work_calendar(), ended_on).on


def _load_plan(register: Register, modules: Mapping[str, Module], folder: Path, steps: Steps) -> Path:
    accounts: list[Row] = account_rows(register)
    told = demo_passwords.give(register, accounts)
    insert(Account, accounts)
    seating = load_rights(register)
    steps.done(f"账号 {len(accounts)} 个，系统管理员 {len(seating.seats)} 名，均已报备")
    steps.done(f"老同志档案 {load_cadres(register)} 份")
    loading = load_records(register, modules)
    steps.done(f"工作记录 {len(loading.common)} 条，涉及 {len(loading.people)} 人次")
    left = load_opinions(register)
    entries = load_log(register, loading, seating, left)
    steps.done(f"意见建议 {len(left)} 条，日志 {entries} 条")
    return demo_passwords.write(told, folder)


def _counts(plan: ProvincePlan) -> dict[str, int]:
    return {"units": len(plan.units), "staff": len(plan.staff), "cadres": len(plan.cadres),
            "records": len(plan.records)}
