"""Canaries: every text of every unit holds three rare characters that say whose it is; and finding them in answers."""

import base64
import binascii
import io
import re
import zipfile
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from werkzeug.test import TestResponse

UNIT_SIGNS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
KINDS = ("unit", "staff", "seated", "cadre", "secret", "opinion", "log", "filing", "nomination", "gone", "former name",
         "visits", "hardship_aid", "branch_activities", "volunteer_service",
         "visits clear", "hardship_aid clear", "phone", "grant", "job", "training")
KIND_SIGNS = dict(zip(KINDS, "乾坤震巽坎离艮兑泽岳溪峪峡岚岭岱岷巅麓岘岗", strict=True))
_MARK = re.compile("犇([甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥])([乾坤震巽坎离艮兑泽岳溪峪峡岚岭岱岷巅麓岘岗])")
_ID_RUN = re.compile(r"[A-Za-z0-9_-]{22,}")
_DIGIT_RUN = re.compile(r"\d[\dXx]{10,}")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
Key = tuple[str, str]  # (unit, kind)


@dataclass
class Canaries:
    """Whose each sign, id and number is."""

    units: dict[str, str] = field(default_factory=dict)  # sign -> unit
    ids: dict[str, Key] = field(default_factory=dict)
    numbers: dict[str, Key] = field(default_factory=dict)

    def text(self, unit: str, kind: str) -> str:
        """The canary of a unit and a kind of thing."""
        if unit not in self.units.values():
            self.units[UNIT_SIGNS[len(self.units)]] = unit
        sign = next(sign for sign, name in self.units.items() if name == unit)
        return f"犇{sign}{KIND_SIGNS[kind]}"

    def known(self, row_id: str, unit: str, kind: str) -> str:
        """Remember whose an id is."""
        self.ids[row_id] = (unit, kind)
        return row_id

    def found_in(self, text: str) -> dict[Key, str]:
        """Whose canaries, ids and numbers a text holds, with one example each."""
        kinds = {sign: kind for kind, sign in KIND_SIGNS.items()}
        found = {(self.units[unit], kinds[kind]): f"犇{unit}{kind}" for unit, kind in set(_MARK.findall(text))}
        for run in set(_ID_RUN.findall(text)):
            for start in range(len(run) - 21):
                key = self.ids.get(run[start:start + 22])
                if key is not None:
                    found.setdefault(key, run[start:start + 22])
        for run in set(_DIGIT_RUN.findall(text)):
            for width in (11, 18):
                for start in range(len(run) - width + 1):
                    key = self.numbers.get(run[start:start + width])
                    if key is not None:
                        found.setdefault(key, run[start:start + width])
        return found


def readable(response: TestResponse) -> str:
    """All bytes of an answer as text: headers, body, spreadsheets unpacked, JSON escapes and page marks opened."""
    body = response.get_data()
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"\n".join(packed.read(name) for name in packed.namelist())
    text = body.decode("utf-8", "replace")
    if "\\u" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text)
    headers = unquote_to_bytes("\n".join(f"{name}: {value}" for name, value in response.headers
                                         if name != "X-Request-Id")).decode("utf-8", "replace")
    return f"{headers}\n{text}\n{_page_marks(text)}"


def _page_marks(text: str) -> str:
    """What the cursors of a list hold, in clear."""
    opened = []
    for mark in re.findall(r'(?:"next":\s*"|cursor=)([A-Za-z0-9_-]{8,})', text):
        try:
            opened.append(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)).decode("utf-8", "replace"))
        except (binascii.Error, ValueError):
            continue
    return "\n".join(opened)
