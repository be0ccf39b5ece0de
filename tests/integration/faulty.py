"""A live server whose database fails, its client, and what must be true afterwards.

The client checks each answer itself: 200, or 503 as a problem with Retry-After, within
a time that is far beyond the limits but no hanging.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from config.settings import Settings
from lrs.access import Scope
from lrs.services import opened
from tests.conftest import KEY, SECRET, free_port, running, wait_until_ready
from tests.integration.sending import Batch, Sent

LONG = 60.0  # seconds: an answer that takes longer hangs
PATIENCE = 120.0  # seconds for what comes by itself


class Served:
    """A server under ``lrs serve``."""

    def __init__(self, url: str, log: Path, pid: int) -> None:
        self.url, self.log, self.pid = url, log, pid
        limits = httpx.Limits(max_connections=100)
        self._http = httpx.Client(
            auth=(KEY, SECRET),
            headers={"X-Experience-API-Version": "1.0.3"},
            timeout=LONG,
            limits=limits,
        )
        self.refused: Counter[str] = Counter()  # the sentences of the 503s
        self.broken = 0  # requests without an answer

    def post(self, batch: Batch) -> bool:
        """Send Statements; tell whether they were acknowledged."""
        try:
            answer = self._http.post(f"{self.url}/xapi/statements", json=batch)
        except (httpx.NetworkError, httpx.RemoteProtocolError):
            self.broken += 1  # only where a test kills a worker
            return False
        return self.taken(answer)

    def get(self) -> bool:
        """Ask for a page; tell whether it came."""
        return self.taken(
            self._http.get(f"{self.url}/xapi/statements", params={"limit": 5})
        )

    def taken(self, answer: httpx.Response) -> bool:
        """Check an answer of a server whose database may fail."""
        if answer.status_code == 200:
            return True
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.headers["Content-Type"] == "application/problem+json"
        self.refused[answer.json()["detail"]] += 1
        return False

    def ready(self) -> tuple[int, dict[str, Any]]:
        answer = self._http.get(f"{self.url}/health/ready")
        return answer.status_code, answer.json()

    def wait_until(self, status: int) -> dict[str, Any]:
        """Wait until /health/ready has this status; return what it says."""
        end = time.monotonic() + PATIENCE
        while (found := self.ready())[0] != status:
            assert time.monotonic() < end, found
            time.sleep(0.1)
        return found[1]

    def insist(self, batch: Batch) -> None:
        """Send it until it is taken."""
        end = time.monotonic() + PATIENCE
        while not self.post(batch):
            assert time.monotonic() < end, self.refused
            time.sleep(0.2)

    def insist_on_reading(self) -> None:
        """Read until that is answered; every refusal is one of a server in need."""
        end = time.monotonic() + PATIENCE
        while not self.taken(self._http.get(f"{self.url}/xapi/statements?limit=1")):
            assert time.monotonic() < end, self.refused
            time.sleep(0.2)

    def lives(self) -> None:
        assert self._http.get(f"{self.url}/health/live").status_code == 200

    def everything(self) -> list[dict[str, Any]]:
        """Return the Statements of all pages, following ``more``."""
        found: list[dict[str, Any]] = []
        path = "/xapi/statements?ascending=true"
        while path:
            answer = self._http.get(self.url + path)
            assert answer.status_code == 200, answer.text
            found += answer.json()["statements"]
            path = answer.json()["more"]
        return found

    def stored(self) -> dict[str, str]:
        """Return when each was stored, by its id."""
        return {item["id"]: item["stored"] for item in self.everything()}

    def close(self) -> None:
        self._http.close()


def with_credential(settings: Settings) -> None:
    """Add the credential of the tests to the database."""
    with opened(settings) as services:
        services.credentials.add("default", [Scope.ALL], key=KEY, secret=SECRET)


@contextmanager
def served(settings: Settings, folder: Path, *, ready: bool = True) -> Iterator[Served]:
    """Run ``lrs serve`` with these settings; wait until it is ready, or not."""
    bound = replace(settings, bind=f"127.0.0.1:{free_port()}")
    log = folder / "serve.log"
    with running(bound, "serve", log=log) as process:
        found = Served(f"http://{bound.bind}", log, process.pid)
        try:
            if ready:
                wait_until_ready(found.url, log, PATIENCE)
            else:
                wait_until_live(found)
            yield found
        finally:
            found.close()


def wait_until_live(server: Served) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            server.lives()
        except httpx.TransportError:
            assert time.monotonic() < end, server.log.read_text()[-2000:]
            time.sleep(0.1)
        else:
            return


def check(server: Served, sent: Sent, others: Set[str] = frozenset()) -> None:
    """Check the promise: acknowledged is there once, a batch is whole or absent."""
    found = Counter(item["id"] for item in server.everything())
    assert set(found.values()) <= {1}
    gone = voided(sent)
    for batch in sent.acknowledged:
        assert all(found[item["id"]] or item["id"] in gone for item in batch)
    for batch in sent.unanswered:
        seen = {found[item["id"]] for item in batch if item["id"] not in gone}
        assert len(seen) == 1, "half a batch"
    known = {item["id"] for batch in sent.batches for item in batch}
    assert set(found) <= known | others


def voided(sent: Sent) -> set[str]:
    """Return what was sent to be voided: it may be listed no more."""
    return {
        item["object"]["id"]
        for batch in sent.batches
        for item in batch
        if item["object"].get("objectType") == "StatementRef"
    }


def lines(log: Path, event: str) -> list[dict[str, Any]]:
    """Return the lines of a log with this event."""
    found = []
    for line in log.read_text().splitlines():
        if line.startswith("{"):
            item = json.loads(line)
            if item.get("event") == event:
                found.append(item)
    return found
