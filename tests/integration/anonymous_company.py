"""A small company of whom somebody is made anonymous, and who looks for traces of her.

Ann Winterbottom (W4711, merged from X2048) was met by every kind of identifier, manages
Bob, approved his exemption, changed address, left. Cid was hired and works on.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from analytics.identity.decisions import Signed
from analytics.identity.keys import actor_id
from analytics.workforce.engine.importing import import_file
from analytics.workforce.engine.terms import Terms
from analytics.workforce.mapping import canonical
from analytics.workforce.model import table_of
from analytics.workforce.scim.identity import ENTERPRISE
from analytics.workforce.scim.users import Users
from config.settings import Settings
from lrs.services import Services
from tests.builders import COMPLETED, a_statement
from tests.integration.lakes import record

SSO, OLD = "https://sso.example.com", "https://old.example.com"
RULES = f"""
plus_tags = "strip"
[[account]]
home_page = "{SSO}"
scheme = "employee_id"
lower = true
prefix = "u-"
"""
REQUIREMENT = """
code = "FIRE-01"
title = "Fire safety"
activities = ["https://courses.example.com/fire-safety"]
satisfied_by = "completed"
basis = "hire"
initial_days = 30
effective_from = 2024-01-01
[audience]
org_unit = ["ALL"]
"""
ACTORS: tuple[dict[str, Any], ...] = (
    {"mbox": "mailto:Ann.Winterbottom@Example.com"},
    {"mbox": "mailto:ann.winterbottom@example.com"},
    {"mbox": "mailto:ann.winterbottom+fire@example.com"},
    {"mbox": "mailto:annw@old.example"},
    {"mbox_sha1sum": hashlib.sha1(b"mailto:annw@old.example").hexdigest()},
    {"account": {"homePage": OLD, "name": "awinterbottom"}},
    {"account": {"homePage": SSO, "name": "u-W4711"}},
    {"account": {"homePage": "https://nobody.example", "name": "W4711"}},
    {"openid": "https://id.example/annw77"},
    {"mbox": "mailto:ann@private.example"},  # linked by hand
)
OTHERS: tuple[dict[str, Any], ...] = (
    {"mbox": "mailto:bob@example.com"},
    {"account": {"homePage": SSO, "name": "E18"}},
    {"mbox": "mailto:stranger@example.com"},
)
TEXTS = (
    *("winterbottom", "annw", "ann@private.example", "W4711", "X2048", "w4711"),
    "her secret reason",
)
HASHED = (
    *(f"mailto:{one}" for one in ("ann.winterbottom@example.com", "annw@old.example")),
    *("mailto:Ann.Winterbottom@Example.com", "mailto:ann@private.example"),
    *("W4711", "X2048", "employee W4711", "folded w4711", "Ann", "Ann Winterbottom"),
)
# What the LRS has received, and what it is found by: no part of the workforce.
OF_THE_LRS = {"statements", "documents", "activities", "attachments", "uploads"}


@dataclass
class Company:
    """What is there: the services and the person's ids."""

    services: Services
    folder: Path

    def deliver(
        self, name: str, kind: str, rows: list[dict[str, str]], by: str = ""
    ) -> Any:
        ledger, terms = self.services.analytics().ledger, Terms(by=by)
        path = self._written(name, rows)
        return import_file(ledger, "default", kind, path, terms=terms)

    def deliver_all(self, name: str, rows: list[dict[str, str]]) -> Any:
        """Deliver a file that has everybody."""
        path = self._written(name, rows)
        mapping = canonical(table_of("workforce"))
        terms = replace(mapping.terms, mode="full", accepted=True)
        ledger = self.services.analytics().ledger
        return import_file(ledger, "default", "workforce", path, mapping, terms=terms)

    def _written(self, name: str, rows: list[dict[str, str]]) -> Path:
        path = self.folder / name
        with path.open("w", newline="", encoding="utf-8") as file:
            columns = list(dict.fromkeys(key for row in rows for key in row))
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
        return path

    def enrich(self) -> None:
        self.services.analytics().enrichment.run("default")

    def send(self, *actors: dict[str, Any]) -> list[str]:
        made = [
            a_statement(verb=COMPLETED, actor="x", timestamp="2025-03-01T10:00:00Z")
            | {"actor": actor}
            for actor in actors
        ]
        record(self.services, "default", made)
        return [one["id"] for one in made]


