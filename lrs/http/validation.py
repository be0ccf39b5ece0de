"""POST /api/v1/statements/validate: says what is wrong with Statements, stores nothing.

The body is what would be sent to /xapi/statements (one Statement or an array), or
NDJSON. What is not JSON is an answer too, with its place: only a body that is empty,
too large or of another media type is refused.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

import marshmallow as ma
from flask import request
from flask.views import MethodView

from lrs import records
from lrs.access import Scope
from lrs.errors import BadRequest, TooLarge, UnsupportedMediaType
from lrs.http.api import ApiBlueprint, Violation
from lrs.http.body import read_body
from lrs.records import Record
from lrs.validation import MOST_SHOWN, Totals, judge
from lrs.validation import Verdict as Judged
from lrs.xapi.versions import Version, negotiate

HEADER = "X-Experience-API-Version"
_JSON, _NDJSON = "application/json", "application/x-ndjson"
_MOST_IN_ALL = 10_000  # violations in one answer, so that it stays of a size
_BODY = {
    "required": True,
    "description": "Statements in any state, as they would be sent to /xapi/statements "
    "without attachments: one, an array, or one a line.",
    "content": {
        # No schema: what is no Statement, and what is no JSON, is an answer too.
        _JSON: {"schema": {}},
        _NDJSON: {"schema": {"type": "string"}},
    },
}


class ValidationQuery(ma.Schema):
    """How the Statements are judged."""

    version = ma.fields.String(
        validate=ma.validate.OneOf([item.value for item in Version]),
        metadata={
            "description": "By the rules of which version. Absent: that of the header "
            f"{HEADER}; without it, of each Statement's own version property; without "
            "that, 1.0.3."
        },
    )
    cmi5 = ma.fields.String(
        validate=ma.validate.OneOf(["true", "false"]),
        metadata={"description": "Whether by the rules of cmi5 too; absent: false."},
    )


class ValidationHeaders(ma.Schema):
    """What a header may say instead of the parameter."""

    version = ma.fields.String(
        data_key=HEADER,
        metadata={
            "description": "An xAPI version; used where the parameter is absent.",
            "example": "1.0.3",
            "pattern": r"^[12]\.0(\.[0-9][0-9A-Za-z.-]*)?$",
        },
    )


class Verdict(ma.Schema):
    """What is wrong with one Statement."""

    position = ma.fields.Integer(
        required=True, metadata={"description": "Counts the Statements, from 1."}
    )
    line = ma.fields.Integer(
        required=True, metadata={"description": "Where it begins in the body, from 1."}
    )
    id = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Its id; null where it is no UUID."},
    )
    version = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "By whose rules; null for what is not JSON."},
    )
    valid = ma.fields.Boolean(required=True)
    violations = ma.fields.List(
        ma.fields.Nested(Violation),
        required=True,
        metadata={
            "description": f"The first {MOST_SHOWN}; fewer where all Statements "
            f"together have more than {_MOST_IN_ALL}."
        },
    )
    violations_total = ma.fields.Integer(required=True)


class BrokenRule(ma.Schema):
    """How often a rule is broken."""

    rule = ma.fields.String(required=True)
    violations = ma.fields.Integer(required=True)
    statements = ma.fields.Integer(required=True)


class ValidationTotals(ma.Schema):
    """The sums."""

    statements = ma.fields.Integer(required=True)
    valid = ma.fields.Integer(required=True)
    invalid = ma.fields.Integer(required=True)
    violations = ma.fields.Integer(required=True)


class Validation(ma.Schema):
    """The verdicts, in the order of the body, and their sums."""

    statements = ma.fields.List(ma.fields.Nested(Verdict), required=True)
    totals = ma.fields.Nested(ValidationTotals, required=True)
    rules = ma.fields.List(ma.fields.Nested(BrokenRule), required=True)


def blueprint(*, max_request_bytes: int, max_statements: int) -> ApiBlueprint:
    """Return the route."""
    routes = ApiBlueprint(
        "validation",
        __name__,
        url_prefix="/api/v1/statements",
        description="Statements",
    )
    # Who may store Statements may ask what storing them would meet.
    routes.needs(Scope.STATEMENTS_WRITE)

    @routes.route("/validate")
    class Validate(MethodView):
        @routes.doc(requestBody=_BODY)
        @routes.arguments(ValidationQuery, location="query")
        @routes.arguments(ValidationHeaders, location="headers")
        @routes.response(200, Validation)
        @routes.alt_response(413)
        @routes.alt_response(415)
        def post(
            self, query: dict[str, str], headers: dict[str, str]
        ) -> tuple[dict[str, Any], dict[str, str]]:
            """Say what is wrong with Statements, rule by rule; store nothing."""
            version = _version(query.get("version"), headers.get("version"))
            verdicts = judge(
                _records(read_body(request, max_request_bytes)),
                version=version,
                cmi5=query.get("cmi5") == "true",
                ids_once=True,
            )
            return _answer(verdicts, max_statements), {"Cache-Control": "no-store"}

    return routes


def _answer(verdicts: Iterable[Judged], max_statements: int) -> dict[str, Any]:
    totals, left = Totals(), _MOST_IN_ALL
    shown: list[dict[str, Any]] = []
    for verdict in verdicts:
        if totals.statements == max_statements:
            raise TooLarge(
                f"The body has more than {max_statements} Statements "
                "(LRS_MAX_STATEMENTS)."
            )
        totals.add(verdict)
        shown.append(verdict.as_dict(min(left, MOST_SHOWN)))
        left -= len(shown[-1]["violations"])
    return {
        "statements": shown,
        "totals": totals.as_dict(),
        "rules": totals.by_rule(),
    }


def _version(parameter: str | None, header: str | None) -> Version | None:
    spoken = None if header is None else negotiate(header)
    if header is not None and spoken is None:
        raise BadRequest(f"The header {HEADER} must be 1.0.3 or 2.0.0, or absent.")
    return spoken if parameter is None else Version(parameter)


def _records(body: bytes) -> Iterator[Record]:
    if request.mimetype not in (_JSON, _NDJSON):
        raise UnsupportedMediaType(f"The Content-Type must be {_JSON} or {_NDJSON}.")
    if not body or body.isspace():
        raise BadRequest("The body is empty.")
    stream = io.BytesIO(body)
    if request.mimetype == _NDJSON:
        return records.lines(stream)
    if body.lstrip().startswith(b"["):
        return records.array(stream)
    return records.one(stream)
