"""Single rows with everything filled in: `a_row(status="leave")`, `a_fact(...)`.

The person is P1 in unit OPS, hired and known on 2024-01-01; the one requirement is
FIRE-01 on the Activity FIRE. `ask` puts one question and gives the whole report, `one`
gives its only row.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from tests.oracle.completion import COMPLETED
from tests.oracle.inputs import (
    Exemption,
    HrRow,
    Requirement,
    StatementFact,
    Void,
)
from tests.oracle.model import compliance_status

FIRE = "https://courses.example.com/fire-safety"
DRILL = "https://courses.example.com/fire-drill"
MBOX = "mbox mailto:p1@example.com"
NOW = 10**18  # later than everything recorded or stored


def on(text: str) -> date:
    """Read a day from its ISO text."""
    return date.fromisoformat(text)


def a_row(effective: str | None = "2024-01-01", **changes: Any) -> HrRow:
    """Make a row of P1; dates among the changes may be ISO texts."""
    values: dict[str, Any] = {
        "employee_id": "P1",
        "effective_date": effective,
        "given_name": "Ann",
        "family_name": "Lee",
        "email": None,
        "identities": (),
        "worker_type": "employee",
        "status": "active",
        "hire_date": "2024-01-01",
        "termination_date": None,
        "job_code": "J1",
        "org_unit_id": "OPS",
        "org_parent_id": None,
        "location_id": "L1",
        "location_time_zone": None,
        "manager_id": "M1",
        "regulatory_classes": (),
        "recorded": 1,
    } | changes
    if values["email"] is None:
        values["email"] = f"{values['employee_id'].lower()}@example.com"
    for name in ("effective_date", "hire_date", "termination_date"):
        if isinstance(values[name], str):
            values[name] = on(values[name])
    return HrRow(**values)


def a_requirement(**changes: Any) -> Requirement:
    """FIRE-01: completed within 30 days of entry, valid for 365; from 2020 on."""
    values: dict[str, Any] = {
        "code": "FIRE-01",
        "title": "Fire safety",
        "activities": () if {"all_of", "any_of", "items"} & {*changes} else (FIRE,),
        "initial_days": 30,
        "validity_days": 365,
        "effective_from": "2020-01-01",
    } | changes
    for name in ("calendar_basis", "effective_from", "effective_to", "version_from"):
        if isinstance(values.get(name), str):
            values[name] = on(values[name])
    return Requirement(**values)


def a_fact(when: str, statement_id: str = "s1", **changes: Any) -> StatementFact:
    """Make P1's Statement that it completed FIRE; a bare day means its noon in UTC."""
    if "T" in when:
        timestamp = datetime.fromisoformat(when)
    else:
        timestamp = datetime.combine(on(when), time(12), tzinfo=UTC)
    values: dict[str, Any] = {
        "statement_id": statement_id,
        "stored": 1,
        "timestamp": timestamp,
        "actor_key": MBOX,
        "verb": COMPLETED,
        "activity_id": FIRE,
    } | changes
    return StatementFact(**values)


def an_exemption(start: str, end: str | None, **changes: Any) -> Exemption:
    """P1 need not do FIRE-01 from start through end."""
    values: dict[str, Any] = {
        "employee_id": "P1",
        "requirement": "FIRE-01",
        "from_": on(start),
        "to": on(end) if end else None,
        "recorded": 1,
    } | changes
    return Exemption(**values)


def ask(
    as_of: str,
    *,
    rows: Iterable[HrRow] | None = None,
    requirements: Sequence[Requirement] | Requirement | None = None,
    facts: Iterable[StatementFact] = (),
    exemptions: Iterable[Exemption] = (),
    voids: Iterable[Void] = (),
    known_at: int = NOW,
) -> list[dict[str, Any]]:
    """Ask for the report; by default of P1 alone and of FIRE-01 alone."""
    if requirements is None or isinstance(requirements, Requirement):
        requirements = [requirements or a_requirement()]
    return compliance_status(
        [a_row()] if rows is None else rows,
        exemptions,
        requirements,
        facts,
        voids,
        as_of=on(as_of),
        known_at=known_at,
    )


def one(as_of: str, **given: Any) -> dict[str, Any]:
    """Give the report's only row."""
    report = ask(as_of, **given)
    assert len(report) == 1, report
    return report[0]


def status(as_of: str, **given: Any) -> str:
    """Give the status in the report's only row, or NO ROW."""
    report = ask(as_of, **given)
    assert len(report) <= 1, report
    return report[0]["status"] if report else "NO ROW"


def due(as_of: str, **given: Any) -> str:
    """Give the due_date in the report's only row, as ISO text."""
    day: date = one(as_of, **given)["due_date"]
    return day.isoformat()
