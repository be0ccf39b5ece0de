"""The order in which Statements are sent: late, repeated and voided ones.

In: bundles. Out: lines, each a Statement as JSON, in the order of sending. Most are
sent when they happen. An offline session arrives days later as a whole, so that its
own order holds; a client that heard no answer sends the same Statement again; some
Statements are voided, now and then while a late one is still on its way.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import Any

import orjson

from analytics.sample.moments import DAY, HOUR, utc
from analytics.sample.statements import VERBS, Json, Made, new_id

LATE_SHARE = 0.03
REPEATED_SHARE = 0.01
VOIDED_SHARE = 0.0008


@dataclass(slots=True)
class Sending:
    """The lines in order, and what is among them."""

    lines: list[bytes]
    counts: dict[str, Any]


def shares(total: int) -> tuple[int, int, int]:
    """Return how many of so many lines are first sendings, repeated, and voiding."""
    voiding = max(2, round(total * VOIDED_SHARE))
    repeated = max(2, round(total * REPEATED_SHARE))
    return total - voiding - repeated, repeated, voiding


def send(
    bundles: list[list[Made]],
    administrator: Json,
    total: int,
    limit: int,
    rng: random.Random,
) -> Sending:
    """Return ``total`` lines in the order of sending."""
    _, repeated, voiding = shares(total)
    queue: list[tuple[int, int, bytes]] = []
    late = unknown = 0
    verbs: Counter[str] = Counter()
    voidable: list[tuple[int, Made]] = []
    for bundle in bundles:
        delay = 0
        if rng.random() < LATE_SHARE:
            room = limit - max(one.at for one in bundle)
            delay = rng.randrange(HOUR, max(2 * HOUR, min(room, 40 * DAY)))
            late += len(bundle)
        for one in sorted(bundle, key=lambda one: one.at):
            unknown += not one.actor_known
            verbs[one.verb] += 1
            queue.append((one.at + delay, len(queue), orjson.dumps(one.statement)))
            if one.voidable and one.actor_known and one.at + delay < limit - HOUR:
                voidable.append((one.at + delay, one))
    again = rng.sample(queue, min(repeated, len(queue)))
    overtaken = [(sent, one) for sent, one in voidable if sent - one.at > HOUR]
    early = rng.sample(overtaken, min(voiding // 8, len(overtaken)))
    hit = {one.statement["id"] for _, one in early}
    others = [pair for pair in voidable if pair[1].statement["id"] not in hit]
    usual = rng.sample(others, min(voiding - len(early), len(others)))
    voids = [_void(one.at, sent, one, administrator, rng) for sent, one in early]
    voids += [
        _void(sent, min(limit, sent + 20 * DAY), one, administrator, rng)
        for sent, one in usual
    ]
    first = len(queue) + len(voids)
    for sent, line in voids:
        queue.append((sent, len(queue), line))
    for sent, _, line in again:
        queue.append((sent + rng.randrange(1_000, 2 * DAY), len(queue), line))
    verbs["voided"] += len(voids)
    queue.sort()
    counts = {
        "statements_sent": len(queue),
        "statements_unique": first,
        "repeated": len(again),
        "late": late,
        "voided": len(voids),
        "unknown_actor_statements": unknown,
        "verbs": dict(sorted(verbs.items())),
    }
    return Sending([line for _, _, line in queue], counts)


def _void(
    after: int, before: int, target: Made, administrator: Json, rng: random.Random
) -> tuple[int, bytes]:
    """Return a voiding Statement made, and sent, between two instants."""
    at = rng.randrange(after + 1, max(after + 2, before))
    statement = {
        "id": new_id(rng),
        "actor": administrator,
        "verb": VERBS["voided"],
        "object": {"objectType": "StatementRef", "id": target.statement["id"]},
        "timestamp": utc(at),
    }
    return at, orjson.dumps(statement)
