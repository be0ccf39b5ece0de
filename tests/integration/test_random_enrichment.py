"""Whatever comes, in whatever order, with kills in between: as if made anew.

Statements (late, early, repeated), voids before and after their targets, links, merges,
undos, HR rows, corrections, reorganisations and changes of the rules come in random
order; passes and rebuilds run now and then, and are killed before one of their commits.
Whoever asks in between sees what was published last, whole; in the end every row is
that of a lake made from nothing, and so every report for every known_at.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from analytics.enrichment.enrichment import PassResult
from analytics.identity.decisions import Signed
from analytics.lake.lake import Lake
from analytics.lake.published import published
from analytics.lake.tables import TABLES
from analytics.lake.upkeep import Upkeep
from analytics.reports.session import moment
from config.settings import Settings
from lrs.errors import LrsError
from lrs.services import Services, opened
from tests.builders import COMPLETED, a_statement, a_void
from tests.integration.anonymous_company import settings_of
from tests.integration.lakes import (
    DyingLake,
    Killed,
    Rows,
    content,
    deliver,
    enrichment,
    rebuilt,
    record,
)

SEED = int(os.environ.get("ENRICHMENT_SEED", "0"))
RUNS = int(os.environ.get("ENRICHMENT_RUNS", "1"))
ACTS = int(os.environ.get("ENRICHMENT_ACTS", "28"))
START = datetime(2025, 1, 1, tzinfo=UTC)
DAY = date(2026, 11, 1)
COURSE = "https://courses.example.com/fire-safety"
SSO = "https://sso.example.com"
RULES = (
    "",
    'plus_tags = "strip"\n',
    f'[[account]]\nhome_page = "{SSO}"\nscheme = "employee_id"\nlower = true\n',
)
WHO = ("ann", "bob", "cid", "dee")
UNITS = ("ALL", "OPS", "LAB")
WHY = Signed("tests", "It is so.")


@dataclass
class Trial:
    """One tenant's truth and its lake."""

    services: Services
    lake: DyingLake
    folder: Path
    random: Random
    sent: list[dict[str, Any]] = field(default_factory=list)
    known: list[datetime] = field(default_factory=list)
    killed: int = 0

    def act(self) -> None:
        """Do one thing; what is refused is nothing."""
        acts = [self.send] * 3 + [self.void, self.link, self.merge, self.undo]
        acts += [self.tell] * 3 + [self.rule] + [self.enrich] * 4 + [self.rebuild]
        with suppress(LrsError):
            self.random.choice(acts)()

    def send(self) -> None:
        batch = [self.statement() for _ in range(self.random.randint(1, 4))]
        if self.sent and self.random.random() < 0.5:
            batch.append(self.random.choice(self.sent))  # once more
        record(self.services, "default", batch)
        self.sent += batch

    def statement(self) -> dict[str, Any]:
        random, who = self.random, self.random.choice(WHO)
        day = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(
            hours=random.randint(0, 15000)
        )
        actor: dict[str, Any] = random.choice(
            [
                {"mbox": f"mailto:{who}@example.com"},
                {"mbox": f"mailto:{who.title()}@Example.com"},
                {"mbox": f"mailto:{who}+x@example.com"},
                {"account": {"homePage": SSO, "name": who.title()}},
            ]
        )
        return a_statement(
            verb=COMPLETED, activity=COURSE, timestamp=day.isoformat()
        ) | {"actor": actor}

    def void(self) -> None:
        later = a_statement(verb=COMPLETED, activity=COURSE)
        target = self.random.choice([*self.sent, later])
        record(self.services, "default", [a_void(target["id"])])
        if target is later:
            record(self.services, "default", [later])

    def link(self) -> None:
        who, to = self.random.sample(WHO, 2)
        decisions = self.services.analytics().decisions
        decisions.link("default", f"mailto:{who}@example.com", to, WHY)

    def merge(self) -> None:
        one, other = self.random.sample(WHO, 2)
        self.services.analytics().decisions.merge("default", one, other, WHY)

    def undo(self) -> None:
        decisions = self.services.analytics().decisions
        taken = [one.n for one in decisions.all("default")]
        decisions.undo("default", self.random.choice(taken or [1]), WHY)

    def tell(self) -> None:
        """HR: people, corrections, and other places of units."""
        random = self.random
        rows = []
        for who in random.sample(WHO, random.randint(1, 3)):
            unit = random.choice(UNITS)
            above = {"ALL": "", "OPS": "ALL", "LAB": random.choice(["ALL", "OPS"])}
            rows.append(
                {
                    "employee_id": who,
                    "effective_date": random.choice(["2025-01-01", "2026-01-01"]),
                    "hire_date": "2025-01-01",
                    "org_unit_id": unit,
                    "org_parent_id": above[unit],
                    "job_code": random.choice("AB"),
                    "email": f"{random.choice([who, who, 'dee'])}@example.com",
                }
            )
        deliver(self.services, self.folder, rows)

    def rule(self) -> None:
        path = self.services.settings.identity_file
        path.write_text(self.random.choice(RULES))

    def enrich(self) -> None:
        self._maybe_killed("run")

    def rebuild(self) -> None:
        self._maybe_killed("rebuild")

    def _maybe_killed(self, act: str) -> None:
        begun, stood = published(self.lake, "default"), seen(self.lake)
        mine = {name: begun.position(name) for name in TABLES}
        self.lake.left[0] = self.random.choice([0, 3, 7, 9, 11, 13, 1000, 1000, 1000])
        size = self.random.choice([1, 3, 100])
        upkeep = Upkeep(few=self.random.choice([1, 3, 20]))
        passed = enrichment(
            self.services, self.lake, chunk=size, batch=size, upkeep=upkeep
        )
        perform: Callable[[str], PassResult] = getattr(passed, act)
        try:
            self.known.append(moment(perform("default").through))
        except Killed:
            self.killed += 1
            if published(self.lake, "default").manifest == begun.manifest:
                assert seen(self.lake) == stood
        assert {name: begun.position(name) for name in TABLES} == mine
        self.lake.left[0] = 1000


def seen(lake: Lake) -> Rows:
    """Return every row that reports may see now."""
    tables = published(lake, "default")
    found: Rows = {}
    for name in TABLES:
        opened = tables.table(name)
        rows = opened.to_pyarrow_table().to_pylist() if opened else []
        found[name] = sorted(map(repr, rows))
    return found


def asked(services: Services, lake: Lake, known: datetime) -> list[Any]:
    reports = replace(services.analytics().reports, lake=lake)
    return [
        reports.run(name, "default", as_of=DAY, known_at=known).rows
        for name in ("evidence", "unresolved_actors", "compliance_by_unit")
    ]


@pytest.mark.parametrize("run", range(RUNS))
def test_any_order_with_kills_in_between_is_as_if_made_anew(
    run: int, settings: Settings, tmp_path: Path
) -> None:
    random = Random(SEED + run)
    folder = tmp_path / "company"
    folder.mkdir()
    with opened(settings_of(settings, folder)) as services:
        lake = DyingLake(str(tmp_path / "lake"), [1000])
        trial = Trial(services, lake, folder, random)
        trial.tell()
        for _ in range(ACTS):
            trial.act()
        enrichment(services, lake, chunk=3, batch=3).run("default")
        expected = rebuilt(services, tmp_path / "anew")
        assert content(lake) == expected
        assert seen(lake) == expected
        anew = Lake(str(tmp_path / "anew"))
        for known in random.sample(trial.known, min(2, len(trial.known))):
            assert asked(services, lake, known) == asked(services, anew, known)
