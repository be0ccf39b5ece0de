"""The soaks: each a name, what it shows, and how it is run for so many rounds.

A soak is a function of this folder, or a file of tests with its
environment set: what the test run does once and briefly it then does for long.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT
from tests.soak.failover import FAULTS, house, suffer
from tests.soak.replica_set import OUT_OF_THE_BOX, RECOMMENDED

ORACLE = ROOT / "tests/unit/reports/test_compliance_against_the_oracle.py"
Say = Callable[[str], None]
Run = Callable[[int, Path, Say], None]
_RESUME = 15.0  # seconds after which writes go on by themselves
# What MongoDB does on its default terms alone: it waits for who is frozen.
_LONG_BY_DEFAULT = ("primary frozen", "primary cut off and frozen")


@dataclass(frozen=True)
class Soak:
    """``run`` raises AssertionError where something does not hold."""

    shows: str
    rounds: int
    run: Run


def failover(rounds: int, folder: Path, say: Say) -> None:
    """Let replica sets of both kinds of terms go through every fault."""
    for name, terms in (("default", OUT_OF_THE_BOX), ("recommended", RECOMMENDED)):
        say(f"a replica set on its {name} terms")
        with house(folder / name, terms) as found:
            standstills, _ = suffer(found, [*FAULTS] * rounds, say)
        bound = [
            seconds
            for fault, seconds in standstills.items()
            if terms is RECOMMENDED or fault not in _LONG_BY_DEFAULT
        ]
        assert max(bound) <= _RESUME, standstills


def of_files(*files: str, **environment: str) -> Run:
    """Run tests once; ``{rounds}`` in the environment is how many are asked for."""

    def run(rounds: int, folder: Path, say: Say) -> None:
        given = {
            name: value.format(rounds=rounds, tens=10 * rounds)
            for name, value in environment.items()
        }
        _pytest(files, given, folder)

    return run


def again(*files: str, **environment: str) -> Run:
    """Run tests as often as rounds are asked for."""

    def run(rounds: int, folder: Path, say: Say) -> None:
        for turn in range(rounds):
            say(f"round {turn + 1} of {rounds}")
            _pytest(files, environment, folder)

    return run


def _pytest(files: tuple[str, ...], given: Mapping[str, str], folder: Path) -> None:
    # A whole path stays what it is.
    paths = [str(ROOT / "tests" / "integration" / file) for file in files]
    options = ["-q", "-s", "--timeout", "0", "--basetemp", str(folder / "pytest")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *paths],
        env=os.environ | given,
        cwd=ROOT,
        stdout=sys.stderr,
        check=False,
    )
    assert done.returncode == 0, f"{', '.join(files)} failed"


SOAKS: dict[str, Soak] = {
    "failover": Soak(
        "three mongods under load: the primary or another is killed, frozen, steps "
        "down; writes go on within 15 s, nothing acknowledged is lost",
        3,
        failover,
    ),
    "kills": Soak(
        "kill -9 of web workers, arbiter, worker, imports, enrichment and mongod",
        50,
        of_files("test_kills.py", TEST_KILL_ROUNDS="{rounds}"),
    ),
    "workforce": Soak(
        "kill -9 of imports and syncs of 1,000,000 HR rows, and of mongod under them: "
        "the former state stands, the next run works, nothing stays behind",
        3,
        of_files(
            "test_workforce_killed.py",
            TEST_WORKFORCE_ROUNDS="{rounds}",
            TEST_WORKFORCE_PEOPLE="200000",
            TEST_WORKFORCE_ROWS="5",
        ),
    ),
    "drain": Soak(
        "SIGTERM and SIGHUP under load: no request fails",
        20,
        of_files("test_drain.py", TEST_DRAIN_ROUNDS="{rounds}"),
    ),
    "polling": Soak(
        "pollers and 8 writers with stopped and killed processes, 10 s a round",
        30,
        of_files(
            "test_polling.py", TEST_POLLING_SECONDS="{tens}", TEST_POLLING_LEASE="10"
        ),
    ),
    "database-faults": Soak(
        "MongoDB absent, wrong, slow, on a full disk, with its clock set back",
        10,
        of_files(
            "test_database_faults.py",
            "test_database_clock.py",
            "test_database_disk_full.py",
            TEST_FAULT_ROUNDS="{rounds}",
        ),
    ),
    "enrichment": Soak(
        "random Statements, voids, links, merges, undos, HR rows, reorganisations and "
        "rules in any order, passes killed before any commit: as if made anew",
        100,
        of_files(
            "test_random_enrichment.py",
            ENRICHMENT_RUNS="{rounds}",
            ENRICHMENT_SEED="1000",
            ENRICHMENT_ACTS="60",
        ),
    ),
    "oracle": Soak(
        "random histories: the SQL of a status says what the plain model says",
        5000,
        of_files(str(ORACLE), ORACLE_CASES="{rounds}"),
    ),
    "slow-clients": Soak(
        "2,000 idle and slow clients keep nobody out",
        3,
        again("test_slow_clients.py", TEST_SLOW_CLIENTS="2000"),
    ),
}
