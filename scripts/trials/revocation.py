"""Revoked means revoked: requests run on every connection while a right is ended, and none that starts after succeeds.

One trial is one person with a browser, an API token and links to files, hammered by threads of their own over
connections of their own, so that every process of gunicorn serves some. When each has succeeded once, the right is
ended; whatever begins after the answer to that must not succeed any more, in whichever process it lands.
"""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from trials.revocation_people import Person, Place, free_number

OK = 200
ON_EACH = 2  # connections on each way in
AFTER = 2  # whole requests on each connection that begin after the answer
PACE = 0.1  # between requests while the right lives; none afterwards
PATIENCE = 60.0


@dataclass(frozen=True)
class Way:
    """A way in: its name, the address, the headers that open it."""

    name: str
    path: str
    headers: dict[str, str]


@dataclass
class Told:
    """What became of the trials."""

    trials: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    slipped: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [f"{sum(self.trials.values())} 次试验,撤权前成功的请求 {sum(self.before.values())} 个,"
                 f"撤权答复之后开始的请求 {sum(self.after.values())} 个,其中仍然成功的 {len(self.slipped)} 个"]
        lines += [f"  {name}:{many} 次" for name, many in sorted(self.trials.items())]
        lines += [f"  {name}:之后开始 {many} 个" for name, many in sorted(self.after.items())]
        return "\n".join([*lines, *self.slipped[:20], *self.failed[:20]])


def ask(connection: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str],
        body: Any = None) -> tuple[int, bytes]:
    """One request over a kept connection."""
    sent = dict(headers)
    if body is not None:
        sent["Content-Type"] = "application/json"
    connection.request(method, path, json.dumps(body) if body is not None else None, sent)
    answer = connection.getresponse()
    return answer.status, answer.read()


