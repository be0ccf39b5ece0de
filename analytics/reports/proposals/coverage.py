"""Coverage: the people that a proposal covers, beside those covered now."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from analytics.reports.catalogue import Query, folder
from analytics.reports.proposals.proposal import Proposal
from analytics.reports.reports import Reports
from analytics.reports.session import (
    Asked,
    answer,
    exemptions_table,
    microseconds,
    moment,
    session,
)
from analytics.requirements import Requirement
from analytics.requirements.strays import strays
from lrs.errors import BadRequest, NotFound

Row = dict[str, Any]
COLUMNS = (
    *("requirement", "change", "person_id", "name", "unit_id", "location_id"),
    *("worker_type", "since", "due_date", "status", "due_date_before", "status_before"),
)
NEW, GONE, STAYS = "new", "gone", "stays"
_PLACES = ("unit_id", "location_id", "worker_type")
_UNITS = Query("units_in_scope", "", "", ("scope",), "SELECT count(*) AS n FROM scope")


@dataclass(frozen=True, slots=True)
class Coverage:
    """``rows``: one per requirement and person, covered before, after or both.

    ``since``, ``due_date`` and ``status`` are those of after, None where ``change`` is
    gone; those of before end on ``_before``.
    """

    as_of: date
    known_at: datetime
    rows: list[Row]
    warnings: list[str] = field(default_factory=list)

    def summary(self, code: str) -> Row:
        """Return the counts of a requirement."""
        rows = [row for row in self.rows if row["requirement"] == code]
        covered = [row for row in rows if row["change"] != GONE]
        changes = Counter(row["change"] for row in rows)
        moved = sum(
            row["change"] == STAYS and row["due_date"] != row["due_date_before"]
            for row in rows
        )
        counts = {
            f"by_{name}": _counts(row[name] for row in covered) for name in _PLACES
        }
        return {
            "requirement": code,
            "covered": len(covered),
            "covered_before": len(rows) - changes[NEW],
            "new": changes[NEW],
            "gone": changes[GONE],
            "due_date_moved": moved,
            "statuses": _counts(row["status"] for row in covered),
            "statuses_before": _counts(
                row["status_before"] for row in rows if row["change"] != NEW
            ),
            **counts,
        }


def coverage(
    reports: Reports,
    tenant: str,
    proposal: Proposal,
    *,
    as_of: date,
    known_at: datetime | None = None,
    unit: str | None = None,
) -> Coverage:
    """Return whom the proposal covers in a unit and below it.

    Raises NotFound where nothing is enriched or there is no such unit, BadRequest for
    a known_at that is not enriched yet.
    """
    tables, through = reports.tables_of(tenant)
    if known_at is not None and microseconds(known_at) > through:
        raise BadRequest(
            f"known_at lies after what is enriched, {moment(through).isoformat()}."
        )
    asked = Asked(as_of=as_of, known_at=known_at or moment(through), unit=unit)
    bound = {} if known_at is None else {"through": microseconds(known_at)}
    exemptions: list[Row] = []
    for batch in reports.hr.rows(tenant, "exemptions", **bound):
        exemptions += batch

    def ask(query: Query, requirements: list[Requirement]) -> list[Row]:
        with session(
            tables, query, requirements=requirements, exemptions=exemptions
        ) as connection:
            rows: list[Row] = answer(connection, query, asked).to_pylist()
        return rows

    if unit is not None and not ask(_UNITS, [])[0]["n"]:
        raise NotFound("There is no such unit on this day.")
    queries = {query.name: query for query in folder(Path(__file__).parent)}
    after = proposal.concerned(proposal.after)
    found = ask(queries["covered"], after)
    former = found
    if proposal.before is not proposal.after:
        former = ask(queries["covered"], proposal.concerned(proposal.before))
    rows = [
        row for row in _merged(former, found) if row["requirement"] in proposal.codes
    ]
    mine = [item for item in after if item.code in proposal.codes]
    warnings = [
        *proposal.warnings(as_of),
        *(
            f"{row['requirement']}: {row['key']} {row['name']} stands in no row of HR."
            for row in ask(queries["unknown_names"], mine)
        ),
        *(
            f"{row['requirement']}: no Statement was ever about {row['activity_id']}."
            for row in ask(queries["unseen_activities"], mine)
        ),
        *_exemption_warnings(proposal, exemptions, as_of),
    ]
    return Coverage(as_of, asked.known_at, rows, warnings)


def _merged(before: list[Row], after: list[Row]) -> list[Row]:
    """Return a row per requirement and person, with what changes."""
    former = {(row["requirement"], row["person_id"]): row for row in before}
    latter = {(row["requirement"], row["person_id"]): row for row in after}
    rows = []
    for key in sorted({*former, *latter}):
        old, new = former.get(key), latter.get(key)
        row = dict(new or old or {})
        if new is None:
            row |= dict.fromkeys(("since", "due_date", "status"))
        rows.append(
            {name: row.get(name) for name in COLUMNS}
            | {
                "change": GONE if new is None else STAYS if old else NEW,
                "due_date_before": old and old["due_date"],
                "status_before": old and old["status"],
            }
        )
    return rows


def _exemption_warnings(
    proposal: Proposal, exemptions: list[Row], as_of: date
) -> list[str]:
    """Return what is odd about exemptions: codes that are not there, no reason."""
    rows = exemptions_table(exemptions).to_pylist()
    found = strays(rows, proposal.after)
    running = [
        row
        for row in rows
        if row["requirement"] in proposal.codes
        and row["from_day"] <= as_of <= row["to_day"]
    ]
    for name in ("reason", "approver"):
        if lacking := sum(not row[name] for row in running):
            found.append(f"{lacking} exemptions in force have no {name}.")
    return found


def _counts(values: Any) -> dict[str, int]:
    """Return how often each value comes, by value."""
    counted = Counter("" if value is None else str(value) for value in values)
    return dict(sorted(counted.items()))
