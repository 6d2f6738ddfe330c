"""What waits for somebody's word in each unit: a transfer, another number for an account; and a training."""

from datetime import date

import factories
from app import files
from app.administration import training_proofs
from app.administration.phone_request import PhoneChange
from app.administration.staff_file import Training
from app.administration.transfers import AccountTransfer
from permissions.accounts import Account
from tenants import clock
from tenants.db import db
from tenants.models import Unit


def transfer_asked(seated: Account, unit: Unit) -> str:
    """Somebody is to come to the unit; the id of the request."""
    made = AccountTransfer(unit_id=unit.id, unit_number=unit.number, side="to", name="某人", reason="工作需要",
                           asked_by=seated.id, asked_at=clock.now())
    db.session.add(made)
    db.session.flush()
    return made.id


def training_of(account: Account, unit: Unit, mark: str) -> str:
    """A member of staff was trained, and a proof of it is kept; the id of the entry."""
    made = Training(unit_id=unit.id, unit_number=unit.number, account_id=account.id, name="上岗培训",
                    held_on=date(2024, 1, 1), kept_by=account.id, kept_at=clock.now())
    db.session.add(made)
    db.session.flush()
    data = f"proof {mark}".encode()
    made.proof_as = files.save(data, training_proofs.shelf(), context=training_proofs._context(made))
    made.proof_name, made.proof_type, made.proof_size = f"证书{mark}.png", "image/png", len(data)
    db.session.flush()
    return made.id


def number_asked(account: Account, unit: Unit) -> str:
    """The account's owner has another number; the id of the request."""
    made = PhoneChange(unit_id=unit.id, unit_number=unit.number, account_id=account.id, phone=factories.next_phone(),
                       masked="199****0000", asked_by=account.id, asked_at=clock.now())
    db.session.add(made)
    db.session.flush()
    return made.id
