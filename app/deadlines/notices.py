"""The State Council's holiday notices as files: reading, strict checking, and those shipped."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from app.deadlines.calendar import ONE_DAY, SATURDAY, Holiday, YearNotice
from app.deadlines.festivals import festivals_within

SHIPPED = Path(__file__).parent / "data"
UNNAMED = "放假"
LONGEST_HOLIDAY = 20  # days; the longest so far were ten, so more is a slip of the pen
LARGEST_FILE = 200_000  # characters; a year takes about one thousand
LONGEST_TEXT = 60  # characters of a holiday's name or a notice's number
CSV_HEADER = "date,kind,name"
YEARS = range(2000, 2101)
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class NoticeError(ValueError):
    """A notice that cannot be right; the text says in Chinese what is wrong and where."""


def parse(content: str | bytes, notice: str = "") -> list[YearNotice]:
    """Read a file of any of the three shapes, JSON if it begins with a brace or bracket, else CSV.

    In: the text, or its bytes in UTF-8 or GB 18030 (what office programs save); the notice's
    number where the shape itself has no place for it. Out: notices by year. Raises NoticeError.
    """
    text = _text(content)
    if text.lstrip().startswith(("{", "[")):
        return parse_json(text, notice)
    return [parse_csv(text, notice)]


def parse_json(content: str | bytes, notice: str = "") -> list[YearNotice]:
    """Read one or both JSON shapes, sorted by year; raises NoticeError.

    Rich: `{"year", "notice", "holidays": [{"name", "first", "last"}], "makeup": [day]}`, one or a
    list, with or without the day it was `"issued"`.
    Plain: `{"2026": {"off": [[first, last]], "work": [day]}}`; names are derived.
    """
    try:
        read = json.loads(_text(content), object_pairs_hook=_unique)
    except NoticeError:
        raise
    except (ValueError, RecursionError) as error:
        raise NoticeError("文件不是有效的 JSON。") from error
    if isinstance(read, dict) and "year" not in read:
        notices = [_plain(year, body, notice) for year, body in read.items()]
    else:
        notices = [_rich(body) for body in (read if isinstance(read, list) else [read])]
    if not notices:
        raise NoticeError("文件里没有任何年份。")
    for year, count in Counter(each.year for each in notices).items():
        if count > 1:
            raise NoticeError(f"{year} 年出现了两次。")
    return sorted(notices, key=lambda each: each.year)


def parse_csv(content: str | bytes, notice: str = "") -> YearNotice:
    """Read `date,kind,name` lines of one year, kind `off` or `work`; raises NoticeError.

    The year is the one most lines lie in. Days off in a row under one name are one holiday; an
    empty name is derived. The name of a make-up day is ignored.
    """
    try:
        lines = list(csv.reader(_text(content).splitlines(), strict=True))
    except csv.Error as error:
        raise NoticeError("文件不是有效的 CSV。") from error
    if not lines or ",".join(lines[0]).strip().lower() != CSV_HEADER:
        raise NoticeError(f"CSV 第一行应为“{CSV_HEADER}”。")
    off: dict[date, str] = {}
    work: list[date] = []
    for number, line in enumerate(lines[1:], start=2):
        if any(line):
            _csv_line(line, number, off, work)
    years = Counter(day.year for day in [*off, *work]).most_common(2)
    if not years or (len(years) == 2 and years[0][1] == years[1][1]):
        raise NoticeError("无法判断是哪一年的安排，请检查文件里的日期。")
    return check(YearNotice(years[0][0], notice, _joined(off), tuple(sorted(work))))


def check(notice: YearNotice) -> YearNotice:
    """Give the notice back if it can be right, else raise NoticeError; for notices of any origin.

    Refused: a year outside 2000 to 2100; no holiday at all; a reversed range or one longer than
    20 days; a day outside the year, save the December before and the January after; overlapping
    holidays; a make-up day twice, on a weekday, or inside a holiday.
    """
    if notice.year not in YEARS:
        raise NoticeError(f"年份 {notice.year} 不在 {YEARS[0]}—{YEARS[-1]} 之间。")
    at = f"{notice.year} 年："
    if not notice.holidays:
        raise NoticeError(f"{at}没有任何假期。")
    free: dict[date, str] = {}
    for holiday in notice.holidays:
        _label(holiday.name, f"{at}假期名称")
        _check_range(holiday, notice.year, at)
        for day in holiday.days():
            if day in free:
                raise NoticeError(f"{at}{day} 重复，既在“{free[day]}”又在“{holiday.name}”。")
            free[day] = holiday.name
    for day, count in Counter(notice.makeup).items():
        _check_near(day, notice.year, at)
        if count > 1:
            raise NoticeError(f"{at}调休上班日 {day} 重复。")
        if day.weekday() < SATURDAY:
            raise NoticeError(f"{at}调休上班日 {day} 不是周六或周日。")
        if day in free:
            raise NoticeError(f"{at}调休上班日 {day} 在假期“{free[day]}”之内。")
    return notice


def as_json(notice: YearNotice) -> str:
    """The rich shape of one notice; `parse_json` gives the same notice back."""
    body: dict[str, object] = {
        "year": notice.year, "notice": notice.notice,
        "holidays": [{"name": each.name, "first": each.first.isoformat(), "last": each.last.isoformat()}
                     for each in notice.holidays],
        "makeup": [day.isoformat() for day in notice.makeup],
    }
    if notice.issued is not None:
        body["issued"] = notice.issued.isoformat()
    return json.dumps(body, ensure_ascii=False)


def shipped() -> list[YearNotice]:
    """The notices that come with the program, by year."""
    files = sorted(SHIPPED.glob("*.json"))
    return [each for file in files for each in parse_json(file.read_bytes())]


def _check_range(holiday: Holiday, year: int, at: str) -> None:
    span = f"假期“{holiday.name}”（{holiday.first} 至 {holiday.last}）"
    if holiday.last < holiday.first:
        raise NoticeError(f"{at}{span}的结束日早于开始日。")
    if (holiday.last - holiday.first).days >= LONGEST_HOLIDAY:
        raise NoticeError(f"{at}{span}超过 {LONGEST_HOLIDAY} 天。")
    _check_near(holiday.first, year, at)
    _check_near(holiday.last, year, at)


def _check_near(day: date, year: int, at: str) -> None:
    if not date(year - 1, 12, 1) <= day <= date(year + 1, 1, 31):
        raise NoticeError(f"{at}日期 {day} 不属于这一年（只可延伸到上年12月或下年1月）。")


def _text(content: str | bytes) -> str:
    if len(content) > LARGEST_FILE:
        raise NoticeError("文件过大，不像是放假安排。")
    if isinstance(content, str):
        return content.removeprefix("\ufeff")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NoticeError("文件编码无法识别，请存为 UTF-8。")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object whose keys occur once; the standard reader would keep the last silently."""
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise NoticeError(f"“{twice}”重复出现。")
    return found


