"""GET /api/v1/statements/cmi5-violations: stored Statements that break rules of cmi5.

What a tenant in the mode warn has let in, the newest first, page by page. A ``more``
address carries the limit and the last place, like that of GET statements.
"""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import request
from flask.views import MethodView

from lrs.access import Scope
from lrs.cmi5_violations import Cmi5Violations, Flagged
from lrs.errors import BadRequest
from lrs.http.api import ApiBlueprint, Violation, caller
from lrs.http.statement_parameters import more_token, read_more
from lrs.xapi.values import isoformat


class Cmi5ViolationsQuery(ma.Schema):
    """Which page."""

    limit = ma.fields.Integer(
        validate=ma.validate.Range(min=1, max=10**9),
        metadata={"description": "Most Statements in the answer; at most LRS_MAX_PAGE"},
    )
    more = ma.fields.String(
        metadata={"description": "Where to go on: as the last answer gave it, alone"}
    )


class FlaggedStatement(ma.Schema):
    """A Statement and the rules that it broke as it was stored."""

    statement_id = ma.fields.String(required=True, metadata={"format": "uuid"})
    stored = ma.fields.String(required=True, metadata={"format": "date-time"})
    violations = ma.fields.List(ma.fields.Nested(Violation), required=True)


class Cmi5ViolationsPage(ma.Schema):
    """A page, the newest first."""

    statements = ma.fields.List(ma.fields.Nested(FlaggedStatement), required=True)
    more = ma.fields.String(
        required=True,
        metadata={"description": "The address of the next page; empty on the last"},
    )


def blueprint(violations: Cmi5Violations, *, max_page: int) -> ApiBlueprint:
    """Return the route."""
    routes = ApiBlueprint(
        "cmi5-violations",
        __name__,
        url_prefix="/api/v1/statements",
        description="Statements that break rules of cmi5",
    )
    routes.needs(Scope.ALL_READ, Scope.STATEMENTS_READ)

    @routes.route("/cmi5-violations")
    class Violations(MethodView):
        @routes.arguments(Cmi5ViolationsQuery, location="query")
        @routes.response(200, Cmi5ViolationsPage)
        def get(self, given: dict[str, Any]) -> dict[str, Any]:
            """List stored Statements that break rules of cmi5; voided ones are not."""
            limit, after = given.get("limit", max_page), None
            if "more" in given:
                if len(given) > 1:
                    raise BadRequest("A more address is used as it was given.")
                former, after = read_more(given["more"])
                limit = _limit(former.get("limit", ""))
            limit = min(limit, max_page)
            page = violations.page(caller(), limit, after)
            more = ""
            if page.after:
                token = more_token({"limit": str(limit)}, page.after)
                more = f"{request.path}?more={token}"
            return {"statements": [_shown(it) for it in page.statements], "more": more}

    return routes


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text)):
        raise BadRequest("This more address is not one that this server gave.")
    return int(text)


def _shown(item: Flagged) -> dict[str, Any]:
    return {
        "statement_id": item.statement_id,
        "stored": isoformat(item.stored),
        "violations": [violation.as_dict() for violation in item.violations],
    }
