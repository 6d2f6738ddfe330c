"""The people of the revocation trial: each with sessions of their own, a right, and files they may fetch."""

import io
import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import openpyxl
from flask import Flask
from PIL import Image

from app.administration import seats
from app.people import store as people
from checkout import Refusal
from permissions import audit, giving, passwords, sessions, transaction
from permissions.accounts import Account, LoginSession, phone_key
from permissions.lineage import By
from permissions.roles import Channel, Role
from tenants import clock, provision
from tenants.db import db
from tenants.fields import new_id
from tenants.models import Unit
from tenants.scope import Scope

ALL = Scope.everything("a trial makes its own province")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
TREE = (("c", "p", "city_bureau", "试验市"), ("here", "c", "county_bureau", "此县"),
        ("there", "c", "county_bureau", "彼县"), ("town", "here", "township", "一镇"))


@dataclass
class Person:
    """Somebody whose rights are about to end."""

    account: str
    password: str
    token: str
    other: str  # another session's token
    cookie: str
    grant: str = ""
    town: str = ""  # of which they are administrator
    ways: list[tuple[str, str, bool]] = field(default_factory=list)  # name, address, whether by token


class Place:
    """A county with one record of one township, the county beside it, and the city's administrator over both."""

    def __init__(self, app: Flask) -> None:
        """Make it in an empty database."""
        self.app, self.count = app, 0
        self.password = f"stille-wasser-{secrets.randbelow(10**6):06d}"
        with app.app_context():
            self._hash = passwords.hashed(self.password)  # one for all: what ends with it is the same
        with app.app_context(), transaction.act("trial"):
            made = {"p": provision.found_province("试验省委老干部局", "P")}
            for key, parent, kind, name in TREE:
                made[key] = provision.open_unit(made[parent], kind=kind, name=name, code=key)
            self.here, self.elsewhere, self.town = made["here"].id, made["there"].id, made["town"].id
            boss, clerk = self._staff(made["c"]), self._staff(made["town"])
            seats.seat_in(made["c"], boss, by=None)
            self._grant(clerk, made["town"], "clerk")
            self.superior, token = self._session(boss), self._session(clerk)
            cadre = people.create({"name": "赵老", "id_number": card(1), "retirement_type": "tuixiu",
                                   "life_status": "living"}, made["town"], author=None).id
            audit.record("trial:set_up", "unit", None, made["p"])
        self._record_of(token, cadre)

    def _record_of(self, token: str, cadre: str) -> None:
        made = self.send(token, "/records/visits", json={
            "unit_id": self.town, "type": "routine", "place": "一镇", "visitors": "李主任", "goods": "牛奶",
            "cadre_ids": [cadre], "ended_on": clock.today().isoformat()})
        self.record = made["id"]
        self.photo = self.send(token, f"/records/visits/{self.record}/attachments",
                               data={"file": (io.BytesIO(picture()), "photo.jpg")})["id"]

    def send(self, token: str, path: str, **more: Any) -> dict[str, Any]:
        """One act in this very process. Raises Refusal when it is not done."""
        answer = self.app.test_client().post(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"}, **more)
        if answer.status_code >= 300:
            raise Refusal(f"{path}: {answer.status_code} {answer.text[:300]}")
        found: dict[str, Any] = answer.get_json()
        return found

    def _staff(self, unit: Unit) -> Account:
        phone = free_number()
        made = Account(id=new_id(), unit_id=unit.id, unit_number=unit.number, kind="staff", name="试验", phone=phone,
                       phone_key=phone_key(phone), state="active", pc_grant=True, mobile_access=True,
                       employment="full_time", on_establishment=True, in_service=True, trained_on=date(2024, 1, 1),
                       opened_at=clock.now(), password_hash=self._hash, must_change_password=False)
        db.session.add(made)
        db.session.flush()
        return made

    def _grant(self, account: Account, unit: Unit, role: str) -> str:
        return giving.grant(account, unit, giving.Terms(Role(role)), By.bootstrap).id

    def _session(self, account: Account) -> str:
        """A session whose owner has just proved to be there, for as long as the trial may take."""
        token = sessions.start(account, Channel.pc, now=clock.now(), device="trial")
        for each in db.session.new:
            if isinstance(each, LoginSession):
                each.proved_at = clock.now() + timedelta(hours=11)
        db.session.flush()
        return token

    def _person(self, account: Account) -> Person:
        token = self._session(account)
        signer: Any = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
        cookie = f"{self.app.config['SESSION_COOKIE_NAME']}={signer.dumps({'_user_id': token, 'look': 'desk'})}"
        return Person(account.id, self.password, token, self._session(account), cookie)

    def chief(self, *, bound: bool = False) -> Person:
        """Somebody who reads a county: the record as page and over the API, its photo, a list he has exported."""
        with self.app.app_context(), transaction.act("trial"):
            unit = db.session.execute(ALL.select(Unit).where(Unit.id == self.here)).scalar_one()
            account = self._staff(unit)
            account.second_factor_at = clock.now() if bound else None
            person = self._person(account)
            person.grant = self._grant(account, unit, "chief")
            audit.record("trial:person", "account", account.id, unit)
        job = self.send(person.token, "/records/visits/export", json={"purpose": "核对撤权试验"})["job"]["id"]
        person.ways = [("浏览器会话", f"/desk/records/visits/{self.record}", False),
                       ("接口令牌", f"/api/v1/records/visits/{self.record}", True),
                       ("下载照片", f"/api/v1/attachments/{self.photo}", True),
                       ("下载导出文件", f"/api/v1/jobs/{job}/file", True),
                       ("网页下载导出文件", f"/desk/exports/{job}/file", False)]
        return person

    def administrator(self) -> Person:
        """The administrator of a township of his own, with the faulty rows of a roster to fetch."""
        self.count += 1
        with self.app.app_context(), transaction.act("trial"):
            county = db.session.execute(ALL.select(Unit).where(Unit.id == self.here)).scalar_one()
            town = provision.open_unit(county, kind="township", name=f"镇{self.count}", code=f"T{self.count:05d}")
            account = self._staff(town)
            seats.seat_in(town, account, by=None)
            person = self._person(account)
            person.town = town.id
            audit.record("trial:person", "account", account.id, town)
        done = self.send(person.token, f"/cadres/import?dry_run=true&unit_id={person.town}",
                         data={"file": (io.BytesIO(roster()), "名册.xlsx")})
        path = str(done["error_file"])
        job = path.split("/")[-2]
        person.ways = [("浏览器会话", "/desk/accounts", False), ("接口令牌", "/api/v1/accounts", True),
                       ("下载错误清单", path, True),
                       ("网页下载错误清单", f"/desk/cadres/import/{job}/errors.xlsx", False)]
        return person


def free_number() -> str:
    """A number nobody has, as good as surely."""
    return f"19{secrets.randbelow(10**9):09d}"


def card(place: int) -> str:
    """A synthetic ID number."""
    body = f"320999{date(1930, 1, 1) + timedelta(days=place // 400):%Y%m%d}{place % 400 + 1:03d}"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def picture() -> bytes:
    """A small photo."""
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "#962422").save(made, "JPEG")
    return made.getvalue()


def roster() -> bytes:
    """A roster of one row, which is wrong."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101
    for row in (("姓名", "身份证号码", "离退休类型"), ("钱老", "123", "退休")):
        sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