def _fields(body: object, keys: Iterable[str], at: str) -> list[object]:
    """The values of exactly these keys, in order."""
    wanted = list(keys)
    if not isinstance(body, dict) or set(body) != set(wanted):
        raise NoticeError(f"{at}应恰好有这些项：{'、'.join(wanted)}。")
    return [body[key] for key in wanted]


def _list(value: object, at: str) -> list[object]:
    if not isinstance(value, list):
        raise NoticeError(f"{at}应为列表。")
    return value


def _label(value: object, at: str) -> str:
    label = value.strip() if isinstance(value, str) else ""
    if not (0 < len(label) <= LONGEST_TEXT and label.isprintable()):
        raise NoticeError(f"{at}应为 1 至 {LONGEST_TEXT} 个字的文字。")
    return label


def _day(value: object, at: str) -> date:
    try:
        if not (isinstance(value, str) and ISO_DATE.fullmatch(value)):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError as error:
        shown = str(value)[:LONGEST_TEXT]
        raise NoticeError(f"{at}“{shown}”不是有效日期，应写作 2026-01-01。") from error


def _days(value: object, at: str) -> tuple[date, ...]:
    return tuple(sorted(_day(each, at) for each in _list(value, at)))


def _rich(body: object) -> YearNotice:
    given = dict(body) if isinstance(body, dict) else body
    day = given.pop("issued", None) if isinstance(given, dict) else None
    year, number, holidays, makeup = _fields(given, ("year", "notice", "holidays", "makeup"), "通知")
    if type(year) is not int or year not in YEARS:
        raise NoticeError("“year”应为四位数的年份。")
    at = f"{year} 年："
    read = []
    for each in _list(holidays, f"{at}“holidays”"):
        name, first, last = _fields(each, ("name", "first", "last"), f"{at}假期")
        label = _label(name, f"{at}假期名称")
        read.append(Holiday(label, _day(first, at), _day(last, at)))
    label = _label(number, f"{at}通知文号")
    issued = _day(day, f"{at}发文日期") if day is not None else None
    return check(YearNotice(year, label, tuple(read), _days(makeup, at), issued))


def _plain(key: str, body: object, notice: str) -> YearNotice:
    if not re.fullmatch("[0-9]{4}", key):
        raise NoticeError(f"“{key[:LONGEST_TEXT]}”不是四位数的年份。")
    at = f"{key} 年："
    off, work = _fields(body, ("off", "work"), at)
    read = []
    for each in _list(off, f"{at}“off”"):
        ends = _list(each, f"{at}每段假期")
        if len(ends) != 2:
            raise NoticeError(f"{at}每段假期应有开始日和结束日两个日期。")
        read.append(_named(_day(ends[0], at), _day(ends[1], at)))
    return check(YearNotice(int(key), notice, tuple(read), _days(work, at)))


def _named(first: date, last: date) -> Holiday:
    # A range too long to be true is not searched for festivals; `check` refuses it.
    long = (last - first).days >= LONGEST_HOLIDAY
    return Holiday((not long and festivals_within(first, last)) or UNNAMED, first, last)


def _csv_line(line: list[str], number: int, off: dict[date, str], work: list[date]) -> None:
    at = f"第 {number} 行："
    cells = [cell.strip() for cell in line]
    if len(cells) != 3:
        raise NoticeError(f"{at}应有三列：{CSV_HEADER}。")
    day, kind, name = _day(cells[0], at), cells[1], cells[2]
    if day in off or day in work:
        raise NoticeError(f"{at}{day} 重复。")
    if kind == "work":
        work.append(day)
    elif kind == "off":
        off[day] = _label(name, f"{at}名称") if name else ""
    else:
        raise NoticeError(f"{at}kind 应为 off（放假）或 work（上班）。")


def _joined(off: dict[date, str]) -> tuple[Holiday, ...]:
    """Days off in a row with one name become one holiday."""
    runs: list[tuple[str, date, date]] = []
    for day, name in sorted(off.items()):
        if runs and runs[-1][0] == name and runs[-1][2] + ONE_DAY == day:
            runs[-1] = (name, runs[-1][1], day)
        else:
            runs.append((name, day, day))
    return tuple(Holiday(n, a, b) if n else _named(a, b) for n, a, b in runs)
