"""Messages written with the act and sent within seconds: our table is the truth, the queue only wakes the worker.

A message's id is its idempotency key at the provider. Whoever dies between handing over and marking leaves a lease to
run out; the next try bears the same key, so that a gateway delivers once. A provider that certainly did not take it is
left for the next one; one that may have is asked again first, later each time.

A password stands in a message encrypted, until it is sent; then it is erased. Texts carry no link and nothing
personal beyond the password (F11).
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Boolean, CheckConstraint, Index, Integer, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from app.config import several
from app.sms import choosing
from app.sms.provider import Answer, Outgoing, Provider
from app.sms.wordings import newest, wording
from permissions import transaction
from permissions.accounts import Account
from tenants import clock
from tenants.db import Base, db
from tenants.fields import Id, Instant, encrypted, new_id
from tenants.scope import Scope, UnitOwned, owned

PASSWORDS = ("account_opened", "password_resent")
NEWEST_ALONE = (PASSWORDS, ("login_code",))  # of each of these the newest alone counts
BY_DAY = ("daily_digest", "dormant")  # in office hours only
SECRETS = ("password", "code")
LEASE = timedelta(minutes=2)
BATCH = 50
# What is no use to anybody after so long is not sent late; nor does the total of the day hold it up.
LIVES = {**dict.fromkeys(PASSWORDS, timedelta(hours=72)), "login_code": timedelta(minutes=5)}
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(hours=1)
MOST_UNSURE = 3  # tries at one provider before the next is asked
RECEIPTS_FOR = timedelta(days=3)
DAY, HELD = timedelta(days=1), timedelta(minutes=30)  # a limit's span, and how soon it is looked at again
_EVERY_MESSAGE = Scope.everything("the worker sends the messages of every unit")


class Message(UnitOwned, Base):
    """One SMS: to whom, which template, with which parameters; lease and attempts make sending at-least-once.

    `place` is the provider whose turn it is, `tries` how often it has been asked. `delivered` is what the provider
    that took it says of the end; None until it does.
    """

    __tablename__ = "messages"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str | None] = mapped_column(Id, index=True)
    template: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(encrypted("messages.phone"))
    params: Mapped[str | None] = mapped_column(encrypted("messages.params"))
    state: Mapped[str] = mapped_column(String(8), default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    template_version: Mapped[int] = mapped_column(Integer, default=1)
    send_after: Mapped[datetime | None] = mapped_column(Instant)
    place: Mapped[int] = mapped_column(Integer, default=0)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    provider: Mapped[str | None] = mapped_column(String(60))
    delivered: Mapped[bool | None] = mapped_column(Boolean)

    __table_args__ = owned(
        CheckConstraint("state IN ('waiting', 'sent', 'failed', 'void')", name="state"),
        Index("ix_messages_state", "state", "created_at"),
    )


# What a message's row says before anybody has tried to send it, for those who write rows by themselves.
UNSENT: Mapping[str, Any] = {"template_version": 1, "lease_until": None, "send_after": None, "place": 0, "tries": 0,
                             "sent_at": None, "provider": None, "delivered": None}


def queue(account: Account, template: str, params: Mapping[str, str]) -> Message:
    """Put a message to an account into the outbox, in the act's transaction; a secret voids one of its kind unsent."""
    for kind in NEWEST_ALONE:
        if template in kind:
            db.session.execute(
                _EVERY_MESSAGE.update(Message)
                .where(Message.account_id == account.id, Message.state == "waiting", Message.template.in_(kind))
                .values(state="void", params=None)
                .execution_options(synchronize_session=False)
            )
    message = Message(account_id=account.id, unit_id=account.unit_id, unit_number=account.unit_number,
                      template=template, template_version=newest(template), phone=account.phone,
                      params=json.dumps(dict(params)), created_at=clock.now())
    db.session.add(message)
    return message


def void(account_id: str) -> None:
    """Nothing that waits for an account is sent any more."""
    db.session.execute(
        _EVERY_MESSAGE.update(Message).where(Message.account_id == account_id, Message.state == "waiting")
        .values(state="void", params=None).execution_options(synchronize_session=False))


def text_of(template: str, params: Mapping[str, str], version: int | None = None) -> str:
    """The words sent: in the wording the message was written under, with a password or code in groups."""
    secret, group = (params["code"], 3) if "code" in params else (params.get("password", ""), 4)
    spaced = " ".join(secret[start:start + group] for start in range(0, len(secret), group))
    return wording(template, version or newest(template)).format(spaced=spaced, **params)


