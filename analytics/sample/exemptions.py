"""Exemptions: people for whom a requirement is set aside for a time.

Approved by whoever led them on the first day. Most are running on the last day of
the sample, some are over.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

from analytics.sample.history import Workforce
from analytics.sample.managers import manager_on
from analytics.sample.moments import Window
from analytics.sample.needs import needs, requirements

_REASONS = (
    "Equivalent training elsewhere, certificate seen",
    "Medical restriction",
    "Not exposed in present duties",
    "Works council agreement 12/4",
    "Long project abroad, to be made up",
)


def exemptions(force: Workforce, span: Window, seed: int) -> Iterator[list[str]]:
    """Yield rows of employee_id, requirement, from, to, reason, approver."""
    rng = random.Random(f"{seed}:exemptions")
    found = [
        need
        for need in needs(force, requirements(), span.end)
        if need.stop > span.end and need.start < span.end - timedelta(days=60)
    ]
    count = min(len(found), max(2, len(force.people) // 45))
    for need in rng.sample(found, count):
        earliest = max(need.start, span.start)
        room = (span.end - earliest).days - 40
        start = earliest + timedelta(days=rng.randrange(max(1, room)))
        stop = span.end + timedelta(days=rng.randrange(0, 200))
        if rng.random() < 0.25:
            stop = start + timedelta(days=30)
        stint = need.person.at(start)
        if stint is None:
            continue
        approver = manager_on(force, need.person.id, stint.unit, start)
        yield [
            need.person.id,
            need.requirement.code,
            start.isoformat(),
            stop.isoformat(),
            rng.choice(_REASONS),
            approver,
        ]
