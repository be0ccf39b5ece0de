"""A small world from CSV files: through the real enrichment into a real lake.

A folder holds ``given_workforce.csv`` (the canonical columns), ``given_statements.csv``
(one Statement a line: statement_id, stored, timestamp, actor, verb, activity, success,
completion, scaled, voids), ``given_exemptions.csv``, ``given_decisions.csv`` (decision,
kind, actor, employee_id, into, undoes, recorded), ``given_identity.toml`` (known from
the first day), ``given_requirements.toml``
([[requirement]] tables), and ``questions.toml`` ([[question]]: says, report, expected,
and what is asked). ``expected`` names a CSV: its columns are compared, all rows, in
their order; a number counts to the places written there.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import orjson

from analytics.enrichment.enrichment import Enrichment
from analytics.enrichment.runs import LastRun
from analytics.identity.keys import actor_id, read_actor
from analytics.identity.rules import load
from analytics.lake.lake import Lake
from analytics.reports.reports import Reports
from analytics.reports.session import microseconds
from analytics.reports.standings.standings import Standings, folder_of
from analytics.workforce.mapping import canonical
from analytics.workforce.model import table_of
from analytics.workforce.run_records import RunRecord
from analytics.workforce.sources.files import open_delivery
from lrs.feed import StoredStatement

VERBS = "http://adlnet.gov/expapi/verbs/"
COURSES = "https://courses.example.com/"
THROUGH = microseconds(datetime(2026, 7, 1, tzinfo=UTC))
EFFECTS = Path(__file__).parents[2] / "config" / "effects.toml"
RUN_AT = datetime(2026, 7, 1, tzinfo=UTC)
RUN = RunRecord(
    *("9f", "workforce", "canonical", "full", "given_workforce.csv"),
    began=datetime(2026, 1, 1, tzinfo=UTC),
    seconds=1.5,
    state="applied",
    why=None,
    counts={"read": 1, "added": 1},
    recorded=THROUGH,
)


@dataclass
class GivenStatements:
    """A feed over the lines of given_statements.csv."""

    statements: list[StoredStatement]

    def consistent_through(self) -> int:
        return THROUGH

    def read(
        self, tenant: str, after: int, through: int
    ) -> Iterator[list[StoredStatement]]:
        found = [item for item in self.statements if after < item.stored <= through]
        if found:
            yield found

    def count(self, tenant: str, after: int, through: int) -> int:
        return sum(map(len, self.read(tenant, after, through)))

    def some(self, tenant: str, ids: Sequence[str]) -> list[StoredStatement]:
        return [item for item in self.statements if item.statement_id in set(ids)]

    def tenants(self) -> list[str]:
        return ["default"]


@dataclass
class GivenRows:
    """A ledger over given_workforce.csv, given_kpi.csv and given_exemptions.csv."""

    folder: Path

    def rows(
        self, tenant: str, kind: str, after: int = 0, through: int = THROUGH
    ) -> Iterator[list[dict[str, Any]]]:
        path = self.folder / f"given_{kind}.csv"
        if not path.exists() or not after < 1 <= through:
            return
        table = table_of(kind)
        with open_delivery(path) as delivery:
            mapping = canonical(table)
            given = [mapping.row(record.cells) for record in delivery.records]
        blank = dict.fromkeys(column.name for column in table.columns)
        told = {"retracted": False, "recorded": 1}
        yield [blank | row | told for row in given]

    def count(
        self, tenant: str, kind: str, after: int = 0, through: int = THROUGH
    ) -> int:
        return sum(map(len, self.rows(tenant, kind, after, through)))


@dataclass
class GivenDecisions:
    """The decisions of given_decisions.csv and the rules of given_identity.toml."""

    folder: Path

    def rows(
        self, tenant: str, after: int = 0, through: int = THROUGH
    ) -> list[dict[str, Any]]:
        path = self.folder / "given_decisions.csv"
        given: list[dict[str, Any]] = []
        if path.exists():
            with path.open(newline="") as file:
                given = [_decision(row) for row in csv.DictReader(file)]
        rules = self.folder / "given_identity.toml"
        if rules.exists():
            said = {"decision": 0, "kind": "rules", "rules": load(rules).document()}
            given.insert(0, dict.fromkeys(given[0] if given else ()) | said)
            given[0]["recorded"] = 1
        return [row for row in given if after < row["recorded"] <= through]

    def note_rules(self, tenant: str) -> None:
        pass


def _decision(row: dict[str, str]) -> dict[str, Any]:
    return {
        "decision": int(row["decision"]),
        "kind": row["kind"],
        "actor_id": actor_id(read_actor(row["actor"])) if row["actor"] else None,
        "employee_id": row["employee_id"] or None,
        "into_id": row["into"] or None,
        "undoes": int(row["undoes"]) if row["undoes"] else None,
        "rules": None,
        "recorded": microseconds(datetime.fromisoformat(row["recorded"])),
    }


@dataclass
class GivenRuns:
    """The record of passes, in memory."""

    last: dict[str, LastRun] = field(default_factory=dict)

    def put(self, tenant: str, through: int, position: int) -> None:
        self.last[tenant] = LastRun(through, position, datetime.now(UTC))

    def get(self, tenant: str) -> LastRun | None:
        return self.last.get(tenant)


def the_world_of(folder: Path, lake_folder: Path) -> Reports:
    """Enrich what a folder holds, and return the reports over it."""
    requirements = lake_folder / "requirements"
    requirements.mkdir(parents=True)
    write_requirements(folder / "given_requirements.toml", requirements)
    lake, rows, runs = Lake(str(lake_folder / "lake")), GivenRows(folder), GivenRuns()
    feed = GivenStatements(statements_of(folder / "given_statements.csv"))
    decisions = GivenDecisions(folder)
    Enrichment(feed, rows, lake, runs, identity=decisions).run("default")
    return Reports(
        *(lake, rows, runs, requirements, EFFECTS),
        imports=lambda _tenant, at, _limit: [RUN] if at is None or at >= RUN_AT else [],
        statements=feed.some,
        sources=lambda _tenant: {"canonical": RUN_AT},
        standings=Standings(folder_of(lake_folder, 1 << 30)),
    )


def write_requirements(source: Path, folder: Path) -> None:
    """Write each [[requirement]] of a file as a file of its own, as they are in use."""
    for number, part in enumerate(source.read_text().split("[[requirement]]\n")[1:]):
        text = part.replace("[requirement.audience]", "[audience]")
        text = text.replace("[[requirement.any_of]]", "[[any_of]]")
        (folder / f"{number}.toml").write_text(text)


def statements_of(path: Path) -> list[StoredStatement]:
    with path.open(newline="") as file:
        found = [_statement(row) for row in csv.DictReader(file)]
    return sorted(found, key=lambda item: item.stored)


def _statement(row: dict[str, str]) -> StoredStatement:
    kind, _, name = row["actor"].partition(":")
    actor: dict[str, Any] = {"mbox": row["actor"]}
    if kind == "account":
        page, _, number = name.partition("|")
        actor = {"account": {"homePage": page, "name": number}}
    elif kind == "group":
        members = [{"mbox": f"mailto:{item}"} for item in name.split("|")]
        actor = {"objectType": "Group", "member": members}
    thing: dict[str, Any] = {"id": f"{COURSES}{row['activity']}"}
    if row.get("voids"):
        thing = {"objectType": "StatementRef", "id": row["voids"]}
    result: dict[str, Any] = {
        name: row[name] == "true" for name in ("success", "completion") if row.get(name)
    }
    if row.get("scaled"):
        result |= {"score": {"scaled": float(row["scaled"])}, "duration": "PT20M"}
    statement = {
        "id": row["statement_id"],
        "actor": actor,
        "verb": {"id": f"{VERBS}{row['verb']}"},
        "object": thing,
        "timestamp": row["timestamp"],
        "authority": {"account": {"homePage": "https://lrs.example", "name": "1"}}
        | {"name": "A tool"},
        **({"result": result} if result else {}),
    }
    stored = datetime.fromisoformat(row.get("stored") or row["timestamp"])
    text = orjson.dumps(statement).decode()
    return StoredStatement(row["statement_id"], text, microseconds(stored))


def questions(folder: Path) -> list[dict[str, Any]]:
    """Return the questions of a folder, each with the folder's name."""
    asked = tomllib.loads((folder / "questions.toml").read_text())["question"]
    return [{**question, "folder": folder.name} for question in asked]


def expected_rows(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    return list(reader.fieldnames or []), rows


def as_written(value: object, like: str) -> str:
    """Return the value as a CSV has it; a float to as many places as ``like`` has."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.{len(like.partition('.')[2])}f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat() if isinstance(value, date) else str(value)
