"""/api/v1: the reports for other tools, described by OpenAPI.

A caller is an xAPI credential with the scope reports/read (or all), bound to its
tenant and, where set, to a unit. JSON is an array of rows; ``format=csv`` or an Accept
header of text/csv gives CSV. What a report holds for stands in the headers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import marshmallow as ma
import orjson
from flask import Flask, Response, render_template, request
from flask.views import MethodView
from flask_smorest import Api, Blueprint
from webargs.flaskparser import FlaskParser

from analytics.reports.catalogue import questions
from analytics.reports.reports import PARAMETERS, Reports
from analytics.reports.result import ReportResult
from analytics.web.security import add_headers
from analytics.web.tables import csv_text
from lrs.access import Principal, Scope
from lrs.errors import BadRequest


class QueryParser(FlaskParser):
    """Refuses unknown query parameters, with 400 as everywhere else."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - the base class reads it so
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": ma.RAISE,
    }

    def handle_error(  # type: ignore[override]
        self, error: ma.ValidationError, *args: object, **kwargs: object
    ) -> None:
        """Raise our own error, so that the answer is problem+json."""
        messages = error.messages_dict.get("query", {})
        told = "; ".join(
            f"{name[:40]}: {' '.join(map(str, found))}"
            for name, found in sorted(messages.items())
        )
        raise BadRequest(f"Query parameters: {told}")


class Violation(ma.Schema):
    """One broken rule."""

    path = ma.fields.String()
    rule = ma.fields.String()
    message = ma.fields.String()


class Problem(ma.Schema):
    """An error, as application/problem+json (RFC 9457)."""

    type = ma.fields.String()
    title = ma.fields.String()
    status = ma.fields.Integer()
    detail = ma.fields.String()
    instance = ma.fields.String()
    violations = ma.fields.List(ma.fields.Nested(Violation))


class ReportApi(Api):
    """The API; its errors are problems."""

    ERROR_SCHEMA = Problem


class ReportBlueprint(Blueprint):
    """A blueprint whose arguments are read strictly."""

    ARGUMENTS_PARSER = QueryParser()


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
    activity = ma.fields.String(metadata={"description": "An Activity id (effects)."})
    metric = ma.fields.String(metadata={"description": "A metric (effects)."})
    format = ma.fields.String(
        validate=ma.validate.OneOf(["json", "csv"]),
        metadata={"description": "json (the default) or csv."},
    )


class ReportEntry(ma.Schema):
    """A report of the catalogue."""

    name = ma.fields.String()
    purpose = ma.fields.String()
    grain = ma.fields.String()


def install(
    app: Flask, release: str, reports: Reports, principal: Callable[[], Principal]
) -> None:
    """Add /api/v1, its description /api/openapi.json and the page /api/docs."""
    app.config.update(
        API_TITLE="Workforce LRS",
        API_VERSION=release,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = ReportApi(
        app,
        spec_kwargs={
            "components": {
                "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}}
            },
            "security": [{"basic": []}],
        },
    )
    routes = ReportBlueprint(
        "reports", __name__, url_prefix="/api/v1/reports", description="Reports"
    )

    @routes.before_request
    def sign_in() -> None:
        # Before the parameters are read: a stranger learns nothing of them.
        principal().require(Scope.REPORTS_READ)

    @routes.route("")
    class Catalogue(MethodView):
        @routes.response(200, ReportEntry(many=True))
        def get(self) -> list[dict[str, str]]:
            """List the reports with a sentence each."""
            return [
                {"name": item.name, "purpose": item.purpose, "grain": item.grain}
                for item in questions().values()
            ]

    @routes.route("/<name>")
    class Report(MethodView):
        @routes.arguments(ReportQuery, location="query")
        @routes.response(200, description="The rows: a JSON array, or CSV")
        @routes.alt_response(400, description="A parameter is wrong (problem+json)")
        @routes.alt_response(404, description="No such report or unit (problem+json)")
        def get(self, given: dict[str, Any], name: str) -> Response:
            """Run a report."""
            caller = principal()
            for parameter in request.args:
                if len(request.args.getlist(parameter)) > 1:
                    raise BadRequest(f"{parameter[:40]} stands more than once.")
            wanted = given.pop("format", None) or _accepted()
            parameters = {
                key: given.pop(key) for key in PARAMETERS if given.get(key) is not None
            }
            result = reports.run(
                name,
                caller.tenant,
                scope_unit=caller.unit,
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
