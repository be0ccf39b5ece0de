"""What must hold after any fault: the acknowledged is there, once, and nothing else.

In: the traffic that there was, and an LRS at rest. Out: figures; AssertionError with
the first thing that does not hold.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.soak.traffic import Client, Traffic

_LAGGING = 60.0  # seconds until consistent-through must have passed all writes


@dataclass(frozen=True)
class Figures:
    """Counts of requests; times in seconds."""

    acknowledged: int
    statements: int
    refused: int
    repeated: int
    given_up: int
    given_up_but_stored: int
    longest: float

    def __str__(self) -> str:
        return (
            f"{self.acknowledged} requests acknowledged, {self.statements} Statements "
            f"stored, {self.refused} times 503, {self.repeated} taken at a repeat, "
            f"{self.given_up} given up ({self.given_up_but_stored} of them stored all "
            f"the same), longest request {self.longest:.1f} s"
        )


def everything(client: Client) -> list[dict[str, Any]]:
    """Return all Statements but voided ones, by stored; 503 is asked again."""
    found: list[dict[str, Any]] = []
    address = "/xapi/statements?ascending=true&limit=500"
    end = time.monotonic() + _LAGGING
    while address:
        answer = client.send("GET", address)
        if answer.status_code == 503 and time.monotonic() < end:
            time.sleep(0.3)
            continue
        assert answer.status_code == 200, answer.text[:300]
        page = answer.json()
        found += page["statements"]
        address = page["more"]
    return found


def judge(client: Client, traffic: Traffic, *, broken: bool = False) -> Figures:
    """Check all that was sent against all that is there.

    ``broken``: connections may have broken (a server was killed); else each request
    must have had a good answer or a 503 that says when to come back.
    """
    for answer in traffic.answers:
        if not (broken and answer.status is None):
            assert not answer.fault, answer.fault
    stored = everything(client)
    times = [item["stored"] for item in stored]
    assert all(one < later for one, later in pairwise(times)), "stored is not unique"
    found = {item["id"]: item for item in stored}
    assert len(found) == len(stored), "a Statement is there twice"
    voided = _voided(client, traffic, found)
    known: Counter[str] = Counter()
    for request in traffic.requests:
        known.update(request.ids)
        there = {name in found or name in voided for name in request.ids}
        assert len(there) == 1, "half a batch"
        if request.acknowledged:
            assert there == {True}, "lost what was acknowledged"
        for sent in request.batch:
            if kept := found.get(sent["id"]):
                assert _as_sent(kept, sent), "not what was sent"
    assert set(known.values()) == {1}
    assert found.keys() <= known.keys(), "there is what nobody sent"
    return _figures(traffic, found.keys() | voided)


def _voided(client: Client, traffic: Traffic, found: dict[str, Any]) -> set[str]:
    """Return the voided ones; each has a Statement that voids it, and is hidden."""
    targets = {
        item["object"]["id"]
        for item in found.values()
        if item["object"].get("objectType") == "StatementRef"
    }
    assert targets.isdisjoint(found), "voided, and shown all the same"
    for target in targets:
        answer = client.send("GET", f"/xapi/statements?voidedStatementId={target}")
        assert answer.status_code == 200, "voided, and not there"
    return targets


def _as_sent(kept: dict[str, Any], sent: dict[str, Any]) -> bool:
    return all(
        kept["object"]["id"] == sent["object"]["id"]
        if name == "object"
        else kept[name] == value | {"objectType": "Agent"}
        if name == "actor" and "objectType" in kept[name]
        else kept[name] == value
        for name, value in sent.items()
    )


def _figures(traffic: Traffic, there: set[str]) -> Figures:
    requests, answers = traffic.requests, traffic.answers
    given_up = [request for request in requests if not request.acknowledged]
    return Figures(
        acknowledged=sum(request.acknowledged for request in requests),
        statements=len(there),
        refused=sum(answer.status == 503 for answer in answers),
        repeated=sum(
            request.acknowledged and len(request.answers) > 1 for request in requests
        ),
        given_up=len(given_up),
        given_up_but_stored=sum(request.ids[0] in there for request in given_up),
        longest=max(answer.ended - answer.began for answer in answers),
    )
