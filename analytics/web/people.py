"""People: those of a unit with their statuses, and one person with the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import Blueprint, Response, render_template, request

from analytics.charts.palette import STATUSES
from analytics.web.services import ReportResult
from analytics.web.tables import download
from analytics.web.units import path_to
from analytics.web.visit import current

PAGE = 50  # people
_URGENCY = ("OVERDUE", "EXPIRED", "GRACE", "EXPIRING", "NOT_STARTED", "IN_PROGRESS")
Row = dict[str, object]


@dataclass(slots=True)
class Person:
    """A person with the rows of their requirements, the most urgent first."""

    person_id: str
    name: str
    unit_id: str
    unit_name: str
    rows: list[Row] = field(default_factory=list)

    @property
    def order(self) -> tuple[int, str, str]:
        """Return what people are sorted by: urgency, name, id."""
        return _urgency(self.rows[0]), self.name.casefold(), self.person_id


def add_people(pages: Blueprint) -> None:
    """Add /units/<unit_id>/people and /people/<person_id>, both also as CSV."""

    @pages.get("/units/<unit_id>/people")
    def people(unit_id: str) -> str:
        units = current().rows("compliance_by_unit", unit=unit_id)
        found = _matching(_people(current().report("compliance_status", unit=unit_id)))
        last = max(1, -(-len(found) // PAGE))
        page = min(max(1, request.args.get("page", 1, type=int)), last)
        return render_template(
            "pages/people.html",
            unit=next(row for row in units.rows if row["level"] == 0),
            path=path_to(units),
            people=found[(page - 1) * PAGE : page * PAGE],
            total=len(found),
            page=page,
            last=last,
            status_asked=request.args.get("status", ""),
            name_asked=request.args.get("q", ""),
        )

    @pages.get("/units/<unit_id>/people.csv")
    def people_csv(unit_id: str) -> Response:
        result = current().report("compliance_status", unit=unit_id)
        return download(result.columns, result.rows, "people", unit_id, current().day)

    @pages.get("/people/<person_id>")
    def person(person_id: str) -> str:
        result = current().rows("compliance_status", person=person_id)
        titles = result.extra.get("titles")
        if isinstance(titles, Mapping):
            for row in result.rows:
                row["title"] = titles.get(row["requirement"])
        evidence = current().report("evidence", person=person_id)
        proofs: dict[object, list[Row]] = {}
        found = [row for row in evidence.rows if row["statement_id"]]
        for row in sorted(found, key=lambda row: str(row["timestamp"])):
            proofs.setdefault(row["requirement"], []).append(row)
        return render_template(
            "pages/person.html", person=_people(result)[0], proofs=proofs
        )

    @pages.get("/people/<person_id>.csv")
    def person_csv(person_id: str) -> Response:
        result = current().rows("compliance_status", person=person_id)
        return download(result.columns, result.rows, "person", person_id, current().day)

    @pages.get("/people/<person_id>/evidence.csv")
    def evidence_csv(person_id: str) -> Response:
        current().rows("compliance_status", person=person_id)
        result = current().report("evidence", person=person_id)
        return download(
            result.columns, result.rows, "evidence", person_id, current().day
        )


def _people(result: ReportResult) -> list[Person]:
    """Return the people of the rows, the most urgent first."""
    found: dict[str, Person] = {}
    for row in result.rows:
        key = str(row["person_id"])
        if key not in found:
            unit_id = str(row.get("unit_id") or "")
            found[key] = Person(
                key,
                str(row.get("name") or key),
                unit_id,
                str(row.get("unit_name") or unit_id),
            )
        found[key].rows.append(row)
    for person in found.values():
        person.rows.sort(key=lambda row: (_urgency(row), str(row["requirement"])))
    return sorted(found.values(), key=lambda person: person.order)


def _urgency(row: Row) -> int:
    code = str(row["status"])
    return _URGENCY.index(code) if code in _URGENCY else len(_URGENCY)


def _matching(people: Sequence[Person]) -> list[Person]:
    """Return the people with the status and the piece of a name that are asked for."""
    status, piece = request.args.get("status", ""), request.args.get("q", "").strip()
    known = status in {item.code for item in STATUSES}
    return [
        person
        for person in people
        if (not known or any(row["status"] == status for row in person.rows))
        and piece.casefold() in f"{person.name} {person.person_id}".casefold()
    ]
