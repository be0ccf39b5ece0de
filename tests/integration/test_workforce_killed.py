"""kill -9 of workforce deliveries and of mongod, and what interrupts them in order.

TEST_WORKFORCE_ROUNDS (1), TEST_WORKFORCE_PEOPLE (60) and TEST_WORKFORCE_ROWS (5 each)
make of the first test what the soak does; a large company waits for the leases of the
dead, as anybody would.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.workforce.clearing import clear_every_killed
from analytics.workforce.run_records import records
from analytics.workforce.staged_rows import Entry, SetAside
from analytics.workforce.staging import StagedRun
from config.settings import Settings
from lrs.services import Services, opened
from tests.soak.workforce_kills import Company, kill_and_check

pytestmark = pytest.mark.long

ROUNDS = int(os.environ.get("TEST_WORKFORCE_ROUNDS", "1"))
PEOPLE = int(os.environ.get("TEST_WORKFORCE_PEOPLE", "60"))
ROWS = int(os.environ.get("TEST_WORKFORCE_ROWS", "5"))
MANY = 20_000  # people whose delivery is at work for long enough to be interrupted


def test_whatever_is_killed_the_former_state_stands_and_the_next_run_works(
    settings: Settings, tmp_path: Path
) -> None:
    own = replace(settings, mongodb_uri=None, hris_dir=tmp_path / "hris")
    with opened(own) as services:
        kill_and_check(services, tmp_path, PEOPLE, ROWS, ROUNDS, print)


@pytest.fixture
def heeded() -> Iterator[None]:
    """Let programs heed SIGINT, though a shell ran the tests in its background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("number", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_an_interrupted_full_import_says_in_a_sentence_that_all_is_as_before(
    services: Services, tmp_path: Path, number: str, status: int, heeded: None
) -> None:
    company = Company(services, tmp_path, MANY, 1, print)
    process = company.start_import(0.1)
    process.send_signal(signal.Signals[number])
    _, told = process.communicate(timeout=120)
    assert process.returncode == status
    said = "Interrupted: nothing of people.csv was applied, all is as before."
    assert told.decode().strip().splitlines()[-1] == said
    assert "Traceback" not in told.decode()
    ledger = services.analytics().ledger
    assert ledger.runs("default", "workforce") == []
    for collection in (ledger.collections.rows, ledger.collections.people):
        assert collection.count_documents({}) == 0
    [record] = records(ledger, "default")
    assert (record.state, record.why) == ("failed", "It was interrupted.")
    # Its lock is free at once.
    with_lock = StagedRun(ledger, "default", "workforce", 1)
    assert with_lock.lock.take()


def test_what_the_killed_left_goes_though_nobody_imports_again(
    services: Services,
) -> None:
    ledger = services.analytics().ledger
    killed = StagedRun(ledger, "acme", "workforce", 0.2)
    assert killed.lock.take()
    killed.announce(file="people.csv", sha256="")
    values = {"employee_id": "E1", "email": "ann@example.com", "org_unit_id": "OPS"}
    killed.stage([Entry(f"E{n}", b"digest", values) for n in range(25_000)])
    killed.set_aside([SetAside(1, "email", "is wrong", {"email": "ann"})])
    alive = StagedRun(ledger, "default", "workforce", 60)
    assert alive.lock.take()
    alive.announce(file="people.csv", sha256="")
    alive.stage([Entry("E1", b"digest", values)])
    alive.take_back([])  # and all of it is stored
    killed.take_back([])
    at = ledger.collections
    assert at.rows.count_documents({}) == 25_001
    time.sleep(0.3)
    assert clear_every_killed(ledger) == 1
    assert [item["_id"]["t"] for item in at.rows.find()] == ["default"]
    assert [item["_id"]["t"] for item in at.people.find()] == ["default"]
    assert at.quarantine.count_documents({}) == 0
    assert [it.why for it in records(ledger, "acme")] == [
        "Its process ended before it did."
    ]
    assert clear_every_killed(ledger) == 0
