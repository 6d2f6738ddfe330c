"""Requests while the SMS gateway is down, slow or wrong: who opens accounts and reads pages must not notice."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from checkout import Refusal
from trial_hosts import Host
from trials.verdicts import Line, high, middle

LONGEST = 1.0


@dataclass
class Times:
    """How long each request took, by what it was."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)

    def note(self, what: str, began: float, status: int) -> None:
        self.seconds.setdefault(what, []).append(time.monotonic() - began)
        self.statuses[status] += 1


def open_accounts(host: Host, token: str, unit_id: str, first: int, many: int, times: Times) -> list[str]:
    """Staff accounts, each with a message to be sent; their ids."""
    made = []
    for number in range(first, first + many):
        body: dict[str, Any] = {
            "unit_id": unit_id, "kind": "staff", "name": "试验", "phone": f"1993{number:07d}",
            "employment": "full_time", "pc_grant": True, "mobile_access": True}
        began = time.monotonic()
        answer = host.api("POST", "/accounts", token, body)
        times.note("开通账号(排入一条短信)", began, answer.status)
        if answer.status != 201:
            raise Refusal(f"账号没有开通:{answer.status} {answer.body[:200]!r}")
        made.append(answer.json["id"])
    return made


def read_on(host: Host, token: str, times: Times, stopping: threading.Event) -> None:
    """Somebody who reads lists all the while."""
    while not stopping.wait(0.05):
        for path in ("/me", "/accounts?limit=20", "/units?limit=20"):
            began = time.monotonic()
            times.note("读列表", began, host.api("GET", path, token).status)


def lines(mode: str, times: Times, delivered: int, asked: int) -> list[Line]:
    """What was seen in one manner of misbehaving."""
    every = [each for found in times.seconds.values() for each in found]
    worst = max(every)
    statuses = "、".join(f"{status} × {number}" for status, number in sorted(times.statuses.items()))
    return [Line(f"网关{mode}", f"{len(every)} 个请求({statuses}),中位 {middle(every) * 1000:.0f} 毫秒,"
                 f"九五分位 {high(every) * 1000:.0f} 毫秒,最长 {worst:.2f} 秒;网关被问 {asked} 次,送出 {delivered} 条",
                 f"没有一个超过 {LONGEST:.0f} 秒", worst <= LONGEST)]
