"""Synthetic rosters as offices send them: an .xlsx with a header and believable, unique people."""

import random
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import xlsxwriter

from benchmarks.sizes import SURNAMES

HEADERS = ("姓名", "身份证号", "离退休类型", "手机号码", "民族", "政治面貌", "参加工作时间", "离退休时间", "原工作单位",
           "原职务", "家庭住址", "所在党支部")
GIVEN = "建国秀英桂兰志明玉珍德胜凤英文华国强淑芳永福兰英长根宝玉"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
WITH_PHONE = 3


def id_number(serial: int) -> str:
    """A synthetic number of the unassigned region 320999 with its check digit; another for each serial."""
    body = f"320999{date(1931, 1, 1) + timedelta(days=serial // 900):%Y%m%d}{serial % 900 + 1:03d}"
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def people(first: int, count: int) -> list[tuple[str | None, ...]]:
    """Rows below the header; `first` is the first serial."""
    draw = random.Random(first)  # noqa: S311
    return [
        (draw.choice(SURNAMES) + "".join(draw.choices(GIVEN, k=2)), id_number(serial), "退休",
         f"198{serial:08d}" if serial % WITH_PHONE == 0 else None, "汉族", "中共党员", "1962-07", "1999-03",
         "射阳县合德镇中心小学", "教师", f"合德镇解放路{draw.randrange(300)}号{draw.randrange(40)}室", "第一党支部")
        for serial in range(first, first + count)
    ]


def workbook(rows: list[tuple[str | None, ...]]) -> bytes:
    """The file."""
    stream = BytesIO()
    book: Any = xlsxwriter.Workbook(stream, {"constant_memory": True})
    page = book.add_worksheet("名册")
    for number, row in enumerate([HEADERS, *rows]):
        for place, value in enumerate(row):
            if value is not None:
                page.write_string(number, place, value)
    book.close()
    return stream.getvalue()
