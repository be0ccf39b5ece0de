"""The export: what goes into it, and in which order.

In: whose, which unit, as_of and known_at. Out: a ZIP and the digest of the whole. All
of it is what was known at known_at, so the same question gives the same digest later;
what known_at cannot bind stands in the README of the export.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from analytics.audit import form
from analytics.audit.archive import Archive, placed
from analytics.audit.program import program
from analytics.audit.requirement_files import RequirementFiles
from analytics.audit.sheets import add_sheet
from analytics.audit.statements import add_attachments, add_statements
from analytics.audit.workforce import Workforce
from analytics.identity.decisions import Decisions
from analytics.reports.catalogue import Query, folder, question, questions
from analytics.reports.reading import Reading
from analytics.reports.reports import Reports
from analytics.reports.session import microseconds
from analytics.workforce.ledger import Ledger
from lrs.attachments import AttachmentReader
from lrs.originals import Originals

# What goes in of the catalogue, where it has it; a new report joins by its name here.
REPORTS = (
    *("compliance_status", "compliance_by_unit", "compliance_by_location"),
    *("compliance_by_job", "compliance_by_manager", "unit_requirement_matrix"),
    *("requirement_coverage", "overdue_people", "expiring", "evidence"),
    "compliance_trend",
)
_HERE = Path(__file__).parent
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for; ``unit`` None: the whole company; ``months`` of the trend."""

    tenant: str
    unit: str | None = None
    as_of: date | None = None
    known_at: datetime | None = None
    with_attachments: bool = False
    months: int = 12


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the digest of the whole, and how much of it there is."""

    digest: str
    as_of: date
    known_at: datetime
    people: int
    statements: int


@dataclass(frozen=True, slots=True)
class AuditExport:
    """Writes exports; holds no state."""

    reports: Reports
    ledger: Ledger
    decisions: Decisions
    originals: Originals
    attachments: AttachmentReader

    def write(
        self,
        request: Request,
        target: Path,
        *,
        force: bool = False,
        progress: Progress = lambda _rows: None,
    ) -> Exported:
        """Write the ZIP; ``progress`` is told of rows as they are written.

        Raises what Reports.run raises; Conflict where there is such a file already;
        LrsError where a Statement that was enriched is not in the store.
        """
        asked = {name: question(name) for name in REPORTS if name in questions()}
        own = {query.name: query for query in folder(_HERE / "questions")}
        with (
            placed(target, force=force) as file,
            closing(Archive(file)) as archive,
            tempfile.TemporaryDirectory(prefix="lrs-audit-") as copies,
        ):
            # What is read and what is exported are one and the same octets.
            files = RequirementFiles.copied(self.reports.requirements_dir, Path(copies))
            with replace(self.reports, requirements_dir=Path(copies)).reading(
                request.tenant,
                [*asked.values(), *own.values()],
                as_of=request.as_of,
                known_at=request.known_at,
                unit=request.unit,
            ) as reading:
                return self._fill(
                    archive, request, reading, asked, own, files, progress
                )

    def _fill(
        self,
        archive: Archive,
        request: Request,
        reading: Reading,
        asked: dict[str, Query],
        own: dict[str, Query],
        files: RequirementFiles,
        progress: Progress,
    ) -> Exported:
        tenant, as_of = request.tenant, reading.asked.as_of
        known_at = reading.asked.known_at.astimezone(UTC)
        parameters = _parameters(request, reading)
        archive.add(form.README, _readme(parameters))
        archive.add(form.PARAMETERS, form.pretty(parameters))
        archive.add(form.PROGRAM, form.pretty(made_by := program()))

        def sheet(
            path: str, columns: list[str], rows: Iterable[list[dict[str, Any]]]
        ) -> int:
            return add_sheet(archive, path, columns, _told(rows, progress))

        for name, query in asked.items():
            sheet(f"reports/{name}", *reading.rows(query, request.months))
        statements, attached = add_statements(
            archive,
            _told(reading.rows(own["statements"])[1], progress),
            lambda ids: self.originals.by_id(tenant, ids),
            lambda hashes: self.attachments.find(tenant, hashes),
            anonymous={one.surrogate for one in self.decisions.veils.record(tenant)},
            with_contents=request.with_attachments,
        )
        files.add(archive, as_of)
        columns, people = reading.rows(own["people"])
        workforce = Workforce(self.ledger, tenant, microseconds(known_at))
        workforce.meet(row for rows in people for row in rows)
        sheet("hr/people", columns, [workforce.people])
        for name, (names, found) in workforce.sheets().items():
            sheet(f"hr/{name}", names, found)
        sheet("hr/units", *reading.rows(own["units"]))
        sheet("hr/identity_decisions", *workforce.decided(self.decisions.all(tenant)))
        add_attachments(archive, self.attachments, attached)
        return Exported(
            archive.finish(parameters, made_by),
            as_of,
            known_at,
            len({row["person_id"] for row in workforce.people}),
            statements,
        )


def _told(
    batches: Iterable[list[dict[str, Any]]], progress: Progress
) -> Iterator[list[dict[str, Any]]]:
    for rows in batches:
        yield rows
        progress(len(rows))


def _parameters(request: Request, reading: Reading) -> dict[str, Any]:
    known_at = reading.asked.known_at.astimezone(UTC)
    return {
        "tenant": request.tenant,
        "unit": request.unit,
        "as_of": reading.asked.as_of.isoformat(),
        "known_at": known_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "attachments": "contents" if request.with_attachments else "hashes",
        "months": request.months,
        "former_manager_days": reading.asked.former_manager_days,
        "unresolved_share": reading.unresolved_share,
    }


def _readme(parameters: dict[str, Any]) -> bytes:
    text = (_HERE / "README.txt").read_text(encoding="utf-8")
    unit = parameters["unit"]
    share = parameters["unresolved_share"]
    said = {
        **parameters,
        "scope": "the whole company"
        if unit is None
        else f"unit {unit} with everything below it",
        "unresolved": "unknown" if share is None else f"{share:.2%}",
    }
    for name, value in said.items():
        text = text.replace(f"{{{name}}}", f"{value}")
    return text.encode()
