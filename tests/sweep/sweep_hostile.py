"""Hostile requests: raw bodies, values, query strings and a seeded grammar that mixes them."""

import json
import random
from collections.abc import Iterator
from typing import Any

JSON = "application/json"
# raw body, content type, the statuses that are right
RAW: tuple[tuple[str, bytes, str | None, tuple[int, ...]], ...] = (
    ("nothing", b"", JSON, (400,)),
    ("cut short", b'{"a": ', JSON, (400,)),
    ("a list", b"[1, 2]", JSON, (400,)),
    ("null", b"null", JSON, (400,)),
    ("a number", b"5", JSON, (400,)),
    ("a text", '"文字"'.encode(), JSON, (400,)),
    ("deep lists", b"[" * 100_000 + b"]" * 100_000, JSON, (400,)),
    ("deep objects", b'{"a":' * 5_000 + b"1" + b"}" * 5_000, JSON, (400,)),
    ("NaN", b'{"name": NaN}', JSON, (400,)),
    ("Infinity", b'{"name": -Infinity}', JSON, (400,)),
    ("a field twice", b'{"name": "a", "name": "b"}', JSON, (400,)),
    ("NUL", b'{"name": "a\\u0000b"}', JSON, (400,)),
    ("a lone surrogate", b'{"name": "\\ud800"}', JSON, (400,)),
    ("a NUL in a name", b'{"na\\u0000me": 1}', JSON, (400,)),
    ("25 digits", b'{"name": 10000000000000000000000000}', JSON, (400,)),
    ("4,400 digits", b'{"name": ' + b"9" * 4400 + b"}", JSON, (400,)),
    ("an endless float", b'{"name": 1e999}', JSON, (400,)),
    ("not UTF-8", b'{"name": "\xff\xfe"}', JSON, (400,)),
    ("UTF-16", '{"name": "a"}'.encode("utf-16"), JSON, (400,)),
    ("a byte order mark", b"\xef\xbb\xbf{}", JSON, (400,)),
    ("a comment", b'{} // done', JSON, (400,)),
    ("no content type", b"{}", None, (415,)),
    ("plain text", b"{}", "text/plain", (415,)),
    ("a form", b"name=a", "application/x-www-form-urlencoded", (415,)),
    ("XML", b"<a/>", "application/xml", (415,)),
    ("a broken multipart", b"--x\r\nContent-Disposition: form-data; name", "multipart/form-data; boundary=x", (415,)),
    ("a multipart without a boundary", b"--x", "multipart/form-data", (415,)),
)
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 2**31, 2**63 - 1, -(2**63), "", " ", "\t", "a" * 10_000, "文" * 3_000, "\u202e反",
    "\u200b",
    "１２３", "٣", "²", "1\n", "\r\nX: y", "<script>alert(1)</script>", "'; DROP TABLE units; --", "{{7*7}}", "=1+1",
    "../../etc/passwd", "%00", "2026-02-30", "0000-00-00", "9999-99-99", "1e5", "NaN", [], [None], [[]], {}, {"a": 1},
    [{"cadre_id": 1}], ["x"] * 400, "𠮷😀" * 20, "on", "null", "true",
)
QUERIES: tuple[str, ...] = (
    "unknown=1", "limit=0", "limit=-1", "limit=201", "limit=x", "limit=１０", "limit=1.5", "limit=99999999999999999999",
    "limit=1&limit=2", "cursor=x", "cursor=%00", "cursor=bnVsbA", "cursor=WzEsMl0", "cursor=W10", "cursor=e30",
    "cursor=WyJhIiwiYiIsImMiXQ", "cursor=" + "A" * 500, "cursor=W251bGwsbnVsbF0", "%ff=1", "=1", "limit%00=1",
    "sort=name", "order=CASE+WHEN+1", "offset=1", "page=2", "fields=password_hash", "include=secret", "filter[unit]=1",
)
TIMES = ("2026-02-30", "x", "20260601", "2026-6-1", "１９９９-01-01", "2026-06-01T00:00:00", "9999-12-32", "0001-01-01",
         "%00")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def scramble(chance: random.Random, value: Any, depth: int = 0) -> Any:
    """A value with something in it changed, dropped, doubled or nested."""
    if isinstance(value, dict) and value and depth < 6 and chance.random() < 0.8:
        made = dict(value)
        name = chance.choice(sorted(made))
        act = chance.randrange(5)
        if act == 0:
            made.pop(name)
        elif act == 1:
            made[chance.choice(("id", "unit_id", "_schema", "", "x" * 300, "文", name.upper()))] = chance.choice(VALUES)
        else:
            made[name] = scramble(chance, made[name], depth + 1)
        return made
    if isinstance(value, list) and value and depth < 6 and chance.random() < 0.6:
        return [scramble(chance, chance.choice(value), depth + 1) for _ in range(chance.choice((0, 1, 2, 60)))]
    return chance.choice(VALUES)


def raw_of(chance: random.Random, body: Any) -> bytes:
    """The bytes of a body, sometimes damaged."""
    raw = json.dumps(body, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    act = chance.randrange(12)
    if act == 0 and raw:
        return raw[:chance.randrange(len(raw))]
    if act == 1 and raw:
        place = chance.randrange(len(raw))
        return raw[:place] + bytes([chance.randrange(256)]) + raw[place + 1:]
    if act == 2:
        return raw + raw
    return raw


def headers_of(chance: random.Random) -> dict[str, str]:
    """Headers no honest client sends, now and then."""
    odd = (("If-Match", '"x"'), ("If-Match", "９"), ("Idempotency-Key", ""), ("Idempotency-Key", "k" * 300),
           ("X-HTTP-Method-Override", "DELETE"), ("Content-Encoding", "gzip"), ("Accept", "text/html"),
           ("X-Forwarded-For", "1.2.3.4"), ("Range", "bytes=0-"), ("If-None-Match", "*"), ("Accept-Language", "\xff"))
    return dict(chance.sample(odd, chance.randrange(3)))


def queries(chance: random.Random) -> str:
    """A query string out of the bad ones."""
    return "&".join(chance.sample(QUERIES, chance.randrange(3)))


def bad_times() -> Iterator[str]:
    """Periods that are none."""
    for name in ("from", "to"):
        yield from (f"{name}={day}" for day in TIMES)
