"""The same question gives the same export, whatever becomes known afterwards.

A company lives on at random: Statements, late ones and repeats, voids, corrections of
HR, leavers, links, merges, undos, exemptions and their corrections; enriched in passes,
rebuilt and compacted. Exports asked for on the way are asked for again at the end.
"""

from __future__ import annotations

import csv
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from zipfile import ZipFile

import pytest

from analytics.audit.comparing import differences
from analytics.audit.export import AuditExport, Request
from analytics.audit.verifying import Verified, verified
from analytics.identity.decisions import Signed
from analytics.lake import memory
from analytics.lake.tables import TABLES
from analytics.reports.session import moment
from analytics.workforce.engine.importing import import_file
from config import settings as configuration
from config.settings import Settings
from lrs.errors import LrsError
from lrs.services import Services, opened
from tests.builders import COMPLETED, PASSED, a_statement, a_void
from tests.conftest import environment_of
from tests.integration.lakes import deliver, enrichment, record

pytestmark = pytest.mark.long

ROUNDS = int(os.environ.get("AUDIT_ROUNDS", "5"))
SEED = int(os.environ.get("AUDIT_SEED", "3"))
START = date(2026, 1, 1)
UNITS = {"ACME": "", "OPS": "ACME", "NORTH": "OPS", "SOUTH": "OPS", "SALES": "ACME"}
COURSES = ["https://courses.example.com/fire", "https://courses.example.com/lift"]
REQUIREMENT = """
code = "{code}"
title = "{code}"
activities = ["{course}"]
satisfied_by = "completed_or_passed"
basis = "entry"
initial_days = 30
validity_days = 90
look_back_days = 400
leave_policy = "shift"
effective_from = 2025-06-01
[audience]
org_unit = ["OPS"]
"""
SO = Signed("clerk@example.com", "They said so.")


@dataclass
class Life:
    """The company, and everything that can happen to it."""

    services: Services
    folder: Path
    random: Random
    sent: list[str] = field(default_factory=list)

    def person(self) -> str:
        return f"P{self.random.randrange(14)}"

    def day(self, first: int = 0, last: int = 170) -> date:
        return START + timedelta(days=self.random.randint(first, last))

    def row(self, who: str, day: date, **said: str) -> dict[str, str]:
        unit = self.random.choice(list(UNITS))
        return {
            "employee_id": who,
            "effective_date": day.isoformat(),
            "given_name": self.random.choice(["Ann", "=Ann", "Ännchen", "a,b"]),
            "email": f"{who.lower()}@example.com",
            "status": self.random.choice(["active", "active", "leave"]),
            "hire_date": "2025-06-01",
            "termination_date": "",
            "org_unit_id": unit,
            "org_parent_id": UNITS[unit],
            "manager_id": self.person(),
            **said,
        }

    def tell(self, rows: list[dict[str, str]]) -> None:
        """Deliver; what contradicts what HR said before is set aside."""
        path = self.folder / "told.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        import_file(self.services.analytics().ledger, "default", "workforce", path)

    def hr(self) -> None:
        rows = {}
        for _ in range(self.random.randint(1, 5)):
            who, day = self.person(), self.day(-200)
            end = {"termination_date": self.day(100).isoformat(), "status": "active"}
            rows[who, day] = self.row(who, day, **self.random.choice([{}, {}, end]))
        self.tell(list(rows.values()))

    def reorganise(self) -> None:
        """A unit moves, as the row of whoever is there says."""
        day = self.day()
        moved = {"org_unit_id": "NORTH", "org_parent_id": "SALES"}
        self.tell([self.row("P0", day, **moved)])

    def statements(self) -> None:
        made = []
        for _ in range(self.random.randint(1, 6)):
            made.append(
                a_statement(
                    actor=f"{self.person().lower()}@example.com",
                    verb=self.random.choice([COMPLETED, PASSED, "http://x.example/v"]),
                    activity=self.random.choice(COURSES),
                    id=str(uuid.UUID(int=self.random.getrandbits(128), version=4)),
                    timestamp=f"{self.day()}T22:30:00Z",
                    result={"score": {"scaled": self.random.random()}},
                )
            )
        record(self.services, "default", made)
        self.sent += [one["id"] for one in made]

    def void(self) -> None:
        if self.sent:
            void = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
            target = self.random.choice(self.sent)
            record(self.services, "default", [a_void(target, id=void)])

    def exempt(self) -> None:
        said = {"employee_id": self.person(), "requirement": "FIRE-01"}
        said |= {"from": self.day(0, 90).isoformat(), "to": self.day(91).isoformat()}
        said |= {"reason": f"{self.random.random()}", "approver": self.person()}
        deliver(self.services, self.folder, [said], kind="exemptions")

    def decide(self) -> None:
        decisions, random = self.services.analytics().decisions, self.random
        actor = f"mailto:{self.person().lower()}@example.com"
        n = random.randint(1, 9)
        act = random.choice(
            [
                lambda: decisions.link("default", actor, self.person(), SO),
                lambda: decisions.merge("default", self.person(), self.person(), SO),
                lambda: decisions.undo("default", n, SO),
            ]
        )
        try:
            act()
        except LrsError:  # what cannot be decided is not
            return

    def enrich(self) -> None:
        analytics = self.services.analytics()
        chunk = self.random.choice([3, 100_000])
        enrichment(self.services, analytics.lake, chunk=chunk, batch=3).run("default")

    def rebuild(self) -> None:
        self.services.analytics().enrichment.rebuild("default")

    def compact(self) -> None:
        lake = self.services.analytics().lake
        for name in TABLES:
            table = lake.open("default", name)
            if table is not None:
                table.optimize.compact()

    def happen(self) -> None:
        kinds = [self.hr, self.hr, self.statements, self.statements, self.void]
        kinds += [self.exempt, self.decide, self.decide, self.reorganise, self.enrich]
        self.random.choice(kinds)()