def row(employee: str, day: str, **given: str) -> dict[str, str]:
    base = {"employee_id": employee, "effective_date": day, "hire_date": "2024-02-01"}
    return base | {"org_unit_id": "OPS", "org_parent_id": "ALL"} | given


def ann(day: str, **given: str) -> dict[str, str]:
    named = {"given_name": "Ann", "family_name": "Winterbottom"}
    return row("W4711", day, **named, **given)


def others(**given: str) -> list[dict[str, str]]:
    bob = {"given_name": "Bob", "email": "bob@example.com", "manager_id": "W4711"}
    return [
        row("E18", "2024-02-01", **bob, **given),
        row("E19", "2024-02-01", given_name="Cid", org_unit_id="LAB"),
    ]


def contradicting() -> list[dict[str, str]]:
    """Return rows of hers, and of one whom she manages, that say different things."""
    mail = {"email": "annw@old.example"}
    rows = [ann("2024-10-01", job_code=code, **mail) for code in "AB"]
    managed = {"manager_id": "W4711"}
    rows += [row("E19", "2024-10-01", job_code=code, **managed) for code in "AB"]
    below = [("K", "L"), ("L", "K")]  # a circle of units
    return rows + [
        row(f"E{n}", "2024-10-01", org_unit_id=unit, org_parent_id=parent, **managed)
        for n, (unit, parent) in enumerate(below, start=20)
    ]


def settings_of(settings: Settings, folder: Path) -> Settings:
    """Return settings with rules and one requirement of this company."""
    (folder / "rules.toml").write_text(RULES)
    (folder / "requirements").mkdir()
    (folder / "requirements" / "fire.toml").write_text(REQUIREMENT)
    return replace(
        settings,
        identity_file=folder / "rules.toml",
        requirements_dir=folder / "requirements",
    )


def fill(company: Company) -> list[datetime]:
    """Deliver, link, merge, send; return moments at which something was known."""
    moments: list[datetime] = []
    services = company.services
    parts = services.analytics()

    def now() -> None:
        company.enrich()
        last = parts.runs.get("default")
        assert last
        moments.append(datetime.fromtimestamp(last.through / 1e6).astimezone())

    services.accounts.put("default", "annw@old.example", "Ann Winterbottom", "OPS")
    told = {"userName": "annw@old.example", ENTERPRISE: {"employeeNumber": "W4711"}}
    Users(services.database).create("default", told)
    company.send(*ACTORS[:7], *OTHERS)  # before anybody knew whose they are
    now()
    first = {"email": "annw@old.example", "identities": f"account:{OLD}|awinterbottom"}
    company.deliver("ann-winterbottom.csv", "workforce", [ann("2024-02-01", **first)])
    now()
    company.deliver("others.csv", "workforce", others())
    second = {"email": "Ann.Winterbottom@Example.com", "manager_id": "E19"}
    second |= {"identities": "openid:https://id.example/annw77"}
    broken = row("W4711", "2024-13-01", email="annw@old.example", manager_id="")
    mention = row("E19", "2024-13-01", email="", manager_id="W4711")
    company.deliver(
        *("second.csv", "workforce"), [ann("2024-09-01", **second), broken, mention]
    )
    company.deliver("contradicting.csv", "workforce", contradicting())
    agency = row(
        "X2048", "2024-01-01", org_unit_id="LAB", termination_date="2024-08-31"
    )
    left = {"status": "terminated", "termination_date": "2025-06-30"}
    company.deliver(
        "left.csv", "workforce", [agency, ann("2025-07-01", **second, **left)]
    )
    figure = {"metric": "tickets", "period_start": "2025-01-01", "value": "7"}
    figures = [figure | {"employee_id": who} for who in ("W4711", "E18")]
    company.deliver("figures.csv", "kpi", figures)
    exempt = {"requirement": "FIRE-01", "from": "2024-06-01", "to": "2024-07-01"}
    said = {"reason": "her secret reason", "approver": "E19"}
    company.deliver(
        *("exempt.csv", "exemptions"),
        [
            exempt | {"employee_id": "W4711"} | said,
            exempt | {"employee_id": "E18", "reason": "ill", "approver": "W4711"},
        ],
        by="ann.winterbottom@example.com",
    )
    company.send(*ACTORS, *OTHERS)
    now()
    why = Signed("ann.winterbottom@example.com", "Ann Winterbottom showed it")
    parts.decisions.link("default", "mailto:ann@private.example", "W4711", why)
    parts.decisions.merge("default", "X2048", "W4711", Signed("clerk", "One person"))
    parts.decisions.link("default", "mailto:stranger@example.com", "E18", why)
    now()
    return moments


