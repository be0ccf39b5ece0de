"""A poller, as an integration polls: since = its last header, until = the present one.

It follows X-Experience-API-Consistent-Through alone, whatever the servers go through,
and must see each acknowledged Statement exactly once. Beside it a reader asks for what
was acknowledged: it is there, or the answer is 503.
"""

from __future__ import annotations

import random
import time
from collections import Counter

import httpx

from tests.soak.traffic import Client, Traffic, fault

_THROUGH = "X-Experience-API-Consistent-Through"
_LAGGING = 60.0


class Poller:
    """What has been seen so far; ``faults`` are answers that must not be."""

    def __init__(self, client: Client, *, broken: bool) -> None:
        self.seen: Counter[str] = Counter()
        self.faults: list[str] = []
        self.refused = 0
        self._client = client
        self._since = ""
        self._broken = broken

    def turn(self) -> bool:
        """Ask once; False where there was no answer, so that it is to be repeated."""
        first = self._get("/xapi/statements?limit=1")
        if first is None:
            return False
        until = first.headers[_THROUGH]
        if until <= self._since:
            if until < self._since:
                self.faults.append(f"consistent-through went back to {until}")
            return True
        window = f"&since={self._since}" if self._since else ""
        address = f"/xapi/statements?ascending=true&limit=200&until={until}{window}"
        ids: list[str] = []
        while address:
            page = self._get(address)
            if page is None:
                return False
            ids += [item["id"] for item in page.json()["statements"]]
            address = page.json()["more"]
        self.seen.update(ids)
        self._since = until
        return True

    def _get(self, address: str) -> httpx.Response | None:
        try:
            answer = self._client.send("GET", address)
        except httpx.TransportError as error:
            if not self._broken:
                self.faults.append(repr(error))
            return None
        if wrong := fault(answer):
            self.faults.append(wrong)
        self.refused += answer.status_code == 503
        return answer if answer.status_code == 200 else None

    def finish(self, traffic: Traffic) -> None:
        """Poll until all that was acknowledged is seen; check that it was seen once.

        What was voided before it was seen is not shown.
        """
        wanted = {
            name
            for request in traffic.requests
            if request.acknowledged
            for name in request.ids
        }
        voided = {
            item["object"]["id"]
            for request in traffic.requests
            for item in request.batch
            if item["object"].get("objectType") == "StatementRef"
        }
        end = time.monotonic() + _LAGGING
        while wanted - voided - self.seen.keys() and time.monotonic() < end:
            self.turn()
            time.sleep(0.1)
        missed = wanted - voided - self.seen.keys()
        assert not missed, f"the poller missed {len(missed)} acknowledged Statements"
        assert set(self.seen.values()) <= {1}, "the poller saw a Statement twice"
        assert not self.faults, self.faults[:3]


class Reader:
    """Asks for Statements just acknowledged, one at a time."""

    def __init__(self, client: Client, traffic: Traffic, *, broken: bool) -> None:
        self.faults: list[str] = []
        self._client = client
        self._traffic = traffic
        self._broken = broken
        self._rng = random.Random(0)

    def turn(self) -> None:
        """Ask once; notes what is wrong with the answer."""
        latest = self._rng.choice(self._traffic.by_writer)[-20:]
        known = [request for request in latest if request.acknowledged]
        if not known:
            return
        name = self._rng.choice(known).ids[-1]  # the first of a batch may be voided
        try:
            answer = self._client.send("GET", f"/xapi/statements?statementId={name}")
        except httpx.TransportError as error:
            if not self._broken:
                self.faults.append(f"reading: {error!r}")
            return
        if wrong := fault(answer):
            self.faults.append(f"reading: {wrong}")
