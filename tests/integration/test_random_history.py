"""A generated company, delivered in every way there is, is known as it knew itself.

tests/oracle/living_company.py lives through thousands of events; HR tells of them in
full files, deltas, late corrections, repeats and broken files, in random order, into a
real MongoDB, with an enrichment now and then. Every question for a day and a time of
knowledge is answered as the generator knows it.
"""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from analytics.lake.history import HISTORY
from analytics.lake.pass_tables import PassTables
from analytics.reports.session import moment
from analytics.services import Analytics
from analytics.workforce.engine.importing import import_file
from analytics.workforce.engine.terms import Terms
from analytics.workforce.history.publishing import publish
from analytics.workforce.history.showing import History
from analytics.workforce.ledger import Ledger
from analytics.workforce.model import SEPARATOR
from analytics.workforce.staged_rows import Entry
from analytics.workforce.staging import staged_run
from lrs.errors import BadRequest, NotFound
from lrs.services import Services
from tests.oracle.living_company import DAYS, START, UNITS, Belief, Company, Row
from tests.oracle.manager_circles import circling

pytestmark = pytest.mark.long

DELIVERIES = int(os.environ.get("HISTORY_DELIVERIES", "90"))
EVENTS = 24  # between two deliveries, about
FOREVER = date(9999, 12, 31)


# Whom or what a full delivery lacks was never there: the company knows itself.
FULL = Terms(
    mode="full", missing_person="retract", missing_row="retract", accepted=True
)


def retract(ledger: Ledger, keys: Iterable[tuple[str, date]]) -> int:
    """Say that these rows hold no more, before a delta; return the recorded time."""
    with staged_run(ledger, "default", "workforce", file="full", sha256="") as run:
        run.stage(
            Entry(
                SEPARATOR.join((person, day.isoformat())),
                b"retracted",
                {"employee_id": person, "effective_date": day.isoformat()},
                retracted=True,
            )
            for person, day in keys
        )
        return run.apply({})


