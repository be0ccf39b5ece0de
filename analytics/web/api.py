"""/api/v1/reports: the reports for other tools, and the page that shows the API.

A caller is an xAPI credential with the scope reports/read (or all), bound to its
tenant and, where set, to a unit. JSON is an array of rows; ``format=csv`` or an Accept
header of text/csv gives CSV. What a report holds for stands in the headers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import marshmallow as ma
import orjson
from flask import Flask, Response, render_template, request
from flask.views import MethodView

from analytics.reports.catalogue import PARAMETERS, questions
from analytics.spreadsheets import csv_text
from analytics.web.security import add_headers
from analytics.web.services import ReportResult, ReportService
from lrs.access import Scope
from lrs.http.api import ApiBlueprint, NoParameters, RestApi, caller

_ANSWER = "The rows, as a JSON array or as CSV with a header line"
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
    activity = ma.fields.String(metadata={"description": "An Activity id (effects)."})
    metric = ma.fields.String(metadata={"description": "A metric (effects)."})
    format = ma.fields.String(
        validate=ma.validate.OneOf(["json", "csv"]),
        metadata={"description": "json (the default) or csv."},
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
        @routes.alt_response(
            200, schema={"type": "string"}, content_type="text/csv", description=_ANSWER
        )
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
            return _response(result, wanted)

    api.register_blueprint(routes)

    @app.get("/api/docs")
    def docs() -> Response:
        page = render_template(
            "pages/api.html", spec=api.spec.to_dict(), reports=questions().values()
        )
        return add_headers(Response(page))


def _accepted() -> str:
    best = request.accept_mimetypes.best_match(["application/json", "text/csv"])
    return "csv" if best == "text/csv" else "json"


def _response(result: ReportResult, wanted: str) -> Response:
    if wanted == "csv":
        response = Response(
            csv_text(result.columns, result.rows),
            content_type="text/csv; charset=utf-8",
        )
    else:
        response = Response(to_json(result.rows), content_type="application/json")
    meta = result.meta
    response.headers["X-Report-As-Of"] = meta.as_of.isoformat()
    response.headers["X-Report-Known-At"] = meta.known_at.isoformat()
    if meta.enriched_through is not None:
        response.headers["X-Report-Enriched-Through"] = (
            meta.enriched_through.isoformat()
        )
    if meta.unresolved_share is not None:
        response.headers["X-Report-Unresolved-Share"] = f"{meta.unresolved_share:.4f}"
    response.headers["Cache-Control"] = "no-store"
    return response


def to_json(rows: Sequence[Mapping[str, object]]) -> bytes:
    """Return rows as a JSON array of objects; days and times in ISO 8601."""
    return orjson.dumps(rows, option=orjson.OPT_UTC_Z)
