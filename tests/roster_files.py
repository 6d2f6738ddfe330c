"""Rosters as offices send them: a title, their own headers, believable people, and faults planted in known cells."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import openpyxl
from sqlalchemy import func
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.outbox import Message
from app.people.model import Cadre
from factories import _WEIGHTS
from permissions.accounts import Account
from tenants.db import db
from tenants.scope import Scope
from world import Api, World

ALL = Scope.everything("tests look at everything")

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = ("建国", "秀英", "桂兰", "志明", "玉珍", "德胜", "凤英", "文华", "国强", "淑芳", "永福", "兰英", "长根", "宝玉")
# Header texts as real rosters have them, several of them aliases; 序号 and 备注 are columns of the office's own.
HEADERS = ("序号", "*姓名", "身份证号码", "* 离退休类型", "手机", "性别", "出生年月", "民族", "政治面貌", "入党时间",
           "参加工作时间", "离退休时间", "原工作单位", "职务", "职务（职级）", "享受待遇", "家庭住址", "居住状况",
           "健康状况", "所在党支部", "单位", "备注")
PLACES = {"name": 1, "id_number": 2, "retirement_type": 3, "mobile": 4, "sex": 5, "birth_date": 6, "ethnicity": 7,
          "political_status": 8, "joined_party_on": 9, "started_work_on": 10, "retired_on": 11, "former_unit": 12,
          "former_post": 13, "rank": 14, "treatment_level": 15, "address": 16, "living_arrangement": 17,
          "health_status": 18, "branch": 19, "unit": 20}
FIRST_ROW = 4  # a title, an empty row and the headers stand above


@dataclass
class Roster:
    """Rows below the headers, and the faults planted in them as (row, column label, code)."""

    rows: list[list[Any]]
    planted: list[tuple[int, str, str]] = field(default_factory=list)

    def put(self, place: int, key: str, value: Any) -> int:
        """Change a cell of the nth row; returns the sheet's row number."""
        self.rows[place][PLACES[key]] = value
        return FIRST_ROW + place

    def get(self, place: int, key: str) -> Any:
        return self.rows[place][PLACES[key]]

    def plant(self, place: int, key: str, value: Any, label: str, code: str) -> None:
        """Plant a fault and remember where it must be reported."""
        self.planted.append((self.put(place, key, value), label, code))

    @property
    def bad_rows(self) -> list[int]:
        return sorted({row for row, _label, _code in self.planted})

    def xlsx(self) -> bytes:
        """The workbook."""
        book = openpyxl.Workbook()
        page = book.active
        page.title = "名册"
        page["A1"] = "射阳县离退休干部名册"
        page.merge_cells("A1:D1")
        for position, header in enumerate(HEADERS, start=1):
            page.cell(3, position, header)
        for number, row in enumerate(self.rows, start=FIRST_ROW):
            for position, value in enumerate(row, start=1):
                if value is not None:
                    cell = page.cell(number, position, value)
                    if isinstance(value, str):
                        cell.number_format = "@"
        stream = BytesIO()
        book.save(stream)
        return stream.getvalue()


def roster(size: int, *, seed: int = 7, phones: bool = True) -> Roster:
    """So many believable people; the same each time. Their numbers never meet those that `factories` makes."""
    chance, seen = random.Random(seed), set[str]()
    return Roster([_person(number, seed, chance, seen, phones) for number in range(size)])


def card_of(born: date, order: int, *, female: bool) -> str:
    """A synthetic ID number of the unassigned region 320999; orders from 500 on are ours."""
    body = f"320999{born:%Y%m%d}{500 + order % 250 * 2 + (0 if female else 1)}"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def _person(number: int, seed: int, chance: random.Random, seen: set[str], phones: bool) -> list[Any]:
    born = date(1932, 1, 1) + timedelta(days=chance.randrange(7000))
    female, order = chance.random() < 0.4, seed * 31 + number
    while (card := card_of(born, order, female=female)) in seen:
        order += 1
    seen.add(card)
    worked = born.year + 18

    def some_date(year: int) -> str:
        return chance.choice((str(year), f"{year}.07", f"{year}年7月", f"{year}-07"))

    birth = chance.choice((born.isoformat(), f"{born:%Y-%m}", f"{born:%Y%m%d}", born, None))
    return [
        number + 1, chance.choice(SURNAMES) + chance.choice(GIVEN), card, "离休" if born.year < 1933 else "退休",
        f"198{seed % 10}{number:07d}" if phones and number % 5 else None, "女" if female else "男",
        birth, chance.choice(("汉族", "汉", "回族")), chance.choice(("中共党员", "党员", "群众")),
        some_date(worked + 4), some_date(worked), some_date(worked + 42), "某县某局", "局长",
        chance.choice(("正科级", "一级主任科员", None)),
        chance.choice(("副处级", None)), "某街道某小区 1 号", chance.choice(("独居", "空巢", "与子女同住")),
        chance.choice(("健康或良好", "一般或较弱", "有慢性病")), "第一离退休干部党支部", None, "无",
    ]


