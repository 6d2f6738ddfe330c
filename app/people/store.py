"""The only writer and the only loader of cadre files."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.people.model import Cadre, id_number_key, mobile_key
from app.values.bad import BadValue
from app.values.id_number import IdNumber, disagreements
from app.values.partial_date import PartialDate
from permissions.accounts import Account
from permissions.identity import Known
from tenants import clock
from tenants.db import db
from tenants.errors import Conflict, Invalid, NotFound
from tenants.models import Unit
from tenants.scope import Scope
from tenants.tree import require_open

ID_TAKEN = "这个身份证号已有档案，请核对；确需转入请联系上级系统管理员。"
_ANYWHERE = Scope.everything("an ID number is unique over the whole province, the living and the dead")


def get(cadre_id: str, scope: Scope) -> Cadre:
    """The file, or NotFound when it does not exist or lies outside the scope."""
    found = db.session.execute(scope.select(Cadre).where(Cadre.id == cadre_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def _identify(cadre: Cadre, typed: str) -> list[str]:
    """Put the ID number in; returns what does not agree with it."""
    try:
        number = IdNumber.parse(typed, clock.today())
    except BadValue as bad:
        raise Invalid(fields={"id_number": [str(bad)]}) from bad
    cadre.id_number, cadre.id_number_key = str(number), id_number_key(str(number))
    cadre.sex = cadre.sex or number.sex
    cadre.birth_date = cadre.birth_date or number.birth_date.isoformat()
    return disagreements(number, PartialDate(cadre.birth_date), cadre.sex)


def _refuse(faults: list[str]) -> None:
    if faults:
        raise Invalid(fields={name: ["与身份证号不一致，请核对。"] for name in faults})


def _put(cadre: Cadre, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in ("unit_id", "id_number"):
            setattr(cadre, name, value)
    if "mobile" in values:
        cadre.mobile_key = mobile_key(values["mobile"]) if values["mobile"] else None


def _check_order(cadre: Cadre) -> None:
    """Born before started work before retired, as far as the precision tells."""
    born, started, retired = (PartialDate(text) if text else None
                              for text in (cadre.birth_date, cadre.started_work_on, cadre.retired_on))
    if born and started and not born.may_precede(started):
        raise Invalid(fields={"started_work_on": ["参加工作时间不能早于出生日期。"]})
    if started and retired and not started.may_precede(retired):
        raise Invalid(fields={"retired_on": ["离退休时间不能早于参加工作时间。"]})


def create(values: Mapping[str, Any], unit: Unit, *, author: Known | None) -> Cadre:
    """A new file. Raises Invalid, or Conflict `id_number_taken`."""
    require_open(unit)
    cadre = drafted(values, unit, author=author)
    if with_id_number(cadre.id_number_key) is not None:
        raise taken()
    db.session.add(cadre)
    _flush()
    return cadre


def drafted(values: Mapping[str, Any], unit: Unit, *, author: Known | None) -> Cadre:
    """A file that is checked but kept nowhere yet. Raises Invalid."""
    cadre = Cadre(unit_id=unit.id, unit_number=unit.number, created_at=clock.now(),
                  created_by=author.id if author else None)
    _put(cadre, values)
    _refuse(_identify(cadre, values["id_number"]))
    _check_order(cadre)
    return cadre


def with_id_number(key: str) -> Cadre | None:
    """The file of whoever has this ID number, in whichever unit."""
    return db.session.execute(_ANYWHERE.select(Cadre).where(Cadre.id_number_key == key)).scalar_one_or_none()


def update(cadre: Cadre, values: Mapping[str, Any]) -> Cadre:
    """Change what is given; the unit never changes here. Emptied, sex and birth date follow the ID number again."""
    _put(cadre, values)
    _refuse(_identify(cadre, values.get("id_number") or cadre.id_number))
    _check_order(cadre)
    _flush()
    return cadre


def _flush() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        if "id_number" in str(error.orig):
            raise taken() from error
        raise


def taken() -> Conflict:
    """The refusal that names nobody."""
    return Conflict(ID_TAKEN, code="id_number_taken", fields={"id_number": [ID_TAKEN]})


def by_id_numbers(numbers: list[str], scope: Scope) -> dict[str, Cadre]:
    """Files by ID number, inside a scope."""
    wanted = {id_number_key(number): number for number in numbers}
    found = db.session.execute(scope.select(Cadre).where(Cadre.id_number_key.in_(wanted))).scalars()
    return {wanted[cadre.id_number_key]: cadre for cadre in found}


def account_of(cadre: Cadre) -> Account | None:
    """The cadre's account, if one was opened."""
    own = Scope.everything("an account follows its own cadre's file")
    return db.session.execute(own.mark(select(Account).where(Account.cadre_id == cadre.id))).scalar_one_or_none()
