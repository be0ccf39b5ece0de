"""Reports as pages: the catalogue, and each report with filters, chart, table, files.

One page for all of them, so that a report that is added is there by itself. Rows come
by the page; a chart is of the whole, and every file too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime

from flask import Blueprint, Response, render_template, request

from analytics.charts.palette import STATUSES
from analytics.report_files import FORMATS, file_of, media_type
from analytics.reports.catalogue import PARAMETERS, Query, question, questions
from analytics.reports.choices import DAYS
from analytics.requirements import WORKER_TYPES
from analytics.web.figures import figure_block, links_block
from analytics.web.report_charts import CHARTS
from analytics.web.services import ReportResult
from analytics.web.visit import current, link
from lrs.errors import BadRequest, LrsError, NotFound

PAGE = 50  # rows
_ESTIMATES = ("training_effect", "training_effect_by_month")  # they have /effect
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_RATES = ("_rate", "_rate_below", "rate_low", "rate_high", "share", "share_of_people")
_ORDER = (
    *("unit", "requirement", "status", "location", "job", "manager", "worker_type"),
    *("person", "days", "months"),
)
_CHOICES = {
    "status": [(status.code, status.label) for status in STATUSES],
    "worker_type": [(name, name.capitalize()) for name in WORKER_TYPES],
    "days": [(str(number), f"{number} days") for number in DAYS],
}


def add_reports(pages: Blueprint) -> None:
    """Add /reports, /reports/<name> and its files."""

    @pages.get("/reports")
    def reports() -> str:
        return render_template("pages/reports.html", reports=_shown().values())

    @pages.get("/reports/<name>")
    def report(name: str) -> str:
        query = _known(name)
        given = _given()
        result = _run(name, given, limit=PAGE, after=request.args.get("after") or None)
        return render_template(
            "pages/report.html",
            report=query,
            title=titled(name),
            given=given,
            fields=_fields(query, result),
            kept={**given, "known_at": request.args.get("known_at")},
            result=result,
            kinds={column: _kind(column) for column in result.columns},
            onward=_onward(name, given, result),
            files=FORMATS,
            **_chart(name, given, result),
        )

    @pages.get("/reports/<name>/file.<wanted>")
    def report_file(name: str, wanted: str) -> Response:
        _known(name)
        if wanted not in FORMATS:
            raise NotFound(f"A report comes as {', '.join(FORMATS)}.")
        given = _given()
        result = _run(name, given)
        response = Response(file_of(result, wanted), content_type=media_type(wanted))
        parts = (name, given.get("unit", ""), current().day)
        said = "-".join(_NOT_IN_A_NAME.sub("_", part) for part in parts if part)
        response.headers.set(
            "Content-Disposition", "attachment", filename=f"{said}.{wanted}"
        )
        return response


def titled(name: str) -> str:
    """Return a name of a report or a column as people read it."""
    words = name.replace("_", " ").replace(" id", "")
    return words[:1].upper() + words[1:]


def _shown() -> dict[str, Query]:
    return {name: of for name, of in questions().items() if name not in _ESTIMATES}


def _known(name: str) -> Query:
    if name in _ESTIMATES:
        raise NotFound("The effect of training has a page of its own.")
    return question(name)


def _given() -> dict[str, str]:
    """Return the filters of the address; what a form sends blank is not given."""
    names = (PARAMETERS | {"person", "unit"}) - {"activity", "metric"}
    found = {name: request.args.get(name, "").strip() for name in sorted(names)}
    return {name: value for name, value in found.items() if value}


def _run(
    name: str,
    given: Mapping[str, str],
    *,
    limit: int | None = None,
    after: str | None = None,
) -> ReportResult:
    filters = {key: value for key, value in given.items() if key in PARAMETERS}
    return current().report(
        name,
        unit=given.get("unit"),
        person=given.get("person"),
        parameters=filters,
        known_at=_known_at(),
        limit=limit,
        after=after,
    )


def _known_at() -> datetime | None:
    text = request.args.get("known_at", "").strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadRequest("known_at takes a time such as 2026-01-31T12:00Z.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _fields(query: Query, result: ReportResult) -> list[dict[str, object]]:
    """Return the filters that the report takes, with their choices where few."""
    takes = query.takes() | {"unit"}
    titles = result.extra.get("titles")
    choices: dict[str, list[tuple[str, str]]] = dict(_CHOICES)
    if isinstance(titles, Mapping) and titles:
        choices["requirement"] = [(code, f"{code} {titles[code]}") for code in titles]
    return [
        {"name": name, "label": titled(name), "choices": choices.get(name)}
        for name in _ORDER
        if name in takes
    ]


def _chart(
    name: str, given: Mapping[str, str], result: ReportResult
) -> dict[str, object]:
    """Return the chart's figure and what it says, where the report has one."""
    if name not in CHARTS:
        return {"chart": None}
    chart = CHARTS[name]
    meta = current().meta
    rows = result.rows
    if chart.report != name or len(rows) != result.total:
        try:
            rows = _run(chart.report, given, limit=chart.most).rows
        except LrsError:  # the list takes a filter that its figures do not
            rows = []
        current().meta = meta
    if not rows:
        return {"chart": None}
    units = {str(row["unit_id"]) for row in rows} if chart.leads_to_units else ()
    links = {
        unit: link("report", name=name, **{**given, "unit": unit}) for unit in units
    }
    return {
        "chart": figure_block(chart.draw(rows)),
        "chart_links": links_block(links) if links else None,
        "chart_says": chart.says,
    }


def _onward(
    name: str, given: Mapping[str, str], result: ReportResult
) -> dict[str, str | None]:
    """Return the addresses of the next page and the first, of the same time."""
    pinned = result.meta.known_at.isoformat().replace("+00:00", "Z")
    said = {**given, "as_of": result.meta.as_of.isoformat(), "known_at": pinned}
    following = None
    if result.after is not None:
        following = link("report", name=name, **said, after=result.after)
    first = link("report", name=name, **given) if request.args.get("after") else None
    return {"next": following, "first": first}


def _kind(column: str) -> str:
    """Return how the page writes a column's values."""
    if column.endswith(_RATES):
        return "rate"
    known = {"status": "status", "person_id": "person", "unit_id": "unit"}
    return known.get(column, "plain")


def written(value: object) -> str:
    """Return a value that needs no link and no chip, as the page shows it."""
    if value is None or value == []:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
