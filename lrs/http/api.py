"""The frame of /api/v1: one API for all of its routes, described by OpenAPI.

A room that has routes makes an ``ApiBlueprint`` and registers it on the ``RestApi``
of the application. What comes with it: the caller is known before anything of the
request is read (401), ``needs`` names the scopes (403), parameters are read strictly
(400), and every error is described as the problem that it is. The page /api/docs and
/api/openapi.json show whatever is registered.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import marshmallow as ma
from flask import Flask, Request, g
from flask_smorest import Api, Blueprint
from webargs import core
from webargs.flaskparser import FlaskParser

from lrs.access import Principal, Scope
from lrs.errors import BadRequest
from lrs.http.parameters import shown
from lrs.http.problems import MEDIA_TYPE
from lrs.xapi import text

# What a refusal means, where a route does not say more itself.
_MEANING = {
    400: "A parameter or the body is wrong",
    401: "No valid credential",
    403: "The credential lacks the scope",
    404: "Nothing of that name",
    409: "It contradicts what is stored",
    413: "The body is over a limit of the settings",
    415: "This Content-Type or Content-Encoding is not taken",
    429: "Over the credential's rate; Retry-After says when to go on",
    503: "The database cannot be reached; try again",
}
_OF_EVERY_ROUTE = (401, 403, 429, 503)


class QueryParser(FlaskParser):
    """Refuses unknown, repeated and wrong parameters, with 400 as everywhere else."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - the base class reads it so
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": ma.RAISE,
    }

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        """Return the parameters; each stands once."""
        for name in req.args:
            if len(req.args.getlist(name)) > 1:
                raise BadRequest(f"{shown(name)} stands more than once.")
        return super().load_querystring(req, schema)

    def _raw_load_json(self, req: Request) -> Any:
        # Read as strictly as Statements are: no repeated key, no NaN.
        if req.mimetype != "application/json":
            raise BadRequest("The Content-Type must be application/json.")
        body = req.get_data()
        try:
            return text.parse(body) if body else core.missing
        except text.NotJson as error:
            raise BadRequest(str(error)) from None

    def handle_error(  # type: ignore[override]
        self, error: ma.ValidationError, *args: object, **kwargs: object
    ) -> None:
        """Raise our own error, so that the answer is problem+json."""
        told = "; ".join(
            f"{_of_location(location)}: {_told(found)}"
            for location, found in sorted(error.messages_dict.items())
        )
        raise BadRequest(told)


def _of_location(location: str) -> str:
    return {"query": "Query parameters", "json": "The body"}.get(location, location)


def _told(found: Any) -> str:
    if isinstance(found, dict):
        return "; ".join(
            f"{shown(str(name))}: {_told(inner)}"
            for name, inner in sorted(found.items(), key=lambda item: str(item[0]))
        )
    return " ".join(map(str, found)) if isinstance(found, list) else str(found)


class NoParameters(ma.Schema):
    """The parameters of a route that takes none: any is refused."""


class Violation(ma.Schema):
    """One broken rule: where, which, and a sentence."""

    path = ma.fields.String(required=True)
    rule = ma.fields.String(required=True)
    message = ma.fields.String(required=True)


class Problem(ma.Schema):
    """An error, as application/problem+json (RFC 9457)."""

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String()
    instance = ma.fields.String(metadata={"description": "The request's id."})
    violations = ma.fields.List(ma.fields.Nested(Violation))
    violations_total = ma.fields.Integer(
        metadata={"description": "How many there are, where not all are shown."}
    )


class RestApi(Api):
    """The API; its errors are problems, and only those that are named happen."""

    ERROR_SCHEMA = Problem
    DEFAULT_ERROR_RESPONSE_NAME = None


class ApiBlueprint(Blueprint):
    """Routes under /api/v1; read strictly, their refusals described as problems."""

    ARGUMENTS_PARSER = QueryParser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(self._describe_problems)
        self._scopes = ""

    def needs(self, *scopes: Scope) -> None:
        """Demand one of these scopes for every route, before parameters are read."""
        self._scopes = " or ".join([*scopes, Scope.ALL])

        @self.before_request
        def check() -> None:
            caller().require(*scopes)

    def _describe_problems(
        self, doc: dict[str, Any], _info: object, **_kwargs: object
    ) -> dict[str, Any]:
        """Give every refusal of an operation its sentence and the problem's schema."""
        found = doc.setdefault("responses", {})
        for status in _OF_EVERY_ROUTE:
            found.setdefault(status, {})
        for status, response in found.items():
            if int(status) >= 400:
                found[status] = {
                    "description": self._meaning(int(status), response),
                    "content": {MEDIA_TYPE: {"schema": Problem}},
                }
        doc["responses"] = {status: found[status] for status in sorted(found, key=int)}
        return doc

    def _meaning(self, status: int, response: Any) -> str:
        said = response.get("description") if isinstance(response, dict) else None
        if said and said != HTTPStatus(status).phrase:
            return str(said)
        scopes = f" {self._scopes}" if status == 403 else ""
        return f"{_MEANING[status]}{scopes}"


def caller() -> Principal:
    """Return who sent the present request to /api/v1."""
    return g.principal  # type: ignore[no-any-return]


def create_api(app: Flask, release: str) -> RestApi:
    """Return the API of the application, with /api/openapi.json and no routes yet."""
    app.config.update(
        API_TITLE="Workforce LRS",
        API_VERSION=release,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )

    return RestApi(
        app,
        spec_kwargs={
            "components": {
                "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}}
            },
            "security": [{"basic": []}],
        },
    )
