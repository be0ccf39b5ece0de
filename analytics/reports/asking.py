"""What is asked of a report, held against the requirements and the caller's area.

A value that exists nowhere is refused: an empty answer would look as if all were well.
What lies outside the caller's area is answered like what does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analytics.lake.published import Published
from analytics.reports.catalogue import Query
from analytics.reports.choices import SHOWN
from analytics.reports.session import NOTHING, Asked, prepare, session
from analytics.requirements import Requirement
from lrs.errors import BadRequest, NotFound

_IN_AREA = {
    "location": "w.location_id = $value",
    "job": "w.job_code = $value",
    "manager": "(w.manager_id = $value OR w.employee_id = $value)",
}


def check_requirement(requirements: Sequence[Requirement], asked: Asked) -> None:
    """Raise BadRequest for a requirement that does not exist, or not yet on the day."""
    if asked.requirement is None:
        return
    begins = [
        max(item.version_from, item.effective_from)
        for item in requirements
        if item.code == asked.requirement
    ]
    if not begins:
        raise BadRequest(
            f"There is no requirement {asked.requirement[:SHOWN]}; see "
            "requirement_coverage for those that there are."
        )
    if min(begins) > asked.as_of:
        raise BadRequest(
            f"The requirement {asked.requirement} begins on {min(begins)}, "
            f"and as_of is {asked.as_of}."
        )


def check_area(
    tables: Published, asked: Asked, kept: Mapping[str, str] = NOTHING
) -> None:
    """Raise NotFound for a location, job or manager that nobody there ever had."""
    given = {name: getattr(asked, name) for name in _IN_AREA}
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted:
        return
    bounded = asked.unit is not None or asked.scope_unit is not None
    reads = ("workforce", "scope") if bounded else ("workforce",)
    query = Query("area", "", "", reads, "")
    within = "JOIN scope AS s ON s.unit_id = w.org_unit_id" if bounded else ""
    with session(tables, query, kept=kept) as connection:
        prepare(connection, query, asked, kept)
        for name, value in wanted.items():
            found = connection.execute(
                f"SELECT 1 FROM workforce AS w {within} "  # noqa: S608 (ours)
                f"WHERE w.recorded_at <= $known_at AND {_IN_AREA[name]} LIMIT 1",
                {"known_at": asked.known_at, "value": value},
            ).fetchall()
            if not found:
                raise NotFound(f"There is no such {name} in your area.")