@pytest.fixture
def life(settings: Settings, tmp_path: Path) -> Iterator[Life]:
    folder = tmp_path / "requirements"
    folder.mkdir()
    for code, course in zip(("FIRE-01", "LIFT-01"), COURSES, strict=True):
        text = REQUIREMENT.format(code=code, course=course)
        (folder / f"{code}.toml").write_text(text)
    environment = environment_of(settings) | {"LRS_REQUIREMENTS_DIR": str(folder)}
    with opened(configuration.load(environment)) as services:
        made = Life(services, tmp_path, Random(SEED))
        first = [made.row(f"P{n}", START - timedelta(days=200)) for n in range(14)]
        made.tell(first)
        made.statements()
        made.enrich()
        yield made


def export(life: Life, request: Request, name: str) -> Verified:
    parts, services = life.services.analytics(), life.services
    path = life.folder / name
    AuditExport(
        parts.reports,
        parts.ledger,
        parts.decisions,
        services.originals,
        services.attachments,
    ).write(request, path)
    return verified(path)


def asked(life: Life) -> Request | None:
    """Ask for a day, as known now or at some moment before."""
    through = life.services.analytics().reports.enriched_through("default")
    known = moment(through)
    if life.random.random() < 0.3:
        known -= timedelta(microseconds=life.random.randrange(2_000_000))
    unit = life.random.choice([None, "OPS", "OPS", "NORTH", "ACME"])
    return Request("default", unit, life.day(60), known, months=2)


def test_the_same_question_gives_the_same_digest_at_any_later_time(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = memory._BEGIN

    def use(threads: int) -> None:
        own = begin.replace("RESET threads", f"SET threads = {threads}")
        assert own != begin
        monkeypatch.setattr(memory, "_BEGIN", own)
        with memory.in_memory("50MB") as connection:
            asked = "SELECT current_setting('threads')"
            assert connection.execute(asked).fetchall() == [(threads,)]

    use(2)
    first: list[tuple[Request, Verified, bytes]] = []
    for n in range(ROUNDS):
        for _ in range(8):
            life.happen()
        life.enrich()
        for at in range(2):
            request = asked(life)
            try:
                found = export(life, request, f"{n}-{at}.zip")
            except LrsError:  # a unit that was not known by then
                continue
            first.append((request, found, (life.folder / f"{n}-{at}.zip").read_bytes()))
        life.random.choice([life.rebuild, life.compact, life.enrich])()
    assert len(first) > ROUNDS
    assert sum(one.files["reports/evidence.csv"].rows or 0 for _, one, _ in first) > 20
    trends = [one.files["reports/compliance_trend.csv"].rows for _, one, _ in first]
    assert trends.count(2) > ROUNDS
    for at, (request, before, octets) in enumerate(first):
        use(1 + at % 4)
        path = life.folder / f"again-{at}.zip"
        again = export(life, request, path.name)
        assert differences(before, again) == [], request
        assert again.digest == before.digest
        assert path.read_bytes() == octets


def test_what_became_known_later_changes_what_is_known_then(life: Life) -> None:
    """The test above could hold for exports that say nothing."""
    through = moment(life.services.analytics().reports.enriched_through("default"))
    before = export(
        life, Request("default", None, START, through, months=1), "before.zip"
    )
    record(
        life.services,
        "default",
        [
            a_statement(
                actor="p1@example.com",
                verb=COMPLETED,
                activity=COURSES[0],
                timestamp="2025-12-31T12:00:00Z",
            )
        ],
    )
    deliver(
        life.services,
        life.folder,
        [life.row("P1", START, org_unit_id="OPS", org_parent_id="ACME")],
    )
    life.enrich()
    after = export(life, Request("default", None, START, months=1), "after.zip")
    told = differences(before, after)
    for name in ("reports/evidence", "statements/statements", "hr/workforce_rows"):
        assert any(line.startswith(name) for line in told), told
    with ZipFile(life.folder / "after.zip") as found:
        assert found.namelist()[-1] == "MANIFEST.json"
