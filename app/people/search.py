"""What is typed into a search for people: a name in any of its ways, the end of a mobile number, an ID number.

Everything is looked up by equality under an index, never by LIKE: under row security no index would serve that
(ADR-0013), and a page of a search must cost what a page of a list costs (ADR-0023).
"""

import re
from functools import cache
from typing import Any

from sqlalchemy import bindparam, exists
from sqlalchemy.sql.elements import ColumnElement

from app.people.model import Cadre, CadreWord, id_number_key, mobile_key, mobile_tail_key
from app.values.name_words import sought
from permissions.accounts import Account, AccountWord, phone_key, phone_tail_key
from permissions.phone import BadPhone, normalise
from tenants.db import db
from tenants.in_order import Aisle
from tenants.scope import Scope

Where = tuple[ColumnElement[bool], ...]
_ID_NUMBER = re.compile(r"\d{17}[\dX]", re.ASCII)
_TAIL = re.compile(r"\d{4,11}", re.ASCII)
_BLANKS = re.compile(r"[\s-]")


def cadres(typed: str, scope: Scope, where: Where) -> Aisle:
    """Cadres found by what was typed, those that fulfil `where`, in the order of the roster."""
    bare = _BLANKS.sub("", typed).upper()
    if _ID_NUMBER.fullmatch(bare):
        return Aisle(Cadre, Cadre.name_reading, Cadre.id, (Cadre.id_number_key == id_number_key(bare),), where=where)
    number = _number(Cadre, Cadre.mobile, typed, scope)
    if number is not None:
        return Aisle(Cadre, Cadre.name_reading, Cadre.id, (number,), where=where)
    return _named(CadreWord, Cadre, typed, where)


def accounts(typed: str, scope: Scope, where: Where) -> Aisle:
    """Accounts found by what was typed, those that fulfil `where`, in the order of their list."""
    number = _number(Account, Account.phone, typed, scope)
    if number is not None:
        return Aisle(Account, Account.name_reading, Account.id, (number,), where=where)
    return _named(AccountWord, Account, typed, where)


def _named(word: Any, person: Any, typed: str, where: Where) -> Aisle:
    words = sought(typed)
    if where:
        fits: Where = (exists().where(person.id == word.owner_id, *where),)
        return Aisle(word, word.reading, word.owner_id, tuple(word.word == each for each in words), apart=False,
                     where=fits)
    return Aisle(word, word.reading, word.owner_id, _are_words(word, len(words)), apart=False,
                 shape=(word, len(words)), values={f"word_{place}": each for place, each in enumerate(words)})


@cache
def _are_words(word: Any, many: int) -> Where:
    """One stretch for each word, which is bound."""
    return tuple(word.word == bindparam(f"word_{place}", type_=word.word.type) for place in range(many))


_KEYS = {Cadre: (Cadre.mobile_key, mobile_key, Cadre.mobile_tail_key, mobile_tail_key),
         Account: (Account.phone_key, phone_key, Account.phone_tail_key, phone_tail_key)}


def _number(person: Any, phone: Any, typed: str, scope: Scope) -> ColumnElement[bool] | None:
    """A whole mobile number, or the end of one from four digits on; None when it is neither.

    Four digits have an index. What is longer is compared in clear with the few that end in its last four.
    """
    whole_column, whole_key, tail_column, tail_key = _KEYS[person]
    try:
        whole: ColumnElement[bool] = whole_column == whole_key(normalise(typed))
        return whole
    except BadPhone:
        bare = _BLANKS.sub("", typed)
    if not _TAIL.fullmatch(bare):
        return None
    ends: ColumnElement[bool] = tail_column == tail_key(bare)
    if len(bare) == 4:
        return ends
    rows = db.session.execute(scope.select(person, person.id, phone).where(ends))
    fitting: ColumnElement[bool] = ends & person.id.in_([row_id for row_id, number in rows if number.endswith(bare)])
    return fitting