def wrong_digit(card: str) -> str:
    """The same number with a check digit that does not fit."""
    return card[:-1] + ("0" if card[-1] != "0" else "1")


def plant_a_dozen(made: Roster, places: Sequence[int], *, taken_id: str, taken_phone: str) -> None:
    """One fault of each kind in the rows given (at least 16), each to be reported in its own row and column."""
    where = iter(places)
    first = next(where)
    made.plant(first, "name", None, "姓名", "required")
    at = next(where)
    made.plant(at, "id_number", wrong_digit(made.get(at, "id_number")), "身份证号", "id_check_digit")
    at = next(where)
    made.plant(at, "id_number", int(made.get(at, "id_number")[:17] + "0"), "身份证号", "number_damaged")
    at = next(where)
    made.plant(at, "sex", "男" if made.get(at, "sex") == "女" else "女", "性别", "disagrees_with_id")
    made.plant(next(where), "birth_date", "1901-02-03", "出生日期", "disagrees_with_id")
    made.plant(next(where), "id_number", made.get(first, "id_number"), "身份证号", "duplicate_in_file")
    made.put(places[5], "sex", made.get(first, "sex"))
    made.put(places[5], "birth_date", None)
    at = next(where)
    made.plant(at, "id_number", taken_id, "身份证号", "id_number_taken")
    made.put(at, "birth_date", None)
    made.put(at, "sex", None)
    made.plant(next(where), "mobile", taken_phone, "手机号码", "phone_taken")
    made.plant(next(where), "mobile", "1990000", "手机号码", "bad_phone")
    at = next(where)
    made.put(first, "mobile", "19700000001")
    made.plant(at, "mobile", "１９７ 0000-0001", "手机号码", "duplicate_in_file")
    made.plant(next(where), "retirement_type", "退养", "离退休类型", "code_unknown")
    made.plant(next(where), "retired_on", "1940", "离退休时间", "date_order")
    made.plant(next(where), "joined_party_on", "58-7", "入党时间", "date_format")
    made.plant(next(where), "unit", "不存在的单位", "单位", "unknown_unit")
    made.plant(next(where), "former_unit", "长" * 101, "原工作单位", "text_length")
    made.plant(next(where), "branch", "第一\u202e支部", "所在党支部", "text_characters")


def planted(world: World, size: int = 40) -> Roster:
    """A roster with every kind of fault; one ID number and one phone number are those of somebody far away."""
    with world.app.app_context():
        cadre = db.session.execute(ALL.select(Cadre).where(Cadre.id == world.cadres["other cadre"])).scalar_one()
        account = db.session.execute(ALL.select(Account).where(Account.cadre_id == cadre.id)).scalar_one()
        card, phone = cadre.id_number, account.phone
    made = roster(size)
    plant_a_dozen(made, list(range(3, 3 + 2 * 16, 2)), taken_id=card, taken_phone=phone)
    return made


def send(api: Api, made: Roster | bytes, query: str = "", headers: dict[str, str] | None = None,
         **form: str) -> TestResponse:
    """Import a roster over the API."""
    content = made if isinstance(made, bytes) else made.xlsx()
    # Encoded here and not by the client, which leaves a temporary file open behind a long body.
    boundary, body = encode_multipart({"file": FileStorage(BytesIO(content), "名册.xlsx"), **form})
    return api("POST", f"/cadres/import{query}", data=body, headers=headers or {},
               content_type=f"multipart/form-data; boundary={boundary}")


def counted(world: World) -> tuple[int, int, int]:
    """How many files, cadre accounts and messages there are."""
    with world.app.app_context():
        files, accounts, messages = (db.session.execute(statement).scalar_one() for statement in (
            ALL.select(Cadre, func.count()), ALL.select(Account, func.count()).where(Account.kind == "cadre"),
            ALL.select(Message, func.count()),
        ))
        return files, accounts, messages


def reported(answer: dict[str, Any]) -> list[tuple[int, str, str]]:
    """What an import complained about, as it is planted."""
    return sorted((each["row"], each["column"], each["code"]) for each in answer["errors"])


def rows_of(data: bytes) -> list[tuple[Any, ...]]:
    """Every row of a workbook's first sheet."""
    page = openpyxl.load_workbook(BytesIO(data)).worksheets[0]
    return list(page.iter_rows(values_only=True))
