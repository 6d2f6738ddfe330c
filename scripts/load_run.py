"""The process that stages a morning: makes the province and its staff, starts the servers, runs the phases."""

import argparse
import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass, replace

import load_servers
from benchmarks.people import administrator_of
from benchmarks.sizes import UNITS, Size
from benchmarks.world import World, Worlds
from checkout import PYTHON, Refusal, say, speak_plainly
from load_clients import Phase
from load_heavy import Asker, Heavy
from load_kinds import Somebody
from load_people import new_password, staff
from load_report import Morning, Window, merged, text, verdicts, write
from load_servers import Server

PROCESSES, THREADS = 2, 8
SHARE_OF_MOST = 0.5
LOG_INS = 3.0
WINDOW, MOST_TURNS = 5.0, 8
WARM_UP = 30.0  # seconds
WARMING = 300  # rows of the jobs that the worker is warmed up with; up to 200 are imported in the request itself


@dataclass(frozen=True)
class Plan:
    """How much and how long."""

    size: Size
    staff: int
    seconds: float
    exported: int
    imported: int


QUICK = Plan(Size(UNITS, 20_000, 100_000), 40, 8, 10_000, 3_000)
SHOW = Plan(Size(UNITS, 84_000, 420_000), 100, 20, 100_000, 50_000)
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


def stage(world: World, plan: Plan) -> Morning:
    """Start the servers and run every phase."""
    password = new_password()
    people = staff(world, plan.staff, password)
    if not any(each.writes for each in people):
        raise Refusal("没有人可以录入,造不出一个上午")
    say(f"工作人员 {len(people)} 名")
    askers = [Asker(administrator_of(world, world.place(level))[1], world.place(level).id)
              for level in ("province", "county")]
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
                       Heavy(port, *askers, plan.exported, plan.imported))
    finally:
        for each in reversed(servers):
            each.stop()


def _phases(clients: Clients, plan: Plan, servers: list[Server], ports: tuple[int, int], heavy: Heavy) -> Morning:
    ours = Phase(ports[0], plan.seconds, THREADS, 0, 0, "morning")
    theirs = replace(ours, port=ports[1], mix="floor")
    brief = plan.seconds / 3
    # A connection plans each of its statements six times before it keeps a plan: not what a morning is about.
    clients.run("预热", replace(ours, seconds=max(brief, WARM_UP)))
    clients.run("预热下限", replace(theirs, seconds=brief / 3))
    warming = replace(heavy, exported=WARMING, imported=WARMING, told={}, whole={})
    warming.begin()
    warming.finish()
    watched = {each.name: each for each in servers[:2]}
    before = {name: each.memory() for name, each in watched.items()}
    product, floor, used = [], [], [0.0, 0.0]
    for turn in range(3):
        for place, (name, phase, windows) in enumerate((("most", ours, product), ("floor", theirs, floor))):
            began = servers[place + 1].cpu()
            windows.append(clients.run(f"{name}, turn {turn + 1}", replace(phase, seconds=brief)))
            used[place] += servers[place + 1].cpu() - began
    rate = SHARE_OF_MOST * sorted(each.rate for each in product)[1]
    open_phase = replace(ours, rate=rate)
    calm = [clients.run("calm, before", open_phase)]
    storm = clients.run("log-in storm", open_phase, replace(ours, rate=LOG_INS, mix="log-in"))
    calm.append(clients.run("calm, between", open_phase))
    busy, still = _busy(clients, replace(open_phase, seconds=WINDOW), heavy, servers[0])
    calm.append(clients.run("calm, after", open_phase))
    memory = {name: (before[name], each.memory()) for name, each in watched.items()}
    return Morning(product, floor, merged("calm", calm), storm, busy, still, len(os.sched_getaffinity(0)), memory,
                   heavy.told, {each.name: each.cpu() for each in servers}, all(heavy.whole.values()),
                   (used[0] / sum(len(each.samples) for each in product),
                    used[1] / sum(len(each.samples) for each in floor)))


def _busy(clients: Clients, phase: Phase, heavy: Heavy, worker: Server) -> tuple[Window, Window]:
    """Others' requests while an export and an import are done, and in between, while the worker is held still.

    The two take turns, so that whatever else the machine does touches both alike. What was asked after the jobs' end
    is left out; jobs that outlast the turns are waited for, unmeasured.
    """
    heavy.begin()
    busy, still = [], []
    while len(busy) < MOST_TURNS and (not busy or heavy.running):
        window = clients.run("export and import", phase)
        if busy and not heavy.running:
            break
        busy.append(window)
        worker.rest(still=True)
        try:
            still.append(clients.run("the worker held still", phase))
        finally:
            worker.rest(still=False)
    say("等两个任务做完")
    heavy.finish()
    return merged("export and import", busy), merged("the worker held still", still)


def main() -> int:
    """Stage a morning and tell; 0 whatever the verdicts."""
    speak_plainly()
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--note", default="")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--records", type=int)
    for flag in ("--quick", "--show", "--write"):
        parser.add_argument(flag, action="store_true")
    options = parser.parse_args()
    plan = QUICK if options.quick else SHOW if options.show else WHOLE
    if options.minutes:
        plan = replace(plan, seconds=options.minutes * 60 / 5)
    if options.records:
        plan = replace(plan, size=Size(UNITS, options.records // 5, options.records))
    worlds = Worlds("postgresql", options.url, {"load": plan.size})
    try:
        morning = stage(worlds.get("load"), plan)
    finally:
        worlds.close()
    print(f"\n{text(morning)}\n\n{verdicts(morning)}", flush=True)
    if options.write:
        told = f"{plan.size.records:,} records, {plan.size.cadres:,} people, {plan.size.units:,} units, " \
               f"{plan.staff} people at work, phases of {plan.seconds:.0f} s"
        write(morning, told=told, note=options.note)
    return 0


if __name__ == "__main__":
    sys.exit(main())
