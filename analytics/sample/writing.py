"""The files: the canonical forms of the product, byte for byte the same each time."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from analytics.sample.history import Workforce
from analytics.sample.managers import rows
from analytics.sample.performance import Figure

COLUMNS = (
    "employee_id", "effective_date", "given_name", "family_name", "email",
    "identities", "worker_type", "status", "hire_date", "original_hire_date",
    "termination_date", "job_code", "job_title", "job_level", "org_unit_id",
    "org_unit_name", "org_parent_id", "location_id", "location_time_zone",
    "manager_id", "cost_center_id", "fte", "regulatory_classes",
)  # fmt: skip
EXEMPTION_COLUMNS = ("employee_id", "requirement", "from", "to", "reason", "approver")
KPI_COLUMNS = ("employee_id", "metric", "period_start", "period_end", "value", "unit")


def write_workforce(path: Path, force: Workforce) -> int:
    """Write the canonical workforce file; return its rows."""
    return _csv(path, COLUMNS, _workforce(force))


def _workforce(force: Workforce) -> Iterable[list[str]]:
    for person, stint, start, manager in rows(force):
        unit = force.units[stint.unit]
        ended = stint.termination_date
        yield [
            person.id,
            start.isoformat(),
            person.given,
            stint.family,
            stint.email,
            person.identities,
            stint.worker_type,
            stint.status,
            stint.hire_date.isoformat(),
            stint.original_hire_date.isoformat(),
            ended.isoformat() if ended else "",
            stint.job.code,
            stint.job.title,
            str(stint.job.level),
            unit.id,
            unit.name,
            unit.parent,
            stint.location.id,
            stint.location.zone,
            manager,
            f"CC-{unit.family}",
            stint.fte,
            stint.job.classes,
        ]


def write_figures(path: Path, figures: Iterable[Figure]) -> int:
    """Write the performance figures; return how many."""
    return _csv(
        path,
        KPI_COLUMNS,
        (
            [
                one.employee_id,
                one.metric,
                one.start.isoformat(),
                one.end.isoformat(),
                f"{one.value:g}",
                one.unit,
            ]
            for one in figures
        ),
    )


def write_exemptions(path: Path, found: Iterable[list[str]]) -> int:
    """Write the exemptions; return how many."""
    return _csv(path, EXEMPTION_COLUMNS, found)


def write_statements(
    path: Path, lines: list[bytes], progress: Callable[[int], None]
) -> None:
    """Write one Statement a line, gzipped without name or time of writing."""
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=2, fileobj=raw, mtime=0) as file,
    ):
        for start in range(0, len(lines), 2_000):
            part = lines[start : start + 2_000]
            file.write(b"\n".join(part) + b"\n")
            progress(start + len(part))


def write_answers(path: Path, answers: dict[str, Any]) -> None:
    """Write what was put in, for those who check what comes out."""
    text = json.dumps(answers, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", "utf-8")


def _csv(path: Path, columns: tuple[str, ...], found: Iterable[list[str]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in found:
            writer.writerow(row)
            count += 1
    return count
