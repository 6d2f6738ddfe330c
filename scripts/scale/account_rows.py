"""Rows of accounts, grants, seats and filings; every account takes the one password the command tells."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from app.demo.identity import cadre_mobile, staff_mobile
from app.demo.province import DONGTAI, HEDE, NANTONG, ROOT, SHEYANG, YANCHENG
from app.demo.staff import CLERK, MOBILE, PC
from app.values.name_words import spelled
from permissions.accounts import phone_key, phone_tail_key
from scale.plan import Plan, random_ids
from scale.rows import Block, Row, instant
from scale.staff import Person
from tenants import keys

OPENED_DAYS_AGO = 1200
SHOWN = (ROOT, YANCHENG, NANTONG, SHEYANG, DONGTAI, HEDE)
VILLAGE_CODE, CADRES_TOLD, CADRE = 12, 20, "cadre"

ACCOUNT = ("id", "kind", "name", "name_reading", "name_words", "phone", "phone_key", "phone_tail_key", "state",
           "pc_grant", "mobile_access", "employment", "on_establishment", "in_service", "trained_on", "cadre_id",
           "password_hash", "must_change_password", "initial_until", "initial_used_at", "opened_at", "opened_by",
           "last_login_at", "version", "unit_id", "unit_number")
GRANT = ("id", "account_id", "role", "columns", "channel", "until", "given_by", "given_at", "unit_id", "unit_number")
SEAT = ("id", "account_id", "seat", "since", "appointed_by", "unit_id", "unit_number")
TRACE = ("id", "kind", "right_id", "account_id", "role", "columns", "channel", "path", "given_at", "unit_id",
         "unit_number")
FILING = ("id", "act", "receiver_unit_id", "account_id", "seat", "filed_by", "filed_at", "acknowledged_at",
          "acknowledged_by", "unit_id", "unit_number")


def _seat_trace(seat: Row) -> Row:
    right_id, account_id, _number, since, _by, unit_id, unit_number = seat
    return [right_id, "seat", right_id, account_id, "administrator", None, "both", "demo", since, unit_id, unit_number]


def _grant_trace(grant: Row) -> Row:
    right_id, account_id, role, columns, channel, _until, _by, given_at, unit_id, unit_number = grant
    return [right_id, "grant", right_id, account_id, role, columns, channel, "demo", given_at, unit_id, unit_number]


class AccountRows:
    """Makes the rows of everybody who may log in."""

    def __init__(self, plan: Plan, password_hash: str) -> None:
        self.plan, self.password_hash = plan, password_hash
        self.opened = instant((plan.today - timedelta(days=OPENED_DAYS_AGO)).isoformat())
        self.logged_in = instant((plan.today - timedelta(days=3)).isoformat())

    def blocks(self) -> Iterator[Block]:
        """All five tables, accounts first; nobody gave these rights but the loader."""
        plan = self.plan
        yield Block("accounts", ACCOUNT, [*map(self._staff, plan.staff), *self.cadres()])
        made = [random_ids(plan.rng(part), len(plan.staff)).decode() for part in ("grants", "seats", "filings")]
        granted = [self._grant(person, made[0]) for person in plan.staff if person.role is not None]
        yield Block("grants", GRANT, granted)
        seated = [person for person in plan.staff if person.seat is not None]
        taken = [self._seat(person, made[1]) for person in seated]
        yield Block("administrators", SEAT, taken)
        yield Block("rights_given", TRACE, [*map(_seat_trace, taken), *map(_grant_trace, granted)])
        yield Block("filings", FILING, [self._filing(person, made[2]) for person in seated])

    def _account(self, account_id: str, name: str, phone: str, place: tuple[str, str], **own: str | None) -> Row:
        told = {
            "id": account_id, "name": name, **spelled(name),
            "phone": keys.ring().encrypt(phone.encode(), "accounts.phone"), "phone_key": phone_key(phone),
            "phone_tail_key": phone_tail_key(phone), "state": "active", "mobile_access": "1",
            "password_hash": self.password_hash,
            "must_change_password": "0", "opened_at": self.opened, "last_login_at": self.logged_in, "version": "1",
            "unit_id": place[0], "unit_number": place[1],
        } | own
        return [told.get(column) for column in ACCOUNT]

    def _staff(self, person: Person) -> Row:
        place = self.plan.places[person.unit]
        return self._account(
            self.plan.staff_id(person), person.name, staff_mobile(person.serial + 1), (place.id, place.number),
            kind="staff", pc_grant="1", employment="full_time" if person.seat is not None else "part_time",
            on_establishment="1", in_service="1", trained_on=(self.plan.today - timedelta(days=400)).isoformat(),
        )

    def users(self) -> list[tuple[int, int]]:
        """(unit, position) of the cadres who have an account: the first living one of each unit, round by round."""
        plan, found, turn = self.plan, [], 0
        while len(found) < plan.size.accounts and turn < max(plan.people.living, default=0):
            found += [(unit, start + turn) for unit, (start, living)
                      in enumerate(zip(plan.people.start, plan.people.living, strict=True)) if turn < living]
            turn += 1
        return found[:plan.size.accounts]

    def cadres(self) -> Iterator[Row]:
        """The accounts of cadres; they are on the phone only."""
        plan = self.plan
        users = self.users()
        made = random_ids(plan.rng("cadre accounts"), len(users)).decode()
        for serial, (unit, position) in enumerate(users):
            place = plan.places[unit]
            yield self._account(
                made[22 * serial:22 * serial + 22], plan.pool_of(position)[0], cadre_mobile(position + 1),
                (place.id, place.number), kind="cadre", pc_grant="0", on_establishment="0", in_service="0",
                cadre_id=plan.people.id_of(position),
            )

    def told(self, password: str) -> list[dict[str, Any]]:
        """What the file of accounts says: everybody of a few units from the top to a village, and some cadres."""
        plan, shown = self.plan, []
        for unit in self._shown_units():
            place = plan.places[unit]
            about = {"unit": place.name, "unit_id": place.id, "password": password}
            shown += [
                {"role": person.title, **about, "name": person.name, "phone": staff_mobile(person.serial + 1),
                 "channel": MOBILE if person.channel == MOBILE else PC, "columns": person.columns}
                for person in plan.by_unit[unit]
            ]
        for unit, position in self.users()[:CADRES_TOLD]:
            place = plan.places[unit]
            shown.append({"role": CADRE, "unit": place.name, "unit_id": place.id, "password": password,
                          "name": plan.pool_of(position)[0], "phone": cadre_mobile(position + 1), "channel": MOBILE})
        return shown

    def _shown_units(self) -> list[int]:
        """The units visitors look at first, and below 射阳 the first township and the first village of it."""
        by_key = {place.key: unit for unit, place in enumerate(self.plan.places)}
        village = next((key for key in by_key if key.startswith(HEDE) and len(key) == VILLAGE_CODE), HEDE)
        return [by_key[key] for key in (*SHOWN, village) if key in by_key]

    def _grant(self, person: Person, ids: str) -> Row:
        place, serial = self.plan.places[person.unit], 22 * person.serial
        columns = json.dumps(list(person.columns)) if person.columns is not None else None
        return [ids[serial:serial + 22], self.plan.staff_id(person), person.role or CLERK, columns, person.channel,
                None, None, self.opened, place.id, place.number]

    def _seat(self, person: Person, ids: str) -> Row:
        place, serial = self.plan.places[person.unit], 22 * person.serial
        return [ids[serial:serial + 22], self.plan.staff_id(person), str(person.seat), self.opened, None, place.id,
                place.number]

    def _filing(self, person: Person, ids: str) -> Row:
        place, serial = self.plan.places[person.unit], 22 * person.serial
        return [ids[serial:serial + 22], "appoint", place.parent_id, self.plan.staff_id(person), str(person.seat),
                None, self.opened, self.opened, None, place.id, place.number]
