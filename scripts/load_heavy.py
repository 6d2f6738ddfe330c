"""The long jobs of a morning: a list exported by the province and a roster imported by a county, side by side."""

import http.client
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from benchmarks.rosters import people as roster
from benchmarks.rosters import workbook

EVERY = 0.5
PATIENCE = 120
LIST = "/api/v1/records/visits"


@dataclass(frozen=True)
class Asker:
    """Who asks for a job: the session's token, and the unit it is done in."""

    token: str
    unit_id: str


@dataclass
class Heavy:
    """Both jobs: each asked for over the API, watched to its end, its file fetched. Two tenants, so two at once."""

    port: int
    exporter: Asker
    importer: Asker
    exported: int
    imported: int
    told: dict[str, str] = field(default_factory=dict)
    whole: dict[str, bool] = field(default_factory=dict)
    _threads: list[threading.Thread] = field(default_factory=list)

    def begin(self) -> None:
        """Make ready what costs the client's own time, then ask for both."""
        since = self._since()
        sheet = workbook(roster(int(time.time()) % 400_000 * 50, self.imported))
        boundary, body = encode_multipart({"file": FileStorage(BytesIO(sheet), "r.xlsx", "file")})
        kind = f'multipart/form-data; boundary="{boundary}"'
        works: dict[str, Callable[[], Any]] = {
            "export": lambda: self._ask(self.exporter, "POST", f"{LIST}/export?from={since}",
                                        json.dumps({"purpose": "负载测试"}).encode(), "application/json"),
            "import": lambda: self._ask(self.importer, "POST", f"/api/v1/cadres/import?unit_id={self.importer.unit_id}",
                                        body, kind),
        }
        self._threads = [threading.Thread(target=self._see_through, args=each) for each in works.items()]
        for each in self._threads:
            each.start()

    @property
    def running(self) -> bool:
        """Whether any of the two is still at work."""
        return any(each.is_alive() for each in self._threads)

    def finish(self) -> None:
        """Wait for their ends."""
        for each in self._threads:
            each.join()

    def _see_through(self, name: str, ask: Callable[[], Any]) -> None:
        who = self.exporter if name == "export" else self.importer
        began = time.monotonic()
        job = ask().get("job")
        if not isinstance(job, dict):
            self.told[name], self.whole[name] = "refused", False
            return
        while job["state"] in ("waiting", "running"):
            time.sleep(EVERY)
            job = self._ask(who, "GET", f"/api/v1/jobs/{job['id']}")
        rows = (job.get("result") or {}).get("rows" if name == "export" else "ok", 0)
        wanted = self.exported if name == "export" else self.imported
        if name == "export" and job["state"] == "done":
            rows = rows if self._fetch(job["id"]) == job["result"]["size"] else 0
        self.told[name] = f"{job['state']}, {rows:,} rows in {time.monotonic() - began:.0f} s"
        self.whole[name] = rows >= wanted

    def _fetch(self, job_id: str) -> int:
        """How many bytes the file has."""
        return len(self._send(self.exporter, "GET", f"/api/v1/jobs/{job_id}/file"))

    def _since(self) -> date:
        """A day since which there are as many rows as are wanted, found by halving; the whole list has to hold them."""
        today, days = datetime.now(UTC).date(), (0, 4096)
        while days[1] - days[0] > 1:
            middle = sum(days) // 2
            page = self._ask(self.exporter, "GET", f"{LIST}?limit=1&from={today - timedelta(days=middle)}")
            days = (days[0], middle) if page["total"] >= self.exported else (middle, days[1])
        return today - timedelta(days=days[1])

    def _ask(self, who: Asker, method: str, path: str, body: bytes | None = None, kind: str = "") -> Any:
        return json.loads(self._send(who, method, path, body, kind))

    def _send(self, who: Asker, method: str, path: str, body: bytes | None = None, kind: str = "") -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, {"Authorization": f"Bearer {who.token}",
                                                    **({"Content-Type": kind} if kind else {})})
            return connection.getresponse().read()
        finally:
            connection.close()
