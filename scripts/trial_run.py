#!/usr/bin/env python3
"""The trial itself, in the project's environment: what holds across hosts, and what a killed primary costs."""

import os
import struct
import sys
import tempfile
import threading
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trial_hosts
from checkout import Refusal, run, say, speak_plainly
from children import Children, Stop, listen
from streaming_pair import Pair, streaming_pair
from trial_hosts import FLASK, Answer, Host

PERIOD = "from=2020-01-01&to=2030-12-31"
MARK = "trial"


@dataclass
class Ledger:
    """What was answered, when, and which writes were acknowledged."""

    answers: list[tuple[float, str, str, int]] = field(default_factory=list)
    acknowledged: dict[str, str] = field(default_factory=dict)
    errors: list[bytes] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def note(self, host: Host, what: str, answer: Answer) -> None:
        self.answers.append((time.monotonic(), host.address, what, answer.status))
        if answer.status not in (200, 201, 503):
            self.errors.append(answer.body[:200])


def check(held: bool, what: str) -> None:
    """Say it; Refusal when it does not hold."""
    print(f"  {'通过' if held else '不成立'}  {what}", flush=True)
    if not held:
        raise Refusal(f"不成立:{what}")


def png() -> bytes:
    """A small picture."""
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    pixels = zlib.compress(b"".join(b"\0" + bytes((200, 30, 30)) * 40 for _ in range(30)))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))


def visit(unit: str, cadre: str, place: str) -> dict[str, Any]:
    """The body of a visit."""
    return {"unit_id": unit, "cadre_ids": [cadre], "type": "routine", "ended_on": time.strftime("%Y-%m-%d"),
            "place": place, "visitors": "李主任"}


def across_hosts(one: Host, two: Host, account: dict[str, Any]) -> tuple[str, str]:
    """A log-in, a browser's session, a photo and a report over both hosts; a token and a cadre to go on with."""
    said = {name: account[name] for name in ("phone", "password", "channel")}
    token = one.ask("POST", "/api/v1/sessions", said).json["token"]
    check(two.api("GET", "/me", token).status == 200, f"{one.address} 发的令牌在 {two.address} 可用")
    cookie = one.browser_login(account["phone"], account["password"])
    check(two.ask("GET", "/desk/", Cookie=cookie).status == 200, f"{one.address} 登录的浏览器在 {two.address} 可用")
    cadre = one.api("GET", f"/cadres?unit={account['unit_id']}&limit=1", token).json["items"][0]["id"]
    record = one.api("POST", "/records/visits", token, visit(account["unit_id"], cadre, "照片")).json["id"]
    body = (b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
            + png() + b"\r\n--b--\r\n")
    photo = one.api("POST", f"/records/visits/{record}/attachments", token, body,
                    Content_Type="multipart/form-data; boundary=b")
    seen = [host.api("GET", f"/attachments/{photo.json['id']}", token) for host in (one, two)]
    check(seen[0].status == seen[1].status == 200 and seen[0].body == seen[1].body,
          f"{one.address} 上传的照片由 {two.address} 给出({len(seen[1].body)} 字节)")
    check(not any((Path(host.settings["YINLING_INSTANCE"]) / "uploads").exists() for host in (one, two)),
          "两台主机自己的目录里没有照片")
    return token, cadre


def report_from_replica(pair: Pair, host: Host, token: str, unit: str) -> None:
    """A report of somebody who has just written nothing is read from the replica, and equals the primary's."""
    pair.caught_up()
    answer = host.api("GET", f"/reports/timeliness?unit={unit}&{PERIOD}", token).json
    check(answer["as_of"] is not None, f"统计由备库给出,数据截至 {answer['as_of']},合计 {answer['total_row']['total']}")


def write(ledger: Ledger, host: Host, token: str, body: dict[str, Any], number: int) -> None:
    """One writer: a visit at a time, each tried with the same key until it is acknowledged."""
    turn = 0
    while not ledger.stopping.is_set():
        turn += 1
        place = f"{MARK}{number}-{turn}"
        while True:
            answer = host.api("POST", "/records/visits", token, body | {"place": place}, Idempotency_Key=place)
            ledger.note(host, "write", answer)
            if answer.status == 201:
                ledger.acknowledged[answer.json["id"]] = place
                break
            if ledger.stopping.wait(0.2):
                return


def read(ledger: Ledger, host: Host, token: str, unit: str) -> None:
    """One reader: lists and reports."""
    while not ledger.stopping.wait(0.05):
        for path in (f"/records/visits?unit={unit}&limit=20", f"/reports/timeliness?unit={unit}&{PERIOD}"):
            ledger.note(host, "read", host.api("GET", path, token))


