"""One SMS per person and day: everything new that still holds, in numbers; nothing that names a cadre or a record."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from app import outbox
from app.deadlines.steps import RETURNED
from app.obligations.arming import paths_of
from app.obligations.model import Digest, Notice, Obligation, Quieted
from app.outbox import Message
from app.timing.kinds import RETURN
from permissions import audit
from permissions.accounts import Account
from permissions.audit import About
from tenants import clock
from tenants.db import db
from tenants.fields import new_id
from tenants.scope import Scope

_EVERY = Scope.everything("the digests of everybody are made together")
BATCH = 100
DIGESTS = cast(Table, Digest.__table__)
Line = tuple[str, str]  # what it is about, and as what: overdue, today, soon, returned, above
News = tuple[str, Line, bool]  # a notice, its line, whether it still holds
_WORDS = (("overdue", "{} 项已经逾期"), ("today", "{} 项今天到期"), ("soon", "{} 项将要到期"),
          ("returned", "{} 项被退回"), ("above", "所辖单位有 {} 项逾期未办"))


def words(lines: Iterable[Line]) -> str:
    """`您有 1 项已经逾期，2 项将要到期；所辖单位有 4 项逾期未办`: each thing once, as the gravest it is."""
    kinds: defaultdict[str, set[str]] = defaultdict(set)
    for about, kind in lines:
        kinds[about].add(kind)
    counts: defaultdict[str, int] = defaultdict(int)
    for found in kinds.values():
        counts[next(kind for kind, _text in _WORDS if kind in found)] += 1
    own = [text.format(counts[kind]) for kind, text in _WORDS[:-1] if counts[kind]]
    above = [_WORDS[-1][1].format(counts["above"])] if counts["above"] else []
    return "；".join([f"您有 {'，'.join(own)}"] * bool(own) + above)


def make_digests() -> int:
    """Make the digests of a batch of people who have none today, in the caller's transaction; how many it looked at."""
    today = clock.today()
    ids = _waiting(today)
    if not ids:
        return 0
    quiet = set(db.session.execute(_EVERY.select(Quieted, Quieted.account_id).where(
        Quieted.account_id.in_(ids))).scalars())
    accounts = {each.id: each for each in db.session.execute(
        _EVERY.select(Account).where(Account.id.in_(ids))).scalars()}
    lines = _lines(ids, today)
    made = [_make(accounts[account_id], lines[account_id], today, quiet=account_id in quiet) for account_id in ids]
    _log([message for message in made if message is not None], accounts)
    return len(ids)


def _log(made: Sequence[Message], accounts: Mapping[str, Account]) -> None:
    """Who was told what, in which wording: a digest names nobody but its reader, so its words may stand in the log."""
    told = [(message, accounts[message.account_id or ""]) for message in made]
    paths = paths_of({account.unit_id for _message, account in told}) if told else {}
    audit.record_many("obligation:digest", [About(
        "account", account.id, account.unit_id, account.unit_number, paths[account.unit_id], {},
        {"told": [account.name], "template_version": message.template_version,
         "text": outbox.text_of(message.template, json.loads(message.params or "{}"), message.template_version)})
        for message, account in told])


def _waiting(today: date) -> list[str]:
    """Accounts with news and no digest today; taken by whoever puts their digest in first."""
    has_one = select(Digest.id).where(Digest.account_id == Notice.account_id, Digest.day == today)
    return list(db.session.execute(_EVERY.mark(
        select(Notice.account_id).where(Notice.state == "new", ~has_one.exists())
        .distinct().order_by(Notice.account_id).limit(BATCH))).scalars())


def _lines(ids: list[str], today: date) -> defaultdict[str, list[News]]:
    """Per account what its new notices are about, and whether each still holds."""
    found: defaultdict[str, list[News]] = defaultdict(list)
    rows = db.session.execute(_EVERY.mark(
        select(Notice.id, Notice.account_id, Notice.step, Notice.above, Notice.generation, Obligation)
        .join(Obligation, Obligation.id == Notice.obligation_id)
        .where(Notice.state == "new", Notice.account_id.in_(ids))))
    for notice_id, account_id, step, above, generation, about in rows:
        holds = about.state == "open" and about.generation == generation
        line = about.id, _kind(about, step, today, above=above)
        found[account_id].append((notice_id, line, holds))
    return found


def _kind(about: Obligation, step: str, today: date, *, above: bool) -> str:
    """As what it is counted; more time was no return, though the steps begin anew."""
    if above:
        return "above"
    if step == RETURNED and about.kind == RETURN:
        return "returned"
    return "overdue" if about.due_on < today else "today" if about.due_on == today else "soon"


def _make(account: Account, found: list[News], today: date, *, quiet: bool) -> Message | None:
    """Put the digest in, send it, and settle what it was about; nothing when another scheduler was quicker."""
    holding = [line for _notice, line, holds in found if holds]
    sent = [line for line in holding if not quiet or line[1] == "above"] if account.may_log_in else []
    insert: Any = insert_postgresql if db.engine.dialect.name == "postgresql" else insert_sqlite
    digest_id: str | None = None
    message: Message | None = None
    if sent:
        digest_id = db.session.execute(_EVERY.mark(
            insert(DIGESTS).values(id=new_id(), account_id=account.id, day=today, items=len({each for each, _ in sent}),
                                   made_at=clock.now(), unit_id=account.unit_id, unit_number=account.unit_number)
            .on_conflict_do_nothing(index_elements=["account_id", "day"]).returning(DIGESTS.c.id))).scalar_one_or_none()
        if digest_id is None:
            return None
        message = outbox.queue(account, "daily_digest", {"words": words(sent)})
        db.session.flush()
        db.session.execute(_EVERY.update(Digest).where(Digest.id == digest_id).values(message_id=message.id)
                           .execution_options(synchronize_session=False))
    settled = _EVERY.update(Notice).where(Notice.id.in_([each for each, _line, _holds in found]))
    db.session.execute(settled.values(state="told" if sent else "dropped", digest_id=digest_id)
                       .execution_options(synchronize_session=False))
    return message
