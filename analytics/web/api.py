"""/api/v1/reports: the reports for other tools, and the page that shows the API.

A caller is an xAPI credential with the scope reports/read (or all), bound to its
tenant and, where set, to a unit. JSON is an array of rows; ``format`` or an Accept
header gives CSV, Parquet or XLSX. What a report holds for stands in the headers, how
many rows there are too, and the address of the next page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import marshmallow as ma
from flask import Flask, Response, render_template, request
from flask.views import MethodView

from analytics.report_files import FORMATS, code_version, file_of, media_type
from analytics.reports.catalogue import PARAMETERS, questions
from analytics.reports.result import MOST_ROWS
from analytics.web.security import add_headers
from analytics.web.services import ReportResult, ReportService
from lrs.access import Scope
from lrs.http.api import ApiBlueprint, NoParameters, RestApi, caller

_ANSWER = "The rows: a JSON array, CSV with a header line, Parquet or XLSX"
_ROWS = {
    "type": "array",
    "items": {
        "type": "object",
        "description": "A row. Its properties are the report's columns; they differ "
        "from report to report, and a report may gain some.",
    },
}
_HEADERS = {
    "X-Report-As-Of": {
        "description": "The day that the rows hold for.",
        "schema": {"type": "string", "format": "date"},
    },
    "X-Report-Known-At": {
        "description": "They say what was recorded by then.",
        "schema": {"type": "string", "format": "date-time"},
    },
    "X-Report-Enriched-Through": {
        "description": "Statements stored by then are in them.",
        "schema": {"type": "string", "format": "date-time"},
    },
    "X-Report-Unresolved-Share": {
        "description": "The share of Statements whose actor is nobody known.",
        "schema": {"type": "number"},
    },
    "X-Report-HR-Sources": {
        "description": "When the last delivery of each HR source was applied: "
        "name=time, with commas between them; names are percent-encoded.",
        "schema": {"type": "string"},
    },
    "X-Report-Total-Rows": {
        "description": "How many rows there are on all pages.",
        "schema": {"type": "integer"},
    },
    "X-Report-Code-Version": {
        "description": "The release that made them.",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": 'The address of the next page, rel="next"; absent on the last. '
        "It names as_of and known_at, so that rows stay where they are.",
        "schema": {"type": "string"},
    },
}


class ReportQuery(ma.Schema):
    """The parameters of every report."""

    as_of = ma.fields.Date(metadata={"description": "The day; absent: today (UTC)."})
    known_at = ma.fields.AwareDateTime(
        metadata={"description": "Only what was recorded by then; absent: all."}
    )
    unit = ma.fields.String(metadata={"description": "A unit and everything below it."})
    person = ma.fields.String(metadata={"description": "An employee_id."})
    requirement = ma.fields.String(metadata={"description": "A requirement's code."})
    status = ma.fields.String(metadata={"description": "A status, in capitals."})
    location = ma.fields.String(metadata={"description": "A location_id."})
    job = ma.fields.String(metadata={"description": "A job_code."})
    manager = ma.fields.String(
        metadata={"description": "The employee_id of people's manager."}
    )
    worker_type = ma.fields.String(
        metadata={"description": "employee, contractor, customer or partner."}
    )
    days = ma.fields.String(
        validate=ma.validate.OneOf(["30", "60", "90"]),
        metadata={"description": "What expires within so many days (expiring)."},
    )
    months = ma.fields.String(
        validate=ma.validate.Regexp(r"[1-9][0-9]?\Z"),
        metadata={"description": "How many points, 1 to 60 (compliance_trend)."},
    )
    activity = ma.fields.String(metadata={"description": "An Activity id (effects)."})
    metric = ma.fields.String(metadata={"description": "A metric (effects)."})
    format = ma.fields.String(
        validate=ma.validate.OneOf(FORMATS),
        metadata={"description": "json (the default), csv, parquet or xlsx."},
    )
    limit = ma.fields.Integer(
        validate=ma.validate.Range(1, MOST_ROWS),
        metadata={"description": "Rows of a page; absent: all of them."},
    )
    after = ma.fields.String(
        metadata={"description": "Where a page begins: as the Link of the one before."}
    )


class ReportEntry(ma.Schema):
    """A report of the catalogue."""

    name = ma.fields.String(required=True)
    purpose = ma.fields.String(required=True)
    grain = ma.fields.String(
        required=True, metadata={"description": "What a row stands for."}
    )


def install(app: Flask, api: RestApi, reports: ReportService) -> None:
    """Add /api/v1/reports, and the page /api/docs over all routes of the API."""
    routes = ApiBlueprint(
        "reports", __name__, url_prefix="/api/v1/reports", description="Reports"
    )
    routes.needs(Scope.REPORTS_READ)

    @routes.route("")
    class Catalogue(MethodView):
        @routes.arguments(NoParameters, location="query")
        @routes.response(200, ReportEntry(many=True))
        def get(self, _given: object) -> list[dict[str, str]]:
            """List the reports with a sentence each."""
            return [
                {"name": item.name, "purpose": item.purpose, "grain": item.grain}
                for item in questions().values()
            ]

    named = {"in": "path", "name": "name", "schema": {"enum": list(questions())}}

    @routes.route("/<name>", parameters=[named])
    class Report(MethodView):
        @routes.arguments(ReportQuery, location="query")
        @routes.response(200, _ROWS, description=_ANSWER, headers=_HEADERS)
        @_in_other_formats(routes)
        @routes.alt_response(404, description="No such report or unit")
        def get(self, given: dict[str, Any], name: str) -> Response:
            """Run a report."""
            who = caller()
            wanted = given.pop("format", None) or _accepted()
            parameters = {
                key: given.pop(key) for key in PARAMETERS if given.get(key) is not None
            }
            result = reports.run(
                name,
                who.tenant,
                scope_unit=who.unit,
                parameters=parameters,
                **given,
            )
            response = _response(result, wanted)
            if result.after is not None:
                response.headers["Link"] = f'<{_next(result)}>; rel="next"'
            return response

    api.register_blueprint(routes)

    @app.get("/api/docs")
    def docs() -> Response:
        page = render_template(
            "pages/api.html", spec=api.spec.to_dict(), reports=questions().values()
        )
        return add_headers(Response(page))


def _in_other_formats(routes: ApiBlueprint) -> Callable[[Any], Any]:
    """Describe the answers that are not JSON."""

    def describe(act: Any) -> Any:
        for name in FORMATS[1:]:
            kind = media_type(name).partition(";")[0]
            schema = {"type": "string"}
            if name != "csv":
                schema["format"] = "binary"
            act = routes.alt_response(
                200, schema=schema, content_type=kind, description=_ANSWER
            )(act)
        return act

    return describe


def _accepted() -> str:
    kinds = {media_type(name).partition(";")[0]: name for name in FORMATS}
    best = request.accept_mimetypes.best_match(list(kinds), "application/json")
    return kinds[best]


def _next(result: ReportResult) -> str:
    """Return the address of the next page, of the same day and time."""
    given = request.args.to_dict() | {
        "as_of": result.meta.as_of.isoformat(),
        "known_at": result.meta.known_at.isoformat().replace("+00:00", "Z"),
        "after": result.after,
    }
    return f"{request.path}?{urlencode(given)}"


def _response(result: ReportResult, wanted: str) -> Response:
    response = Response(file_of(result, wanted), content_type=media_type(wanted))
    meta = result.meta
    response.headers["X-Report-As-Of"] = meta.as_of.isoformat()
    response.headers["X-Report-Known-At"] = meta.known_at.isoformat()
    if meta.enriched_through is not None:
        response.headers["X-Report-Enriched-Through"] = (
            meta.enriched_through.isoformat()
        )
    if meta.former_manager_days:
        response.headers["X-Report-Former-Manager-Days"] = str(meta.former_manager_days)
    if meta.unresolved_share is not None:
        response.headers["X-Report-Unresolved-Share"] = f"{meta.unresolved_share:.4f}"
    if meta.sources:
        response.headers["X-Report-HR-Sources"] = ",".join(
            f"{quote(name, safe='')}={at.isoformat()}"
            for name, at in sorted(meta.sources.items())
        )
    if result.total is not None:
        response.headers["X-Report-Total-Rows"] = str(result.total)
    response.headers["X-Report-Code-Version"] = code_version()
    response.headers["Cache-Control"] = "no-store"
    return response