@dataclass
class Office:
    """HR: what it has told of the company so far, and when."""

    company: Company
    analytics: Analytics
    folder: Path
    random: Random
    told: dict[tuple[str, date], Row] = field(default_factory=dict)
    beliefs: list[tuple[int, int, Belief]] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    circles: int = 0  # rows taken without their manager

    def deliver(self) -> None:
        """Tell some or all of what has changed."""
        random = self.random
        kind = random.choice(["full", "delta", "delta", "broken", "again", "damaged"])
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        if kind == "damaged":
            with pytest.raises(BadRequest):
                import_file(
                    self.analytics.ledger, "default", "workforce", self._damaged()
                )
            return
        people = sorted(self.company.changed)
        if kind != "full" and not self.company.is_reorganised:
            people = random.sample(people, random.randint(0, len(people)))
        chosen = set(people)
        rows = {
            (name, day): row
            for name in (self.company.people if kind == "full" else people)
            for day, row in self.company.rows(name).items()
        }
        gone = [key for key in self.told if key[0] in chosen and key not in rows]
        if kind == "delta":
            rows = {key: row for key, row in rows.items() if self.told.get(key) != row}
        first = 0
        known = dict(self.told)
        if gone and kind != "full":
            known = {key: row for key, row in known.items() if key not in gone}
            first = retract(self.analytics.ledger, gone)
        wrong = self._wrong(chosen) if kind == "broken" else []
        lines = [*rows.values(), *wrong]
        random.shuffle(lines)
        path = self._write(lines)
        before = self.beliefs[-1][2] if self.beliefs else None
        belief = Belief.after(before, self.company, chosen)
        managerless = set(before.managerless if before else ())
        for _ in range(2 if kind == "again" else 1):
            # Many of a small company may leave at once: no valve is asked here.
            result = import_file(
                self.analytics.ledger,
                "default",
                "workforce",
                path,
                terms=FULL if kind == "full" else Terms(accepted=True),
            )
            first = first or result.recorded
            circles = circling(known, managerless, rows, gone)
            belief.managerless = managerless = managerless - rows.keys() | circles
            known = {k: row for k, row in known.items() if k not in gone} | rows
            assert result.links_set_aside == len(circles)
            assert result.set_aside == len(wrong), result.quarantined
            self.circles += len(circles)
        self.told = known
        self.company.changed -= chosen
        self.company.is_reorganised = False
        self.beliefs.append((first, result.recorded, belief))

    def _wrong(self, chosen: set[str]) -> list[Row]:
        """Rows that are wrong in themselves, or contradict each other."""
        random = self.random
        others = [key for key in self.told if key[0] not in chosen]
        found: list[Row] = []
        for key in random.sample(sorted(others), min(len(others), 4)):
            row = self.told[key]
            found += random.choice(
                [
                    [row | {"hire_date": "31.12.2024"}],
                    [row | {"termination_date": "2001-01-01"}],
                    [row | {"org_unit_id": ""}],
                    [row | {"status": "asleep"}],
                    [row | {"job_code": "A"}, row | {"job_code": "B"}],
                ]
            )
        return found

    def _write(self, lines: list[Row]) -> Path:
        name = self.random.choice(["people.csv", "people.csv.gz"])
        path = self.folder / name
        opened = gzip.open if name.endswith("gz") else open
        columns = list(self.company.rows("H0")[START])
        self.random.shuffle(columns)
        with opened(path, "wt", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(lines)
        return path

    def _damaged(self) -> Path:
        rows = list(self.company.rows("H0").values())
        path = self._write(rows)
        data = path.read_bytes()
        if path.suffix == ".gz":
            path.write_bytes(data[: len(data) - 12])
        else:
            path.write_bytes(data + b'"open quote\n' + "\xe4".encode("latin-1"))
        return path


@pytest.fixture
def office(services: Services, tmp_path: Path) -> Office:
    """A company that has lived, and all of whose deliveries have been imported."""
    random = Random(int(os.environ.get("HISTORY_SEED", "5")))
    company = Company.founded(random)
    analytics = services.analytics()
    office = Office(company, analytics, tmp_path, random)
    lived = 0
    for n in range(DELIVERIES):
        today = START + timedelta(days=DAYS * n // DELIVERIES)
        lived += sum(bool(company.live(today)) for _ in range(EVENTS))
        office.deliver()
        if n % (DELIVERIES // 5) == 3:
            analytics.enrichment.run("default")
            publish(PassTables(analytics.lake, "default"))
    assert lived > 10 * DELIVERIES
    assert len(office.kinds) == 5, office.kinds
    assert office.circles > 10
    return office


def asked(office: Office, count: int) -> list[tuple[date, datetime, Belief]]:
    """Days and times of knowledge, some just before the next delivery."""
    random = office.random
    found = []
    for _ in range(count):
        n = random.randrange(len(office.beliefs))
        _, last, belief = office.beliefs[n]
        if n + 1 < len(office.beliefs) and random.random() < 0.5:
            last = office.beliefs[n + 1][0] - 1
        day = START + timedelta(days=random.randint(-5, DAYS + 60))
        if random.random() < 0.5:
            person = belief.people[random.choice(sorted(belief.people))]
            days = [at for spell in person.spells for at in spell.changes]
            days += [spell.last for spell in person.spells if spell.last]
            if days:
                day = random.choice(days) + timedelta(days=random.choice([-1, 0, 1]))
        found.append((day, moment(last), belief))
    return found


def test_every_question_is_answered_as_the_company_knows_itself(office: Office) -> None:
    history = History(office.analytics.ledger, office.analytics.lake)
    for day, known, belief in asked(office, 60):
        unit = office.random.choice(UNITS)
        try:
            rows = history.roster("default", unit=unit, as_of=day, known_at=known)
        except NotFound:
            assert not belief.members(unit, day)
            continue
        names = ("employee_id", "unit_id", "job_code", "manager_id", "status")
        found = [
            tuple(row[name] for name in (*names, "hire_date", "unit_since"))
            for row in rows.to_pylist()
        ]
        expected = belief.members(unit, day)
        assert sorted(found) == expected, (unit, day, known)

    office.analytics.enrichment.run("default")
    publish(PassTables(office.analytics.lake, "default"))
    tables = published(office)
    renewed = {name: sorted(map(str, rows)) for name, rows in tables.items()}
    publish(PassTables(office.analytics.lake, "default"), anew=True)
    anew = {name: sorted(map(str, rows)) for name, rows in published(office).items()}
    assert renewed == anew
    for day, known, belief in asked(office, 100):
        compare(tables, day, known, belief)
    for day, known, belief in asked(office, 25):
        person = office.random.choice(sorted(belief.people))
        try:
            told = history.person("default", person, known_at=known)
        except NotFound:  # hired and rescinded before anybody told of it
            assert not belief.people[person].spells
            continue
        spells = [
            (row["hire_date"], row["termination_date"])
            for row in told["employment_spells"]
        ]
        assert spells == [(one.hire, one.last) for one in belief.people[person].spells]
        there = history.person("default", person, known_at=known, as_of=day)
        stand = belief.stand(person, day)
        assert [row["org_unit_id"] for row in there["assignments"]] == (
            [stand.unit] if stand else []
        )


def published(office: Office) -> dict[str, list[dict[str, Any]]]:
    """Every row of the history's tables in the lake."""
    found = {}
    for name in HISTORY:
        opened = office.analytics.lake.open("default", name)
        assert opened is not None
        found[name] = opened.to_pyarrow_table().to_pylist()
    return found


def compare(
    tables: dict[str, list[dict[str, Any]]], day: date, known: datetime, belief: Belief
) -> None:
    """Hold the tables against what the company had told by then."""
    then = {
        name: [
            row for row in rows if row["recorded_from"] <= known < row["recorded_to"]
        ]
        for name, rows in tables.items()
    }
    on = {
        name: [row for row in rows if row["valid_from"] <= day < row["valid_to"]]
        for name, rows in then.items()
    }
    people = sorted(belief.people)
    stands = {name: belief.stand(name, day) for name in people}
    assert sorted(
        (row["employee_id"], row["hire_date"], row["termination_date"] or FOREVER)
        for row in then["employment_spells"]
    ) == sorted(
        (name, spell.hire, spell.last or FOREVER)
        for name in people
        for spell in belief.people[name].spells
    )
    assert sorted(
        (row["employee_id"], row["org_unit_id"], row["job_code"], row["status"])
        for row in on["assignments"]
    ) == sorted(
        (name, stand.unit, stand.job, stand.status)
        for name, stand in stands.items()
        if stand
    )
    assert sorted(
        (row["employee_id"], row["manager_id"]) for row in on["manager_edges"]
    ) == sorted(
        (name, stand.manager)
        for name, stand in stands.items()
        if stand and stand.manager
    )
    assert sorted(
        (row["employee_id"], row["valid_from"], row["valid_to"])
        for row in then["leave_spells"]
    ) == sorted(
        (name, begin, end or FOREVER)
        for name in people
        for begin, end in belief.leaves(name)
    )
    assert sorted(
        (row["unit_id"], row["ancestor_id"], row["depth"])
        for row in on["org_unit_closure"]
    ) == sorted(
        (unit, above, depth)
        for unit in UNITS
        for depth, above in enumerate(belief.chain(unit, day))
    )
    circling = {row["employee_id"] for row in on["manager_edges"] if row["in_circle"]}
    for name in people:
        if _in_circle(stands, name):
            assert name in circling


def _in_circle(stands: dict[str, Any], name: str) -> bool:
    seen: list[str] = []
    above: str | None = name
    while above is not None and above not in seen:
        seen.append(above)
        stand = stands.get(above)
        above = stand.manager if stand else None
    return above == name
