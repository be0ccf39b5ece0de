"""kill -9 of a workforce delivery, or of mongod under it, at any moment.

A company stands in the ledger of an embedded MongoDB; a full delivery that changes
every row of it is killed on its way in. In: how many people, of how many rows each.
What must hold: the former state to the row, or the delivery to the row where it was
applied; the next run works; nothing staged, copied or spooled is left.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import orjson
from pymongo.errors import PyMongoError

from analytics.workforce.engine.importing import import_file
from analytics.workforce.engine.terms import Terms
from analytics.workforce.history.showing import History
from analytics.workforce.ledger import all_of
from analytics.workforce.mapping import load_mapping
from config.settings import Settings
from lrs.services import Services
from lrs.store.embedded_folder import Folder
from tests.conftest import ROOT, environment_of, run_lrs
from tests.landings import deliver

HEADER = (
    "employee_id,effective_date,given_name,email,hire_date,job_title,org_unit_id,"
    "org_parent_id,manager_id,location_time_zone"
)
MAPPING = "\n".join(
    [
        'name = "acme"',
        "[fields]",
        *(f'{name} = "{name}"' for name in HEADER.split(",")),
        "[source]",
        'type = "folder"',
        'path = "landing"',
    ]
)
DAYS = ("2021-01-01", "2022-02-01", "2023-03-01", "2024-04-01", "2025-05-01")
_PATIENCE = 1_200.0  # seconds
_BRIEF = 10_000  # rows; a larger company waits for the leases of the dead
Say = Callable[[str], None]


@dataclass(frozen=True)
class State:
    """What is known: rows, their digest, and that of what ``show`` tells."""

    rows: int
    digest: str
    shown: str


class Company:
    """So many people with so many rows each, and how their deliveries are killed."""

    def __init__(
        self, services: Services, folder: Path, people: int, rows: int, say: Say
    ) -> None:
        self.services = services
        self.folder = folder
        self.say = say
        self._people, self._rows = people, rows
        self._titles = 0
        self._delivered = 0
        self._rng = random.Random(people)
        # In turns, so that a few rounds have seen the late ones, which are the rare.
        self._shares = itertools.cycle([0.9, 1.0, 0.3, 0.0, 0.6])
        hris = folder / "hris"
        (hris / "landing").mkdir(parents=True)
        (hris / "acme.toml").write_text(MAPPING)
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self._hris = hris

    @property
    def size(self) -> int:
        """Return how many rows a delivery has."""
        return self._people * self._rows

    def begin(self) -> None:
        """Import the company that all deliveries then change."""
        file = self._written()
        terms = Terms(mode="full")
        ledger = self.services.analytics().ledger
        mapping = load_mapping(self._hris / "acme.toml")
        import_file(ledger, "default", "workforce", file, mapping, terms=terms)

    def state(self) -> State:
        """Return what is known now."""
        digest, rows = hashlib.sha256(), 0
        for batch in self.services.analytics().ledger.rows("default", "workforce"):
            rows += len(batch)
            digest.update(orjson.dumps(batch))
        parts = self.services.analytics()
        roster = History(parts.ledger, parts.lake).roster(
            "default", unit="U1", as_of=date(2024, 6, 1)
        )
        shown = hashlib.sha256(orjson.dumps(roster.to_pylist())).hexdigest()
        return State(rows, digest.hexdigest(), shown)

    # -- the ways to be killed ----------------------------------------------------

    def kill_import(self) -> None:
        """Kill ``lrs workforce import --full``."""
        file = self._written()
        mapping = ("--mapping", str(self._hris / "acme.toml"))
        self._kill("import", str(file), "--full", *mapping)

    def start_import(self, share: float) -> subprocess.Popen[bytes]:
        """Start ``lrs workforce import --full``; return when so much is staged."""
        process = self._start("import", str(self._written()), "--full")
        self._wait(process, share)
        return process

    def kill_sync(self) -> None:
        """Kill ``lrs workforce sync`` of a landing folder."""
        self._land()
        self._kill("sync", "acme")

    def kill_mongod(self) -> None:
        """Kill mongod, which its keeper starts again; the import may live or fail."""
        self._land()
        process = self._start("sync", "acme")
        self._wait(process, self._rng.choice([0.0, 0.4, 0.8]))
        folder = Folder(self._settings.data_dir / "mongodb")
        server = folder.server()
        assert server
        os.kill(server.mongod, signal.SIGKILL)
        _, told = process.communicate(timeout=_PATIENCE)
        end = time.monotonic() + 120
        while folder.server() in (None, server):
            assert time.monotonic() < end
            time.sleep(0.05)
        self.say(f"mongod killed; the sync ended with {process.returncode}")
        assert process.returncode in (0, 1), told
        assert b"Traceback" not in told, told

    def end(self, *, waiting: bool) -> None:
        """Sync once more, and see that all of it is there and nothing beside it.

        ``waiting``: for the leases of the dead, as anybody would.
        """
        if not waiting:
            database = self.services.database
            database["leases"].delete_many({})
            database["ledger_locks"].update_many({}, {"$set": {"expires": None}})
        self._land()
        began = time.monotonic()
        run_lrs(self._settings, "workforce", "sync", "acme", seconds=_PATIENCE)
        self.say(f"the next sync took {time.monotonic() - began:.1f} s")
        ledger = self.services.analytics().ledger
        assert self._holds_last(), "not what was delivered"
        runs = {run.run for run in ledger.runs("default", "workforce")}
        at = ledger.collections
        for collection, name in (
            (at.rows, "$_id.run"),
            (at.quarantine, "$_id.run"),
            (at.people, "$run"),
        ):
            found = collection.aggregate([{"$group": {"_id": name}}])
            assert {item["_id"] for item in found} <= runs, "left by the dead"
        assert list(self.temporary.iterdir()) == []
        assert [it.name for it in (self._hris / "landing").iterdir()] == ["taken"]

    def check(self, before: State) -> State:
        """See that it is the former state, or the delivery was applied; return it."""
        assert list(self.temporary.iterdir()) == [], "a copy was left"
        now = self.state()
        if now == before:
            return now
        assert now.rows == before.rows + self.size, "half a delivery"
        assert self._holds_last(), "not what was delivered"
        self.say("it had been applied")
        return now

    # -- how ------------------------------------------------------------------------

    @property
    def _settings(self) -> Settings:
        return self.services.settings

    def _holds_last(self) -> bool:
        """Tell whether every row is that of the last delivery."""
        title, number = f"Title {self._titles}", 0
        ledger = self.services.analytics().ledger
        # Applied, but killed before it was moved, it comes again and changes nothing.
        told = [run for run in ledger.runs("default", "workforce") if run.rows]
        for batch in ledger.rows("default", "workforce", told[-1].recorded - 1):
            number += sum(row["job_title"] == title for row in batch)
        return number == self.size

    def _written(self) -> Path:
        self._titles += 1
        path = self.folder / "people.csv"
        with path.open("w") as out:
            out.write(f"{HEADER}\n")
            for n in range(self._people):
                for k in range(self._rows):
                    unit = (n + k) % 100
                    parent = f"U{unit // 8}" if unit >= 8 else ""
                    boss = f"E{n // 9}" if n else ""
                    out.write(
                        f"E{n},{DAYS[k]},Given{n},e{n}@example.com,{DAYS[0]},"
                        f"Title {self._titles},U{unit},{parent},{boss},Europe/Berlin\n"
                    )
        return path

    def _land(self) -> None:
        """Put a full delivery into the landing folder, where none waits."""
        landing = self._hris / "landing"
        if list(landing.glob("*.manifest.json")):
            return
        self._delivered += 1
        content = self._written().read_bytes()
        files = {f"people-{self._delivered}.csv": content}
        deliver(landing, self._delivered, mode="full", files=files, records=self.size)

    def _kill(self, *command: str) -> None:
        process = self._start(*command)
        share = next(self._shares)
        self._wait(process, share)
        # From one moment to the next: up to a hundredth of the whole.
        time.sleep(self._rng.uniform(0, 0.05 + self.size / 2_000_000))
        at_work = process.poll() is None
        process.kill()
        process.communicate(timeout=60)
        when = f"at {share:.0%}" if at_work else "too late"
        self.say(f"{command[0]} killed {when}")

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        environment = environment_of(self._settings)
        return subprocess.Popen(
            [sys.executable, "-m", "lrs", "workforce", *command],
            env=environment | {"TMPDIR": str(self.temporary)},
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def _wait(self, process: subprocess.Popen[bytes], share: float) -> None:
        """Wait until so much of a delivery is staged."""
        at = self.services.analytics().ledger.collections
        end = time.monotonic() + _PATIENCE
        known = at.runs.count_documents({})
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
            try:
                if at.runs.count_documents({}) == known:
                    continue
                run = at.runs.find_one({"state": "staging"})
                if run is None:
                    return  # it has just ended
                whole = {"_id": all_of("default", run["_id"]["run"])}
                last = at.rows.find_one(whole, {"_id": 1}, sort=[("_id", -1)])
            except PyMongoError:
                continue
            if (last["_id"]["n"] + 1 if last else 0) >= share * self.size:
                return


def kill_and_check(
    services: Services, folder: Path, people: int, rows: int, rounds: int, say: Say
) -> None:
    """Go through so many rounds of every kill; ``rows`` are at most five."""
    company = Company(services, folder, people, rows, say)
    company.begin()
    for turn in range(rounds):
        state = company.state()
        for kill in (company.kill_import, company.kill_sync, company.kill_mongod):
            kill()
            state = company.check(state)
        company.end(waiting=company.size > _BRIEF)
        say(f"round {turn + 1} of {rounds}")
