"""`Idempotency-Key`: the answer of an act is kept with it, in the same transaction, and given again."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from flask import Response, g, make_response, request
from sqlalchemy import BigInteger, ForeignKey, Integer, String, bindparam, cast, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from permissions.guard import me, my_scope
from tenants import clock, inserting
from tenants.db import Base, db
from tenants.errors import Conflict, Malformed
from tenants.fields import Id, Instant, encrypted
from tenants.prepared import Prepared, together
from tenants.scope import Scope

OTHER_BODY = "同一个 Idempotency-Key 已用于另一个请求，请换一个。"


class KeptAnswer(Base):
    """What was answered to an act with a key; encrypted, since answers hold people's data."""

    __tablename__ = "idempotency_keys"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    asked: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    answer: Mapped[str] = mapped_column(encrypted("idempotency_keys.answer"))
    object_id: Mapped[str | None] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(Instant)


_ANY = Scope.everything("an answer is kept by account and key, and speaks of no row")
_LOCK = Prepared(lambda _within: select(
    cast(func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger)), String)))
_KNOWN = Prepared(lambda _within: select(KeptAnswer.status).where(
    KeptAnswer.account_id == bindparam("account"), KeptAnswer.key == bindparam("hashed")))


def _asked() -> str:
    """Method, path and content; a multipart body differs at each sending by its boundary, so its parts count."""
    digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
    if request.mimetype == "multipart/form-data":
        for name, typed in sorted(request.form.items(multi=True)):
            digest.update(f"{name}={typed}\n".encode())
        for name, part in sorted(request.files.items(multi=True), key=lambda each: each[0]):
            digest.update(f"{name} {part.filename}".encode())
            digest.update(part.stream.read())
            part.stream.seek(0)
    else:
        digest.update(request.get_data())
    return digest.hexdigest()


def once(act: Callable[[], Response]) -> Response:
    """Run the act, or give back what it answered before."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return act()
    if not 1 <= len(key) <= 200 or not key.isprintable():
        raise Malformed("Idempotency-Key 的格式不对。")
    hashed = hashlib.sha256(key.encode()).hexdigest()
    asked = _asked()
    known = (_KNOWN, (), {"account": me().account.id, "hashed": hashed})
    if db.engine.dialect.name == "postgresql":  # SQLite's writers already queue
        found = together(_ANY, (_LOCK, (), {"number": int(hashed[:15], 16)}), known)[-1]
    else:
        [found] = together(_ANY, known)
    if found:
        return _again(db.session.get_one(KeptAnswer, (me().account.id, hashed)), asked)
    response = act()
    if response.status_code < 400:
        kept = {"account_id": me().account.id, "key": hashed, "asked": asked, "status": response.status_code,
                "answer": response.get_data(as_text=True), "at": clock.now()}
        try:
            inserting.put(KeptAnswer, kept)
        except IntegrityError as error:
            raise Conflict("同一请求正在处理，请稍后再试。", code="in_progress") from error
    return response


def _again(known: KeptAnswer, asked: str) -> Response:
    if known.asked != asked:
        raise Conflict(OTHER_BODY, code="idempotency_conflict")
    if g.mark.action is not None and not g.mark.for_cadres:
        my_scope(g.mark.action, any_column=True)  # the old answer is for those who still hold the right
    response = make_response(known.answer, known.status)
    if known.answer:
        response.content_type = "application/json"
    response.headers["Idempotent-Replay"] = "true"
    return response
