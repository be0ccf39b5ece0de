"""What is asked of a report, held against the requirements and the caller's area.

A value that exists nowhere is refused: an empty answer would look as if all were well.
What lies outside the caller's area is answered like what does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from duckdb import DuckDBPyConnection

from analytics.lake.published import Published
from analytics.reports.catalogue import Query
from analytics.reports.choices import SHOWN
from analytics.reports.session import NOTHING, Asked, Files, prepare, session
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
    tables: Published, asked: Asked, kept: Mapping[str, Files] = NOTHING
) -> None:
    """Raise NotFound for a person who was never there, nor anybody of such a location.

    So for jobs and managers. Who was merged into somebody has no rows of their own: the
    refusal says who they are, where that is somebody of the area.
    """
    given = {name: getattr(asked, name) for name in _IN_AREA}
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted and asked.person is None:
        return
    bounded = asked.unit is not None or asked.scope_unit is not None
    reads = ("workforce", *(("scope",) if bounded else ()))
    reads += () if asked.person is None else ("survivors",)
    query = Query("area", "", "", reads, "")
    within = "JOIN scope AS s ON s.unit_id = w.org_unit_id" if bounded else ""
    with session(tables, query, kept=kept) as connection:
        prepare(connection, query, asked, kept)
        if asked.person is not None:
            _check_person(connection, asked.person, asked, within)
        for name, value in wanted.items():
            found = connection.execute(
                f"SELECT 1 FROM workforce AS w {within} "  # noqa: S608 (ours)
                f"WHERE w.recorded_at <= $known_at AND {_IN_AREA[name]} LIMIT 1",
                {"known_at": asked.known_at, "value": value},
            ).fetchall()
            if not found:
                raise NotFound(f"There is no such {name} in your area.")


def _check_person(
    connection: DuckDBPyConnection, person: str, asked: Asked, within: str
) -> None:
    merged = connection.execute(
        "SELECT survivor_id FROM survivors WHERE employee_id = $person",
        {"person": person},
    ).fetchone()
    survivor = str(merged[0]) if merged else person
    found = connection.execute(
        f"SELECT 1 FROM workforce AS w {within} "  # noqa: S608 (ours)
        "LEFT JOIN survivors AS m ON m.employee_id = w.employee_id "
        "WHERE w.recorded_at <= $known_at "
        "AND coalesce(m.survivor_id, w.employee_id) = $person LIMIT 1",
        {"known_at": asked.known_at, "person": survivor},
    ).fetchone()
    if found is None:
        raise NotFound("There is no such person in your area.")
    if merged:
        raise NotFound(
            f"{person[:SHOWN]} was merged into {survivor}: ask for that person."
        )
