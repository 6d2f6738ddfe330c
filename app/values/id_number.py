"""Citizen identity numbers (公民身份号码, GB 11643-1999)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Self

from stdnum.cn import ric

from app.values.bad import BadValue
from app.values.partial_date import PartialDate

MAX_TYPED = 40
FIRST_YEAR = 1900

_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]\Z")
_FIFTEEN = re.compile(r"[0-9]{15}\Z")


class BadIdNumber(BadValue):
    """The text is no identity number; the message, in Chinese, says why."""


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A checked number: 18 characters, its birth date, and its sex code (1 male, 2 female)."""

    number: str
    birth_date: date
    sex: str

    @classmethod
    def parse(cls, text: str, today: date) -> Self:
        """Read a number as people type it. `today` bounds the birth date. Raises BadIdNumber.

        Full-width characters become ASCII, spaces go, `x` becomes `X`. A number of 15
        digits (issued before October 1999) is turned into one of 18 by the written rule:
        the century is always 19, and the check digit of GB 11643 is appended. Whether the
        county code existed is deliberately not asked: those born before their county had
        its code would be refused.
        """
        number = _normalise(text)
        if _FIFTEEN.match(number):
            number = _lengthen(number)
        elif not _EIGHTEEN.match(number):
            raise _shape_error(number)
        elif ric.calc_check_digit(number) != number[-1]:
            raise BadIdNumber("id_check_digit", "身份证号校验位不正确，请逐位核对是否输错")
        return cls(number, _birth_date(number, today), "1" if int(number[16]) % 2 else "2")

    def __repr__(self) -> str:
        """Show it masked: it may end up in a traceback."""
        return f"<IdNumber {mask_id_number(self.number)}>"

    def __str__(self) -> str:
        """Give the 18 characters."""
        return self.number

    @property
    def masked(self) -> str:
        """Region and the last four: 320999********0017."""
        return mask_id_number(self.number)


def mask_id_number(number: str) -> str:
    """Return 320999********0017 for 18 characters, only asterisks for anything else."""
    if len(number) == 18:
        return f"{number[:6]}********{number[14:]}"
    return "*" * min(len(number), 18)


def disagreements(id_number: IdNumber, birth_date: PartialDate | None, sex: str | None) -> list[str]:
    """Return which of `birth_date` and `sex` contradict the number, [] when neither does.

    None contradicts nothing, nor do the sex codes 0 and 9 (unknown, not stated); an
    imprecise date agrees when it can mean the day in the number.
    """
    found = []
    if birth_date is not None and not birth_date.covers(id_number.birth_date):
        found.append("birth_date")
    if sex in ("1", "2") and sex != id_number.sex:
        found.append("sex")
    return found


def agrees(id_number: IdNumber, birth_date: PartialDate | None, sex: str | None) -> bool:
    """Say whether the file's birth date and sex agree with the number."""
    return not disagreements(id_number, birth_date, sex)


def _normalise(text: str) -> str:
    if not isinstance(text, str):
        # A number cell has already lost its last digits to floating point: 3.2099e+17.
        raise BadIdNumber("id_not_text", "身份证号须为文本，请把单元格格式设为文本后重新填写全部 18 位")
    if not text.strip():
        raise BadIdNumber("id_empty", "身份证号不能为空")
    if len(text) > MAX_TYPED:
        raise BadIdNumber("id_length", "身份证号应为 18 位")
    return unicodedata.normalize("NFKC", text).replace(" ", "").replace("\u200b", "").upper()


def _shape_error(number: str) -> BadIdNumber:
    if re.search(r"[0-9]\.[0-9]+E\+?[0-9]+\Z", number):
        return BadIdNumber("id_not_text", "身份证号须为文本，请把单元格格式设为文本后重新填写全部 18 位")
    if re.search(r"[^0-9X]", number):
        return BadIdNumber("id_characters", "身份证号只能由数字组成，最后一位可以是 X")
    if len(number) != 18:
        return BadIdNumber("id_length", f"身份证号应为 18 位，现为 {len(number)} 位")
    return BadIdNumber("id_characters", "身份证号中的 X 只能在最后一位")


def _lengthen(fifteen: str) -> str:
    body = f"{fifteen[:6]}19{fifteen[6:]}"
    return body + ric.calc_check_digit(body + "0")


def _birth_date(number: str, today: date) -> date:
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise BadIdNumber("id_birth_date", "身份证号中的出生日期不存在，请核对第 7 至 14 位") from None
    if born.year < FIRST_YEAR:
        raise BadIdNumber("id_birth_date", f"身份证号中的出生年份早于 {FIRST_YEAR} 年，请核对第 7 至 10 位")
    if born > today:
        raise BadIdNumber("id_birth_date", "身份证号中的出生日期晚于今天，请核对第 7 至 14 位")
    return born