@dataclass
class _Hammer:
    """One connection that asks again and again, and remembers when each request began and how it ended."""

    port: int
    way: Way
    ready: threading.Barrier
    ended: threading.Event
    log: list[tuple[float, int]] = field(default_factory=list)
    trouble: str = ""

    def run(self) -> None:
        """Succeed once, wait for the others, ask on until the right has ended, and a little longer."""
        try:
            self._ask_on()
        except (OSError, http.client.HTTPException, threading.BrokenBarrierError) as error:
            self.trouble = f"{self.way.name}: {type(error).__name__}: {error}"
            self.ready.abort()

    def _ask_on(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            self._once(connection)
            self.ready.wait(PATIENCE)
            left = AFTER
            while left:
                if self.ended.wait(PACE):
                    left -= 1
                self._once(connection)
        finally:
            connection.close()

    def _once(self, connection: http.client.HTTPConnection) -> None:
        began = time.monotonic()
        self.log.append((began, ask(connection, "GET", self.way.path, self.way.headers)[0]))


def try_once(port: int, name: str, ways: Sequence[Way], end_it: Callable[[], int], told: Told) -> None:
    """One trial: hammer every way in, end the right, look at what began afterwards."""
    ended = threading.Event()
    ready = threading.Barrier(len(ways) * ON_EACH + 1)
    hammers = [_Hammer(port, way, ready, ended) for way in ways for _each in range(ON_EACH)]
    threads = [threading.Thread(target=each.run) for each in hammers]
    for thread in threads:
        thread.start()
    status, answered = 0, float("inf")
    try:
        ready.wait(PATIENCE)
        status = end_it()
        answered = time.monotonic()
    except threading.BrokenBarrierError:
        told.failed.append(f"{name}: 试验没有开始")
    finally:
        ended.set()
        for thread in threads:
            thread.join(PATIENCE)
    told.trials[name] += 1
    if not OK <= status < 300:
        told.failed.append(f"{name}: 撤权的答复是 {status}")
    for each in hammers:
        if each.trouble or not each.log or each.log[0][1] != OK:
            told.failed.append(f"{name}: {each.trouble or each.way.name} {each.log[:1]}")
        for began, got in each.log:
            if began > answered:
                told.after[each.way.name] += 1
                if got == OK:
                    told.slipped.append(f"{name}: {each.way.name} 在答复之后 {1000 * (began - answered):.1f} 毫秒开始,"
                                        "仍然成功")
            elif got == OK:
                told.before[each.way.name] += 1


def ways_of(person: Person, without: str = "") -> list[Way]:
    """A browser, a token, and every file the person has a link to."""
    token, cookie = {"Authorization": f"Bearer {person.token}"}, {"Cookie": person.cookie}
    return [Way(name, path, token if by_token else cookie) for name, path, by_token in person.ways
            if not without or without not in name]


class Revoker:
    """Who ends rights, each act over a connection of its own: the superior, or the person from another session."""

    def __init__(self, port: int, place: Place) -> None:
        """Over the server at this port."""
        self.port, self.place = port, place

    def call(self, token: str, method: str, path: str, body: Any = None) -> int:
        """The status of an act's answer."""
        return self.answer(token, method, path, body)[0]

    def answer(self, token: str, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """An act's answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            return ask(connection, method, f"/api/v1{path}", {"Authorization": f"Bearer {token}"}, body)
        finally:
            connection.close()

    def move(self, parent: str) -> int:
        """Put the township with the record below another county."""
        return self.call(self.place.superior, "POST", f"/units/{self.place.town}/move", {"parent_id": parent})

    def change_number(self, person: Person) -> int:
        """Let the person ask for another number, and accept it."""
        asked, number = self.answer(person.other, "POST", "/me/phone-change", {"phone": free_number()})
        if asked >= 300:
            return asked
        return self.call(self.place.superior, "POST", f"/phone-changes/{json.loads(number)['id']}/accept", {})

    def by_anybody(self, person: Person) -> dict[str, Callable[[], int]]:
        """Ends of sessions, by name: whatever somebody may do, it is over."""
        above, account = self.place.superior, f"/accounts/{person.account}"
        return {
            "重发密码": lambda: self.call(above, "POST", f"{account}/resend", {}),
            "上级让其退出": lambda: self.call(above, "POST", f"{account}/sign-out", {}),
            "本人改密码": lambda: self.call(person.other, "PUT", "/me/password", {
                "old": person.password, "new": f"{person.password}-neu"}),
            "本人让其他设备退出": lambda: self.call(person.other, "POST", "/me/sessions/end", {"others": True}),
        }

    def of_a_chief(self, person: Person) -> dict[str, Callable[[], int]]:
        """The same, and ends of the account, of the right and of what it reaches."""
        above, account = self.place.superior, f"/accounts/{person.account}"
        return self.by_anybody(person) | {
            "账号停用": lambda: self.call(above, "POST", f"{account}/suspend", {}),
            "账号注销": lambda: self.call(above, "POST", f"{account}/close", {}),
            "收回权限": lambda: self.call(above, "DELETE", f"{account}/grants/{person.grant}"),
            "关闭电脑端": lambda: self.call(above, "PATCH", account, {"pc_grant": False}),
            "换手机号码": lambda: self.change_number(person),
            "解除手机验证器": lambda: self.call(above, "DELETE", f"{account}/second-factor"),
            "单位移走": lambda: self.move(self.place.elsewhere),
        }

    def of_an_administrator(self, person: Person) -> dict[str, Callable[[], int]]:
        """The same, and the end of the seat."""
        return self.by_anybody(person) | {"免去系统管理员": lambda: self.call(
            self.place.superior, "DELETE", f"/units/{person.town}/administrators/{person.account}")}


ANYBODY = ("重发密码", "上级让其退出", "本人改密码", "本人让其他设备退出")
CHIEF = (*ANYBODY, "账号停用", "账号注销", "收回权限", "关闭电脑端", "换手机号码", "解除手机验证器",
         "单位移走")
ADMINISTRATOR = (*ANYBODY, "免去系统管理员")
KINDS = [*[("负责人", name) for name in CHIEF], *[("系统管理员", name) for name in ADMINISTRATOR]]


def try_all(port: int, place: Place, trials: int, say: Callable[[str], None]) -> Told:
    """So many trials, every kind in its turn."""
    told, revoker = Told(), Revoker(port, place)
    for number in range(trials):
        who, name = KINDS[number % len(KINDS)]
        if who == "负责人":
            person = place.chief(bound=name == "解除手机验证器")
            # A list exported before the move holds what was in reach then; it stays its owner's.
            ways = ways_of(person, "导出" if name == "单位移走" else "")
            try_once(port, f"{who}:{name}", ways, revoker.of_a_chief(person)[name], told)
            if name == "单位移走" and revoker.move(place.here) != OK:
                told.failed.append("移回不成")
        else:
            person = place.administrator()
            try_once(port, f"{who}:{name}", ways_of(person), revoker.of_an_administrator(person)[name], told)
        if (number + 1) % 100 == 0:
            say(f"  {number + 1} 次,答复之后成功的 {len(told.slipped)} 个")
    return told
