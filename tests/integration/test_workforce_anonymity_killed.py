"""Making somebody anonymous, killed at every step, and from a shell."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pymongo.collection import Collection

from analytics.identity.decisions import Signed
from config.settings import Settings
from lrs.services import opened
from tests.builders import ACTIVITY
from tests.conftest import ROOT, environment_of, run_lrs
from tests.integration.anonymous_company import (
    REQUIREMENT,
    Company,
    ann,
    others,
    row,
    settings_of,
    traces,
)
from tests.integration.lakes import content, rebuilt

pytestmark = pytest.mark.long

COMMAND = ("workforce", "anonymize", "W4711", "--by", "dpo", "--reason", "Retention")
# Dies by kill -9 in front of its nth commit to the lake.
DYING = """
import os, sys
from analytics.lake.lake import Lake
left, whole = int(sys.argv[1]), Lake.overwrite
def overwrite(self, *given, **named):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), 9)
    whole(self, *given, **named)
Lake.overwrite = overwrite
sys.argv = ["lrs", *sys.argv[2:]]
import lrs.__main__
"""
OURS = (
    *("ledger_rows", "ledger_people", "ledger_runs", "quarantine", "anonymity_keys"),
    *("anonymous_people", "identity_decisions", "identity_locks"),
)
WRITES = ("insert_many", "update_one", "update_many", "bulk_write", "delete_many")
SO = Signed("dpo@example.com", "Retention is over")


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def company(settings: Settings, tmp_path: Path) -> Iterator[Company]:
    folder = tmp_path / "company"
    folder.mkdir()
    with opened(settings_of(settings, folder)) as services:
        company = Company(services, folder)
        left = {"status": "terminated", "termination_date": "2025-06-30"}
        mail = {"email": "annw@old.example"}
        broken = row("W4711", "2024-13-01", email="annw@old.example")
        company.deliver("a.csv", "workforce", [ann("2024-02-01", **mail), *others()])
        company.deliver("w4711.csv", "workforce", [ann("2025-07-01", **mail, **left)])
        agency = row("X2048", "2024-01-01", termination_date="2024-08-31")
        company.deliver("c.csv", "workforce", [agency | mail, broken])
        decisions = services.analytics().decisions
        decisions.link("default", "mailto:ann@private.example", "W4711", SO)
        decisions.merge("default", "X2048", "W4711", SO)
        company.send({"mbox": "mailto:annw@old.example"})
        yield company


def test_killed_before_any_write_the_same_command_completes_it(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    services, left = company.services, [0]
    for name in WRITES:
        monkeypatch.setattr(Collection, name, dying(getattr(Collection, name), left))
    stands = {name: list(services.database[name].find()) for name in OURS}
    kills, expected = 0, list[int]()
    for step in range(40):
        for name, documents in stands.items():
            left[0] = -1
            services.database[name].delete_many({})
            if documents:
                services.database[name].insert_many(documents)
        parts = services.analytics()
        left[0] = step
        with suppress(Killed):
            parts.anonymizing.remove("default", ["W4711"], SO, employed=False)
        alive = left[0] >= 0
        left[0] = -1
        kills += not alive
        parts = services.analytics()  # what the killed one had in mind is gone
        removed = parts.anonymizing.remove("default", ["W4711"], SO, employed=False)
        parts.decisions.veils.finish("default", removed.people)
        assert traces(services) == [], f"killed before write {step}"
        record = parts.decisions.veils.record("default")
        assert all(one.ended for one in record)
        people = services.database["ledger_rows"].distinct("values.employee_id")
        assert len(people) == len(record) + 2
        batches = parts.ledger.rows("default", "workforce")
        rows = [one for batch in batches for one in batch]
        veiled = sorted(len(one.get("veiled", ())) for one in rows)
        expected = expected or veiled
        assert veiled == expected
        if alive:
            break
    assert kills > 8


def dying(write: Callable[..., Any], left: list[int]) -> Callable[..., Any]:
    """Return the write, in front of which one dies when it is the last one's turn."""

    def act(self: Collection[Any], *given: Any, **named: Any) -> Any:
        if self.name in OURS:
            if left[0] == 0:
                left[0] = -1
                raise Killed
            left[0] -= left[0] > 0
        return write(self, *given, **named)

    return act


def test_killed_while_the_lake_is_made_anew_the_same_command_completes_it(
    company: Company, tmp_path: Path
) -> None:
    company.enrich()
    settings = company.services.settings
    command = [sys.executable, "-c", DYING, "4", *COMMAND]
    killed = subprocess.run(
        command,
        env=environment_of(settings),
        capture_output=True,
        timeout=240,
        cwd=ROOT,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    company.send({"mbox": "mailto:annw@old.example"})
    company.enrich()  # the worker goes on
    assert traces(company.services)
    done = run_lrs(settings, *COMMAND, check=False)
    assert done.returncode == 0, done.stderr
    assert "broken off" in done.stderr
    assert traces(company.services) == []
    assert content(company.services.analytics().lake) == rebuilt(
        company.services, tmp_path / "anew"
    )


def test_from_a_shell(company: Company, tmp_path: Path) -> None:
    company.enrich()
    settings = company.services.settings

    def lrs(*command: str) -> subprocess.CompletedProcess[str]:
        return run_lrs(settings, "workforce", "anonymize", *command, check=False)

    so = ("--by", "dpo@example.com", "--reason", "Retention is over")
    unknown = lrs("E99", *so)
    assert unknown.returncode == 1
    assert "There is no employee E99" in unknown.stderr
    employed = lrs("E18", *so)
    assert employed.returncode == 1
    assert "--employed" in employed.stderr
    assert lrs("W4711").returncode == 2
    kept = REQUIREMENT.replace("FIRE-01", "KEPT-01").replace(
        "https://courses.example.com/fire-safety", ACTIVITY
    )
    (settings.requirements_dir / "kept.toml").write_text(
        f'retention_years = "forever"\nretention_basis = "The law"\n{kept}'
    )
    held = lrs("W4711", *so)
    assert held.returncode == 1
    assert "W4711: KEPT-01 is kept for ever (The law)" in held.stderr
    assert "--force" in held.stderr
    listed = tmp_path / "list"
    listed.write_text("W4711\nE18\n")
    would = lrs("--file", str(listed), "--employed", "--dry-run")
    assert would.returncode == 0, would.stderr
    assert "W4711: KEPT-01 is kept for ever" in would.stderr
    assert (
        "3 employee numbers would be made anonymous (1 of them by merges)."
        in would.stderr
    )
    assert json.loads(lrs("--list", "--format", "json").stdout) == []
    done = lrs("W4711", *so, "--force")
    assert done.returncode == 0, done.stderr
    assert "Warning: the retention of KEPT-01 is not over." in done.stderr
    assert "Not touched" in done.stderr
    assert "W4711" not in done.stderr
    for one in json.loads(lrs("--list", "--format", "json").stdout):
        assert (one["by"], one["reason"]) == so[1::2]
        assert one["ended"]
    again = lrs("W4711", *so)
    assert again.returncode == 0
    assert "already" in again.stderr
    assert "Nothing was changed." in again.stderr
    assert traces(company.services) == []