DAYS = tuple(map(date.fromisoformat, ("2024-03-15", "2024-10-01", "2025-07-15")))
ASKED = ("compliance_status", "compliance_by_unit", "evidence")


def told(services: Services, moments: Iterable[datetime]) -> dict[str, Any]:
    """Return what every report says of every day, as known at every moment."""
    reports = services.analytics().reports
    return {
        f"{name} {day} {known}": reports.run(
            name, "default", as_of=day, known_at=known
        ).rows
        for name in ASKED
        for day in DAYS
        for known in moments
    }


def traces(services: Services) -> list[str]:
    """Return every place in MongoDB, lake and kept standings that leads to Ann."""
    found = []
    raw = [text.casefold() for text in TEXTS] + hashes()
    kept = str(services.settings.data_dir / "standings")
    for place, text in (
        *_documents(services),
        *_files(services.settings.lake_url),
        *_files(kept),
    ):
        folded = text.casefold()
        found += [f"{place}: {one}" for one in raw if one in folded]
    return found


def hashes() -> list[str]:
    """Return what texts of hers are when they are hashed without a key."""
    found = {
        getattr(hashlib, kind)(text.encode()).hexdigest()
        for text in HASHED
        for kind in ("sha1", "sha256", "md5")
    }
    sha1 = [hashlib.sha1(text.encode()).hexdigest() for text in HASHED]
    keys = [f"mbox {text}" for text in HASHED] + [f"mbox_sha1sum {one}" for one in sha1]
    keys += [f"plain {text}" for text in HASHED]
    keys += [f"account {OLD} awinterbottom", f"account {SSO} u-W4711"]
    keys += ["openid https://id.example/annw77", "account https://nobody.example W4711"]
    return sorted(found.union(map(actor_id, keys)))


def _documents(services: Services) -> Iterator[tuple[str, str]]:
    database = services.database
    for name in database.list_collection_names():
        if name.split(".")[0] not in OF_THE_LRS:
            for document in database[name].find():
                yield name, _text(document)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex() + value.decode("latin-1")
    if isinstance(value, dict):
        return " ".join(f"{_text(key)} {_text(item)}" for key, item in value.items())
    if isinstance(value, list):
        return " ".join(map(_text, value))
    return str(value)


def _files(lake: str) -> Iterator[tuple[str, str]]:
    for path in sorted(Path(lake).rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes().decode("latin-1")
        if path.suffix == ".parquet":
            # Packed: what stands in it is not plain to see in its octets.
            for part in pq.read_table(path).to_pylist():
                yield f"{path.parent.name}/{path.name}", _text(part)
