"""Spells names that have no words yet: those of before there were words, and any that were brought in by raw SQL."""

from typing import Any

from sqlalchemy import bindparam, update

from app.people.model import Cadre, mobile_tail_key
from app.values.name_words import spelled
from permissions import transaction
from permissions.accounts import Account, phone_tail_key
from tenants.db import db
from tenants.scope import Scope

BATCH = 1000
_WHOLE = Scope.everything("names are spelled for every unit")
Made = list[dict[str, Any]]


def _cadres() -> Made:
    rows = db.session.execute(_WHOLE.select(Cadre, Cadre.id, Cadre.name, Cadre.mobile)
                              .where(Cadre.name_words.is_(None)).order_by(Cadre.id).limit(BATCH))
    return [{"row_id": row.id, "was": row.name, **spelled(row.name),
             "mobile_tail_key": mobile_tail_key(row.mobile) if row.mobile else None} for row in rows]


def _accounts() -> Made:
    rows = db.session.execute(_WHOLE.select(Account, Account.id, Account.name, Account.phone)
                              .where(Account.name_words.is_(None)).order_by(Account.id).limit(BATCH))
    return [{"row_id": row.id, "was": row.name, **spelled(row.name),
             "phone_tail_key": phone_tail_key(row.phone)} for row in rows]


def spell() -> int:
    """Spell one batch of each; how many names. A name that somebody changes meanwhile is left to them."""
    done = 0
    with transaction.act("spelling"):
        for model, rows in ((Cadre, _cadres()), (Account, _accounts())):
            table: Any = model.__table__
            still = (table.c.id == bindparam("row_id")) & (table.c.name == bindparam("was"))
            if rows:
                db.session.execute(_WHOLE.mark(update(table).where(still, table.c.name_words.is_(None))), rows)
            done += len(rows)
    return done


def spell_all(most: int = 5) -> int:
    """Spell batch after batch until every name has its words, at most so many batches; how many names."""
    done = 0
    for _ in range(most):
        taken = spell()
        done += taken
        if not taken:
            break
    return done