def kill_under_load(pair: Pair, made: list[Host], account: dict[str, Any], begun: tuple[str, str], seconds: float,
                    writers: int) -> Ledger:
    """Writers and readers on both hosts while the primary dies and the replica is promoted."""
    token, cadre = begun
    ledger, body = Ledger(), visit(account["unit_id"], cadre, "")
    threads = [threading.Thread(target=write, args=(ledger, made[n % 2], token, body, n)) for n in range(writers)]
    threads += [threading.Thread(target=read, args=(ledger, host, token, account["unit_id"])) for host in made]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    before, killed = len(ledger.acknowledged), time.monotonic()
    pair.primary.kill()
    say(f"主库已 kill -9,此前确认写入 {before} 条")
    time.sleep(1.5)  # as long as somebody, or a watcher, needs to notice
    pair.promote()
    promoted = time.monotonic()
    say(f"备库已提升,用时 {promoted - killed - 1.5:.2f} 秒(另等了 1.5 秒才发现)")
    time.sleep(seconds)
    ledger.stopping.set()
    for thread in threads:
        thread.join()
    tell(ledger, killed, promoted)
    return ledger


def tell(ledger: Ledger, killed: float, promoted: float) -> None:
    """The figures of the gap."""
    statuses = Counter((what, status) for _at, _host, what, status in ledger.answers)
    print("  回答:" + ",".join(f"{what} {status} × {number}" for (what, status), number in sorted(statuses.items())))
    for address in trial_hosts.ADDRESSES:
        good = [at for at, host, what, status in ledger.answers
                if host == address and what == "write" and status == 201]
        after = min((at for at in good if at > promoted - 0.2), default=float("inf"))
        last = max((at for at in good if at <= killed + 0.2), default=killed)
        print(f"  {address}: 两次确认之间 {after - last:.2f} 秒,提升之后 {max(after - promoted, 0):.2f} 秒恢复")


def settle(pair: Pair, ledger: Ledger, host: Host, env: dict[str, str], *, synchronous: bool) -> None:
    """Every acknowledged write is there, once; the log's chain is whole."""
    rows = pair.ask(pair.standby, "SELECT place FROM visits WHERE place IS NOT NULL")
    there = Counter(str(place) for (place,) in rows if str(place).startswith(MARK))
    lost = [place for place in ledger.acknowledged.values() if place not in there]
    say(f"已确认 {len(ledger.acknowledged)} 条,新主库里有 {len(ledger.acknowledged) - len(lost)} 条,少 {len(lost)} 条")
    check(not lost or not synchronous, "已确认的写入全在")
    check(max(there.values()) == 1, "用同一个键重试的写入没有一条变成两条")
    bad = [each for each in ledger.answers if each[3] not in (200, 201, 503)]
    check(not bad, f"没有 500,也没有断掉的回答(503 带 Retry-After){ledger.errors[:2] if bad else ''}")
    done = run_verify(host, env)
    if synchronous:
        check(done, "日志链完整(flask audit verify)")


def run_verify(host: Host, env: dict[str, str]) -> bool:
    """`flask audit verify` on a host."""
    time.sleep(2)
    try:
        run([*FLASK, "audit", "verify"], failing="日志核对", env=env | host.settings)
    except Refusal:
        return False
    return True


def trial(seconds: float, writers: int, *, synchronous: bool) -> None:
    """All of it; Refusal at the first thing that does not hold."""
    env, children = dict(os.environ), Children()
    with tempfile.TemporaryDirectory(prefix="yinling-trial-") as name, streaming_pair(synchronous=synchronous) as pair:
        made = trial_hosts.hosts(Path(name), pair)
        say(f"一主一备已就绪({'同步' if synchronous else '异步'}复制),装入演示省")
        accounts = trial_hosts.set_up(made[0], env)
        clerk, chief = (next(each for each in accounts if each["role"] == role and each["channel"] == "pc"
                             and "射阳" in each["unit"] and not each.get("first_login"))
                        for role in ("clerk", "chief"))
        try:
            trial_hosts.start(children, made, env)
            say("两台网站主机已启动:" + "、".join(f"{host.address}:{host.port}" for host in made))
            begun = across_hosts(made[0], made[1], clerk)
            said = {key: chief[key] for key in ("phone", "password", "channel")}
            token = made[1].ask("POST", "/api/v1/sessions", said).json["token"]
            report_from_replica(pair, made[1], token, chief["unit_id"])
            ledger = kill_under_load(pair, made, clerk, begun, seconds, writers)
            settle(pair, ledger, made[0], env, synchronous=synchronous)
            check(children.dead() is None, "没有一个进程重启过")
        finally:
            children.stop()


def main() -> int:
    """`trial_run.py SECONDS WRITERS [asynchronous]`: 0 when everything held."""
    speak_plainly()
    listen()
    try:
        trial(float(sys.argv[1]), int(sys.argv[2]), synchronous="asynchronous" not in sys.argv[3:])
    except Refusal as refusal:
        print(refusal, flush=True)
        return 1
    except Stop:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
