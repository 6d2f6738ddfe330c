"""Messages written with the act and sent within seconds: our table is the truth, the queue only wakes the worker.

A password stands in a message encrypted, until it is sent; then it is erased. Texts carry no link and nothing
personal beyond the password (F11).
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import CheckConstraint, Index, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column

from permissions import transaction
from permissions.accounts import Account
from tenants import clock
from tenants.db import Base, db
from tenants.fields import Id, Instant, encrypted, new_id
from tenants.scope import Scope, UnitOwned, owned

TEMPLATES = {
    "account_opened": "您的银龄账号已开通。账号是本手机号码，初始密码是 {spaced}，72 小时内有效，首次登录请修改。"
                      "工作人员不会向您索要密码。",
    "password_resent": "您的银龄账号已重新发放初始密码：{spaced}，72 小时内有效，登录后请修改。"
                       "工作人员不会向您索要密码。",
    "login_code": "您的银龄登录验证码：{spaced}，5 分钟内有效。请不要告诉任何人，工作人员也不会向您索要。",
    "daily_digest": "银龄待办提醒：{words}。请登录银龄办理。",
}
PASSWORDS = ("account_opened", "password_resent")
NEWEST_ALONE = (PASSWORDS, ("login_code",))  # of each of these the newest alone counts
BY_DAY = ("daily_digest",)  # in office hours only
SECRETS = ("password", "code")
LEASE = timedelta(minutes=2)
BATCH = 50
_EVERY_MESSAGE = Scope.everything("the worker sends the messages of every unit")


class Message(UnitOwned, Base):
    """One SMS: to whom, which template, with which parameters; lease and attempts make sending at-least-once."""

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

    __table_args__ = owned(
        CheckConstraint("state IN ('waiting', 'sent', 'failed', 'void')", name="state"),
        Index("ix_messages_state", "state", "created_at"),
    )


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
                      template=template, phone=account.phone, params=json.dumps(dict(params)),
                      created_at=clock.now())
    db.session.add(message)
    return message


def text_of(template: str, params: Mapping[str, str]) -> str:
    """The words sent: from our own template, with the password in groups of four and the code in groups of three."""
    secret, group = (params["code"], 3) if "code" in params else (params.get("password", ""), 4)
    spaced = " ".join(secret[start:start + group] for start in range(0, len(secret), group))
    return TEMPLATES[template].format(spaced=spaced, **params)


def _claim(now: datetime, *, office: bool = True) -> list[str]:
    free = (
        _EVERY_MESSAGE.select(Message, Message.id)
        .where(Message.state == "waiting", (Message.lease_until.is_(None)) | (Message.lease_until < now),
               *([] if office else [Message.template.not_in(BY_DAY)]))
        .order_by(Message.created_at)
        .limit(BATCH)
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
    """Send what waits; returns how many. Each batch is claimed, written out and marked, so that a crash resends.

    Outside office hours what may wait for the morning waits.
    """
    sent = 0
    while True:
        with transaction.act("outbox"):
            claimed = _claim(clock.now(), office=office)
        if not claimed:
            return sent
        with transaction.act("outbox"):
            messages = db.session.execute(
                _EVERY_MESSAGE.select(Message).where(Message.id.in_(claimed), Message.state == "waiting")
                .order_by(Message.created_at)
            ).scalars().all()
            _hand_over([_as_sent(message) for message in messages])
            for message in messages:
                message.state, message.sent_at, message.params = "sent", clock.now(), None
            sent += len(messages)


def _as_sent(message: Message) -> dict[str, Any]:
    params: dict[str, str] = json.loads(message.params or "{}")
    return {"at": clock.iso(clock.now()), "to": message.phone, "template": message.template, "params": params,
            "text": text_of(message.template, params)}


def sms_file() -> Path:
    """Where the file provider writes (`YINLING_SMS_URL=file:` or `file:PATH`)."""
    settings = current_app.config["SETTINGS"]
    name = settings.sms_url.removeprefix("file:").removeprefix("//")
    return Path(name) if name else settings.instance / "sms.jsonl"


def _hand_over(lines: list[dict[str, Any]]) -> None:
    """The file provider: JSON lines, readable by the owner only. In a deployment a gateway takes its place."""
    path = sms_file()
    if not path.exists():
        path.touch(mode=0o600)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    # One write: two workers that share the file must not cut into each other's lines.
    with path.open("ab", buffering=0) as out:
        out.write(text.encode())
