"""kill -9 of workforce deliveries and of mongod, and what interrupts them in order.

TEST_WORKFORCE_ROUNDS (1), TEST_WORKFORCE_PEOPLE (60) and TEST_WORKFORCE_ROWS (5 each)
make of the first test what the soak does: with more than one round it waits for the
leases of the dead, as anybody would.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from config.settings import Settings
from lrs.services import opened
from tests.soak.workforce_kills import kill_and_check

ROUNDS = int(os.environ.get("TEST_WORKFORCE_ROUNDS", "1"))
PEOPLE = int(os.environ.get("TEST_WORKFORCE_PEOPLE", "60"))
ROWS = int(os.environ.get("TEST_WORKFORCE_ROWS", "5"))
LEAST = 200  # people whose delivery is at work for long enough to be interrupted


def test_whatever_is_killed_the_former_state_stands_and_the_next_run_works(
    settings: Settings, tmp_path: Path
) -> None:
    own = replace(settings, mongodb_uri=None, hris_dir=tmp_path / "hris")
    with opened(own) as services:
        kill_and_check(services, tmp_path, PEOPLE, ROWS, ROUNDS, print)