def _claim(now: datetime, *, office: bool = True, most: int = BATCH) -> list[str]:
    free = (
        _EVERY_MESSAGE.select(Message, Message.id)
        .where(Message.state == "waiting", (Message.lease_until.is_(None)) | (Message.lease_until < now),
               Message.send_after.is_(None) | (Message.send_after <= now),
               *([] if office else [Message.template.not_in(BY_DAY)]))
        .order_by(Message.created_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    claimed = db.session.execute(
        _EVERY_MESSAGE.update(Message)
        .where(Message.id.in_(select(free.subquery().c.id)))
        .values(lease_until=now + LEASE, attempts=Message.attempts + 1)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return list(claimed.scalars())


def drain(*, office: bool = True) -> int:
    """Send what waits; returns how many. Each batch is claimed, handed over and marked, so that a crash resends.

    Outside office hours what may wait for the morning waits. Nothing is locked while a provider is spoken to.
    """
    sent, ways = 0, choosing.providers()
    while True:
        with transaction.act("outbox"):
            claimed = _claim(clock.now(), office=office, most=min(each.at_once for each in ways))
        if not claimed:
            return sent
        with transaction.act("outbox"):
            going = _sorted_out(claimed, ways)
        answers = {message.key: (way, answer) for way, messages in going
                   for message, answer in zip(messages, way.send(messages), strict=True)}
        with transaction.act("outbox"):
            sent += _settle(answers, ways)


def _living(ids: Sequence[str]) -> Sequence[Message]:
    found: Sequence[Message] = db.session.execute(
        _EVERY_MESSAGE.select(Message).where(Message.id.in_(ids), Message.state == "waiting")
        .order_by(Message.created_at)).scalars().all()
    return found


def _sorted_out(claimed: Sequence[str], ways: Sequence[Provider]) -> list[tuple[Provider, list[Outgoing]]]:
    """What goes which way now; what is out of date is void, what is over a limit waits."""
    now, going = clock.now(), [(way, list[Outgoing]()) for way in ways]
    messages = _living(claimed)
    held = _over_limits(messages, now)
    for message in messages:
        if message.template in LIVES and now - message.created_at > LIVES[message.template]:
            message.state, message.params = "void", None
        elif message.id in held:
            message.send_after, message.lease_until = held[message.id], None
        else:
            going[message.place % len(ways)][1].append(_outgoing(message))
    return [(way, found) for way, found in going if found]


def _over_limits(messages: Sequence[Message], now: datetime) -> dict[str, datetime]:
    """Which of these must wait, and until when: so many per number, and in all, within a day; secrets pass the total.

    An account is a number. Messages of this very batch count too.
    """
    settings = current_app.config["SETTINGS"]
    since = now - DAY
    lately = [Message.state == "sent", Message.sent_at > since]
    sent: Counter[str] = Counter()
    for account_id, many in db.session.execute(
            _EVERY_MESSAGE.select(Message, Message.account_id, func.count())
            .where(*lately, Message.account_id.in_({each.account_id for each in messages}))
            .group_by(Message.account_id)):
        sent[account_id] = many
    total = settings.sms_per_day and db.session.execute(
        _EVERY_MESSAGE.select(Message, func.count()).where(*lately)).scalar_one()
    held: dict[str, datetime] = {}
    for each in messages:
        per_number = settings.sms_per_number and sent[each.account_id or ""] >= settings.sms_per_number
        in_all = settings.sms_per_day and total >= settings.sms_per_day and each.template not in LIVES
        if each.template != "login_code" and (in_all or (each.account_id and per_number)):  # braked when asked for
            held[each.id] = now + HELD
        else:
            total += 1
            sent[each.account_id or ""] += 1
    return held


def _outgoing(message: Message) -> Outgoing:
    params: dict[str, str] = json.loads(message.params or "{}")
    return Outgoing(message.id, clock.iso(clock.now()), message.phone, message.template, message.template_version,
                    text_of(message.template, params, message.template_version), params)


def _settle(answers: Mapping[str, tuple[Provider, Answer]], ways: Sequence[Provider]) -> int:
    """Write down what became of each; how many are gone."""
    gone = 0
    for message in _living(list(answers)):
        way, answer = answers[message.id]
        message.tries += 1
        if answer in (Answer.accepted, Answer.refused):
            taken = answer is Answer.accepted
            message.state, message.params, message.provider = "sent" if taken else "failed", None, way.name
            message.sent_at = clock.now() if taken else None
            gone += taken
        else:
            _again(message, answer, len(ways))
    return gone


def _again(message: Message, answer: Answer, ways: int) -> None:
    """When and where it is tried next: at once elsewhere where there is an elsewhere not yet asked, else later."""
    message.lease_until = None
    if answer is Answer.unsure and message.tries < MOST_UNSURE:
        message.send_after = clock.now() + FIRST_WAIT * 2 ** (message.tries - 1)
        return
    message.place, message.tries = message.place + 1, 0
    rounds = message.place // ways
    if message.place % ways == 0:
        message.send_after = clock.now() + min(FIRST_WAIT * 2 ** min(rounds, 12), LONGEST_WAIT)


def collect() -> int:
    """Ask the providers what became of messages; how many ends are known now. The same twice changes nothing."""
    known = 0
    for way in choosing.providers():
        with transaction.act("outbox"):
            keys = list(db.session.execute(
                _EVERY_MESSAGE.select(Message, Message.id)
                .where(Message.state == "sent", Message.provider == way.name, Message.delivered.is_(None),
                       Message.sent_at > clock.now() - RECEIPTS_FOR)
                .order_by(Message.created_at.desc()).limit(500)).scalars())
        found = way.receipts(keys) if keys else {}
        with transaction.act("outbox"):
            for delivered in (True, False):
                ids = [key for key, state in found.items() if state is delivered]
                if ids:
                    db.session.execute(
                        _EVERY_MESSAGE.update(Message).where(Message.id.in_(ids), Message.delivered.is_(None))
                        .values(delivered=delivered).execution_options(synchronize_session=False))
        known += len(found)
    return known


def counts() -> list[tuple[str, str, int]]:
    """(template, state, how many) over every message there is."""
    rows = db.session.execute(_EVERY_MESSAGE.select(Message, Message.template, Message.state, func.count())
                              .group_by(Message.template, Message.state).order_by(Message.template, Message.state))
    return [(template, state, number) for template, state, number in rows]


def sms_file() -> Path:
    """Where the file provider writes, where there is one."""
    settings = current_app.config["SETTINGS"]
    url = next((each for each in several(settings.sms_url) if each.startswith("file:")), "file:")
    return choosing.file_of(url, settings.instance)
