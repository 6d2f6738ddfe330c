"""The process that stages a morning: makes the province and its staff, starts the servers, runs the phases."""

import argparse
import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from io import BytesIO

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

import load_servers
from benchmarks.people import administrator_of
from benchmarks.rosters import people as roster
from benchmarks.rosters import workbook
from benchmarks.sizes import UNITS, Size
from benchmarks.world import World, Worlds
from checkout import PYTHON, say, speak_plainly
from load_clients import Phase
from load_kinds import Somebody
from load_people import new_password, staff
from load_report import Morning, Window, text, write
from load_servers import Server

PROCESSES, THREADS = 2, 8
SHARE_OF_MOST = 0.5
LOG_INS = 3.0


@dataclass(frozen=True)
class Plan:
    """How much and how long."""

    size: Size
    staff: int
    seconds: float
    exported: int
    imported: int


QUICK = Plan(Size(UNITS, 20_000, 100_000), 40, 8, 5_000, 3_000)
WHOLE = Plan(Size(UNITS, 100_000, 500_000), 200, 60, 100_000, 50_000)


class Clients:
    """Runs phases in processes of their own."""

    def __init__(self, people: list[Somebody], password: str) -> None:
        self.people, self.password, self.seed = people, password, 0

    def run(self, name: str, *phases: Phase) -> Window:
        """Every phase at once, each spread over the processes; what all of them gave."""
        started = []
        for phase in phases:
            for _ in range(PROCESSES):
                self.seed += 1
                told = replace(phase, seed=self.seed, rate=phase.rate / PROCESSES, people=self.people,
                               password=self.password)
                each = subprocess.Popen([str(PYTHON), "-m", "load_clients"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
                started.append((each, json.dumps(asdict(told))))
        answers: list[str] = []

        def collect(each: "subprocess.Popen[str]", told: str) -> None:
            answers.append(each.communicate(told)[0])

        threads = [threading.Thread(target=collect, args=pair) for pair in started]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        samples = [(kind, took, status) for answer in answers for kind, took, status in json.loads(answer)]
        window = Window(name, phases[0].seconds, samples)
        say(f"{name}:{window.rate:,.0f} 次/秒,非 2xx:{window.bad or '无'}")
        return window


class Heavy:
    """A long list fetched to its end and a roster imported, while others work."""

    def __init__(self, port: int, token: str, unit_id: str, plan: Plan) -> None:
        self.port, self.token, self.unit_id, self.plan = port, token, unit_id, plan
        self.over = threading.Event()
        self.done: dict[str, str] = {}

    def _ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> dict[str, object]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body, {"Authorization": f"Bearer {self.token}",
                                                    **({"Content-Type": kind} if kind else {})})
            found: dict[str, object] = json.loads(connection.getresponse().read())
            return found
        finally:
            connection.close()

    def _fetch(self) -> None:
        rows, cursor = 0, ""
        while rows < self.plan.exported and not self.over.is_set():
            page = self._ask("GET", f"/api/v1/records/visits?limit=200{cursor}")
            items, following = page.get("items"), page.get("next")
            rows += len(items) if isinstance(items, list) else 0
            cursor = f"&cursor={following}" if following else ""
            self.done["fetched"] = f"{rows:,} rows in pages of 200"
            if not items:
                self.done["fetched"] += f" ({page.get('code')})"
                return

    def _import(self) -> None:
        sheet = workbook(roster(int(time.time()) % 400_000 * 50, self.plan.imported))
        boundary, body = encode_multipart({"file": FileStorage(BytesIO(sheet), "r.xlsx", "file")})
        answer = self._ask("POST", f"/api/v1/cadres/import?unit_id={self.unit_id}", body,
                           f'multipart/form-data; boundary="{boundary}"')
        job = answer.get("job")
        if not isinstance(job, dict):
            self.done["import"] = f"refused: {answer.get('code')}"
            return
        while True:
            found = self._ask("GET", f"/api/v1/jobs/{job['id']}")
            result = found.get("result")
            rows = result.get("ok") if isinstance(result, dict) else f"{float(str(found.get('progress'))) * 100:.0f} %"
            self.done["import"] = f"{found.get('state')}, {rows} of {self.plan.imported:,}"
            if found.get("state") in ("done", "failed") or self.over.wait(0.5):
                return

    @contextmanager
    def running(self) -> Iterator[None]:
        """Both, for as long as the block runs."""
        threads = [threading.Thread(target=work) for work in (self._fetch, self._import)]
        for each in threads:
            each.start()
        time.sleep(1)
        try:
            yield
        finally:
            self.over.set()
            for each in threads:
                each.join()


def stage(world: World, plan: Plan) -> Morning:
    """Start the servers and run every phase."""
    password = new_password()
    people = staff(world, plan.staff, password)
    say(f"工作人员 {len(people)} 名")
    _admin, token = administrator_of(world, world.place("province"))
    low, high = world.place("county").ranges[0]
    env = {**os.environ, **world.env, "FLOOR_LOW": str(low), "FLOOR_HIGH": str(high)}
    folder = world.folder
    port, floor_port = load_servers.free_port(), load_servers.free_port()
    servers: list[Server] = []
    try:
        servers.append(load_servers.worker(env, folder / "worker.log"))
        servers.append(load_servers.web(env, port, folder / "web.log"))
        servers.append(load_servers.web(env, floor_port, folder / "floor.log", "load_floor:app"))
        return _phases(Clients(people, password), plan, servers, (port, floor_port),
                       Heavy(port, token, world.place("county").id, plan))
    finally:
        for each in reversed(servers):
            each.stop()


def _phases(clients: Clients, plan: Plan, servers: list[Server], ports: tuple[int, int], heavy: Heavy) -> Morning:
    ours = Phase(ports[0], plan.seconds, THREADS, 0, 0, "morning")
    theirs = replace(ours, port=ports[1], mix="floor")
    brief = plan.seconds / 3
    clients.run("预热", replace(ours, seconds=brief))
    clients.run("预热下限", replace(theirs, seconds=brief / 3))
    watched = {each.name: each for each in servers[:2]}
    before = {name: each.memory() for name, each in watched.items()}
    product, floor = [], []
    for turn in range(3):
        product.append(clients.run(f"most, turn {turn + 1}", replace(ours, seconds=brief)))
        floor.append(clients.run(f"floor, turn {turn + 1}", replace(theirs, seconds=brief)))
    rate = SHARE_OF_MOST * sorted(each.rate for each in product)[1]
    calm = clients.run("calm", replace(ours, rate=rate))
    storm = clients.run("log-in storm", replace(ours, rate=rate), replace(ours, rate=LOG_INS, mix="log-in"))
    with heavy.running():
        busy = clients.run("import and long list", replace(ours, rate=rate))
    memory = {name: (before[name], each.memory()) for name, each in watched.items()}
    return Morning(product, floor, calm, storm, busy, len(os.sched_getaffinity(0)), memory, heavy.done,
                   {each.name: each.cpu() for each in servers})


def main() -> int:
    """Stage a morning and tell; 0 whatever the verdicts."""
    speak_plainly()
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--note", default="")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--records", type=int)
    for flag in ("--quick", "--write"):
        parser.add_argument(flag, action="store_true")
    options = parser.parse_args()
    plan = QUICK if options.quick else WHOLE
    if options.minutes:
        plan = replace(plan, seconds=options.minutes * 60 / 5)
    if options.records:
        plan = replace(plan, size=Size(UNITS, options.records // 5, options.records))
    worlds = Worlds("postgresql", options.url, {"load": plan.size})
    try:
        morning = stage(worlds.get("load"), plan)
    finally:
        worlds.close()
    print(f"\n{text(morning)}", flush=True)
    if options.write:
        told = f"{plan.size.records:,} records, {plan.size.cadres:,} people, {plan.size.units:,} units, " \
               f"{plan.staff} people at work, phases of {plan.seconds:.0f} s"
        write(morning, told=told, note=options.note)
    return 0


if __name__ == "__main__":
    sys.exit(main())
