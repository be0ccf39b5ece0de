"""A replica set loses its primary under load: the short form of the soak.

Three mongods, ``lrs serve`` with two workers, writers, a poller and a reader. What is
checked stands in tests/soak/judgement.py and polling.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.failover import house, suffer
from tests.soak.replica_set import RECOMMENDED

pytestmark = pytest.mark.long


def test_nothing_acknowledged_is_lost_when_the_primary_is_killed_frozen_or_steps_down(
    tmp_path: Path,
) -> None:
    # A short time limit: so the clients see refusals while there is no primary.
    with house(tmp_path, RECOMMENDED, LRS_DATABASE_SECONDS="3") as found:
        faults = (
            "primary steps down",
            "primary cut off and killed",
            "primary cut off and frozen",
        )
        _, figures = suffer(found, faults, print)
    assert figures.refused > 0
    assert figures.repeated > 0
    assert figures.longest < 20, "a request hung"
