"""Forty days in the life of a province, by chance: what happens goes to the product and to the model alike."""

import json
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from steps_model import Item, Line, Model, walk

import factories
from app import outbox, registry
from app.obligations import arming, scheduler
from app.obligations.model import Digest, Notice, Obligation, Quieted, StepDone
from app.people.model import Cadre
from app.records.model import Record, State
from app.records.ruling import Ruling
from app.timing.kinds import RETURN
from permissions import transaction
from permissions.accounts import Account
from permissions.grants import Filing, Grant, Seat
from tenants import clock, provision
from tenants.db import db
from tenants.fields import new_id
from tenants.models import Unit
from tenants.scope import Scope
from world import World

ALL = Scope.everything("a test looks at everything")
ZONE = ZoneInfo("Asia/Shanghai")
QUARTER = timedelta(minutes=15)
UNITS = ("射阳", "合德镇", "东台", "射阳教育局", "安丰镇", "合德敬老院", "海安")
MODULES = ("visits", "volunteer_service")
BACK = "back "  # what was sent back, in the model's names


class Days:
    """A world, its model and a stream of chance."""

    def __init__(self, world: World, seed: int, first: date, *, busy: float = 0.06) -> None:
        self.world, self.chance = world, random.Random(seed)
        self.at = datetime(first.year, first.month, first.day, tzinfo=ZONE)
        self.silent_until = self.at
        self.lookers: tuple[Callable[[], Any], ...] = (scheduler.look, scheduler.look)
        self.busy = busy
        self.left = False  # messages of a sender that died
        self.known = list(world.accounts.values())
        with world.app.app_context(), transaction.act("tests"):
            self.cadres = {name: factories.cadre(unit=self._unit(name)).id for name in UNITS}
            for name in ("东台", "合德镇", "海安"):
                made = factories.staff(unit=self._unit(name))
                self.known.append(made.id)
                factories.grant(account=made, unit=self._unit(name), role="clerk")
            transaction.audit.record("tests:cadres", "unit", None, self._unit("射阳"))
            self.model = self._read()

    def _unit(self, name: str) -> Unit:
        found: Unit = db.session.execute(ALL.select(Unit).where(Unit.id == self.world.units[name])).scalar_one()
        return found

    def _read(self) -> Model:
        units = db.session.execute(ALL.select(Unit)).scalars().all()
        model = Model({each.id: each.parent_id for each in units}, {}, {})
        for seat in db.session.execute(ALL.select(Seat)).scalars():
            model.seats.setdefault(seat.unit_id, []).append(seat.account_id)
        for grant in db.session.execute(ALL.select(Grant).where(Grant.role == "clerk")).scalars():
            model.clerks.setdefault(grant.unit_id, []).append((grant.account_id, grant.columns, grant.until))
        return model

    def run(self, days: int) -> None:
        """Go through the days a quarter of an hour at a time; some of them nobody is running."""
        end = self.at + timedelta(days=days)
        while self.at < end or self.left:
            if self.at < end and self.chance.random() < self.busy:
                self._happens()
            if self.chance.random() < 0.0012:
                self.silent_until = self.at + timedelta(days=self.chance.choice((1, 3, 9)))
            if self.at >= self.silent_until:
                self._look()
            self.at += QUARTER

    def _look(self) -> None:
        clock.configure(self.at.isoformat())
        self.model.today = self.at.date()
        self._work(did=self.model.look(self.at))

    def _work(self, *, did: bool) -> None:
        """Two schedulers look, messages go out."""
        with self.world.app.app_context():
            for look in self.chance.sample(self.lookers, len(self.lookers)):
                look()
            if did or self.left:
                office = scheduler.in_office_hours()
                outbox.drain(office=office)
                self.left = self.left and not office

    def _happens(self) -> None:
        clock.configure(self.at.isoformat())
        events = {self._plan: 30, self._enter: 14, self._delete: 3, self._give_back: 8, self._redate: 4,
                  self._absence: 8, self._grant: 6, self._unseat: 5, self._move: 3, self._file: 5, self._acknowledge: 3,
                  self._hush: 2, self._send_back: 8, self._amend: 4}
        what = self.chance.choices(list(events), list(events.values()))
        with self.world.app.app_context(), transaction.act("tests"):
            what[0]()
            transaction.audit.record("tests:event", "unit", None, self._unit("射阳"))

    def _pick(self, found: list[str]) -> str | None:
        return self.chance.choice(found) if found else None

    def _people(self, *, seated: bool) -> list[str]:
        """Clerks, and administrators if asked for, in an order that does not hang on their ids."""
        able = {who for rows in self.model.clerks.values() for who, *_ in rows}
        able |= {who for rows in self.model.seats.values() for who in rows} if seated else set()
        return sorted(able, key=self.known.index)

    def _staff(self, unit: Unit) -> str:
        self.known.append(factories.staff(unit=unit).id)
        return self.known[-1]

    def _record(self, record_id: str) -> Record:
        found: Record = db.session.execute(ALL.select(Record).where(Record.id == record_id)).scalar_one()
        return found

    def _open(self, *, filings: bool = False) -> list[str]:
        return [name for name, item in self.model.items.items()
                if item.open and (item.column is None) is filings and not name.startswith(BACK)]

    def _plan(self) -> None:
        """Work that ended some days ago, or will."""
        name, today = self.chance.choice(UNITS), self.at.date()
        unit, key = self._unit(name), self.chance.choice(MODULES)
        ended = today + timedelta(days=self.chance.choice((-20, -9, -4, -2, -1, 0, 0, 0, 2)))
        cadre = db.session.execute(ALL.select(Cadre).where(Cadre.id == self.cadres[name])).scalar_one()
        made = factories.record(module=key, unit=unit, cadre=cadre, ended_on=ended, draft=True)
        self.model.items[made.id] = Item(unit.id, registry.module(key).column, today, ended, walk(ended, 5))

    def _enter(self) -> None:
        chosen = self._pick([name for name in self._open() if self.model.items[name].started <= self.at.date()])
        if chosen:
            record = self._record(chosen)
            record.state, record.entered_at, record.entered_on = State.entered, clock.now(), clock.today()
            self.model.items[chosen].open = False

    def _delete(self) -> None:
        chosen = self._pick(self._open())
        if chosen:
            self._record(chosen).deleted_at = clock.now()
            self.model.items.pop(chosen) if chosen not in self.model.watched else setattr(
                self.model.items[chosen], "open", False)

    def _give_back(self) -> None:
        """Entered, then returned: half the time nobody tells the scheduler."""
        chosen = self._pick(self._entered())
        record = self._record(chosen) if chosen else None
        if chosen and record is not None and record.deleted_at is None:
            record.state, record.entered_at, record.entered_on = State.draft, None, None
            self.model.items[chosen].open = True
            if self.chance.random() < 0.5:
                arming.rearm(record.module, record.id, self._at(record.unit_id), record.due_on)
                self.model.returned(chosen, self.at.date())

    def _entered(self) -> list[str]:
        """Records given, and not sent back."""
        items = self.model.items
        return [name for name, item in items.items() if not item.open and item.column and not name.startswith(BACK)
                and not (BACK + name in items and items[BACK + name].open)]

    def _send_back(self) -> None:
        """The superior returns an entered record, as `app.keeping.rulings` does; half the time nobody is told."""
        chosen, today = self._pick(self._entered()), self.at.date()
        record = self._record(chosen) if chosen else None
        if chosen and record is not None and record.deleted_at is None:
            record.late_ruling = "returned"
            db.session.add(Ruling(id=new_id(), record_id=record.id, kind="late_returned", at=clock.now(),
                                  by_name="上级", by_unit="上级", unit_id=record.unit_id,
                                  unit_number=record.unit_number))
            known = self.model.items[chosen]
            self.model.items[BACK + chosen] = Item(known.unit, known.column, today, today, walk(today, 5), always=True)
            if self.chance.random() < 0.5:
                arming.rearm(RETURN, record.id, self._at(record.unit_id), walk(today, 5))
                self.model.returned(BACK + chosen, today)

    def _amend(self) -> None:
        chosen = self._pick([name for name, item in self.model.items.items() if item.open and name.startswith(BACK)])
        if chosen:
            self._record(chosen.removeprefix(BACK)).late_ruling = None
            self.model.items[chosen].open = False

    def _at(self, unit_id: str) -> Unit:
        found: Unit = db.session.execute(ALL.select(Unit).where(Unit.id == unit_id)).scalar_one()
        return found

    def _redate(self) -> None:
        chosen = self._pick([name for name in self._open() if self.model.items[name].started < self.at.date()])
        if chosen:
            item, record = self.model.items[chosen], self._record(chosen)
            item.due = record.due_on = walk(item.due, self.chance.choice((-3, 1, 4)))

    def _absence(self) -> None:
        chosen = self.chance.choice(self._people(seated=True))
        account = db.session.execute(ALL.select(Account).where(Account.id == chosen)).scalar_one()
        account.state = "active" if chosen in self.model.absent else "suspended"
        self.model.absent ^= {chosen}

    def _grant(self) -> None:
        """A clerk's right ends on a day, or for good, or is given for some columns."""
        unit = self._unit(self.chance.choice(UNITS))
        rows = db.session.execute(ALL.select(Grant).where(Grant.unit_id == unit.id, Grant.role == "clerk")
                                  ).scalars().all()
        if rows and self.chance.random() < 0.5:
            chosen = min(rows, key=lambda row: self.known.index(row.account_id))
            chosen.until = self.at.date() + timedelta(days=self.chance.choice((-1, 0, 2)))
        else:
            columns = self.chance.choice((None, ["precision_service"]))
            db.session.add(Grant(id=new_id(), account_id=self._staff(unit), unit_id=unit.id, unit_number=unit.number,
                                 role="clerk", columns=columns, channel="both", given_at=clock.now()))
        db.session.flush()
        self.model.clerks = self._read().clerks

    def _unseat(self) -> None:
        unit = self._unit(self.chance.choice((*UNITS, "盐城")))
        seat = db.session.execute(ALL.select(Seat).where(Seat.unit_id == unit.id).limit(1)).scalar_one_or_none()
        if seat is not None:
            db.session.delete(seat)
        else:
            db.session.add(Seat(unit_id=unit.id, unit_number=unit.number, account_id=self._staff(unit),
                                seat=1, since=clock.now()))
        db.session.flush()
        self.model.seats = self._read().seats

    def _move(self) -> None:
        unit, parent = self.chance.choice((("合德镇", "东台"), ("合德镇", "射阳"), ("安丰镇", "射阳"), ("射阳", "南通"),
                                           ("射阳", "盐城")))
        provision.move_unit(self._unit(unit), self._unit(parent))
        db.session.flush()
        self.model.parents = self._read().parents

    def _file(self) -> None:
        unit = self._unit(self.chance.choice(UNITS))
        made = Filing(id=new_id(), unit_id=unit.id, unit_number=unit.number, act="appoint", seat=1,
                      account_id=self.world.accounts["clerk"], receiver_unit_id=unit.parent_id, filed_at=clock.now())
        db.session.add(made)
        day = self.at.date()
        self.model.items[made.id] = Item(str(unit.parent_id), None, day, day, walk(day, 5), always=True)

    def _acknowledge(self) -> None:
        chosen = self._pick(self._open(filings=True))
        if chosen:
            filing = db.session.execute(ALL.select(Filing).where(Filing.id == chosen)).scalar_one()
            filing.acknowledged_at = clock.now()
            self.model.items[chosen].open = False

    def _hush(self) -> None:
        """Somebody wants no reminders by SMS, or wants them again."""
        who = self.chance.choice(self._people(seated=False))
        if who in self.model.quiet:
            db.session.execute(ALL.delete(Quieted).where(Quieted.account_id == who))
        else:
            account = db.session.execute(ALL.select(Account).where(Account.id == who)).scalar_one()
            db.session.add(Quieted(account_id=who, since=clock.now(), unit_id=account.unit_id,
                                   unit_number=account.unit_number))
        self.model.quiet ^= {who}

    def ledger(self) -> list[Line]:
        """What the product kept of every step."""
        with self.world.app.app_context():
            told: dict[tuple[str, int, str], set[str]] = {}
            for row in db.session.execute(ALL.select(Notice)).scalars():
                told.setdefault((row.obligation_id, row.generation, row.step), set()).add(row.account_id)
            subjects = {row.id: BACK * (row.kind == RETURN) + row.subject_id
                        for row in db.session.execute(ALL.select(Obligation)).scalars()}
            return [Line(subjects[row.obligation_id], row.generation, row.step, row.outcome,
                         row.done_at.astimezone(ZONE),
                         frozenset(told.get((row.obligation_id, row.generation, row.step), ())))
                    for row in db.session.execute(ALL.select(StepDone)).scalars()]

    def sent(self) -> tuple[dict[tuple[str, date], str], list[dict[str, Any]]]:
        """Digests by account and day in the words of the messages that went out; and the lines of the file."""
        with self.world.app.app_context():
            path = outbox.sms_file()
            texts = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
            lines = [json.loads(text) for text in texts]
            phones = {each.id: each.phone for each in db.session.execute(ALL.select(Account)).scalars()}
            digests = db.session.execute(ALL.select(Digest)).scalars().all()
            sent = {line["id"]: line for line in lines}
            assert all(sent[str(each.message_id)]["to"] == phones[each.account_id] for each in digests)
            words = {each: line["params"]["words"] for each, line in sent.items()}
            return {(each.account_id, each.day): words[str(each.message_id)] for each in digests}, lines

    def message_ids(self) -> set[str]:
        """The messages of every digest."""
        with self.world.app.app_context():
            return {str(each) for each in db.session.execute(ALL.select(Digest, Digest.message_id)).scalars()}
