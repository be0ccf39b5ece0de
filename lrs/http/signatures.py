"""GET /api/v1/statements/ID/signatures: what came of a Statement's signatures.

Spec: xAPI-Data 2.6, which asks the LRS to check signatures but gives it no place to say
what it found. The records are those of lrs.xapi.signature, from the day of storing: a
chain that has expired since is still told as it was then.
"""

from __future__ import annotations

import uuid
from typing import Any

import marshmallow as ma
from flask.views import MethodView

from lrs.access import Scope
from lrs.http.api import ApiBlueprint, NoParameters, caller
from lrs.retrieval import Retrieval
from lrs.xapi.certificate_chain import OUTCOMES
from lrs.xapi.jws import ALGORITHMS


def _text(description: str, **given: Any) -> ma.fields.String:
    return ma.fields.String(
        required=True, metadata={"description": description}, **given
    )


class SignerCertificate(ma.Schema):
    """The certificate whose key made the signature, the first of x5c."""

    subject = _text("Its name (RFC 4514)")
    issuer = _text("The name of who issued it (RFC 4514)")
    serial = _text("Its number, in hexadecimal digits")
    sha256 = _text("Its fingerprint, in hexadecimal digits")
    not_before = _text("The first second at which it is valid")
    not_after = _text("The last second at which it is valid")


class Signature(ma.Schema):
    """One signature, as it was found when the Statement was stored."""

    sha2 = _text("The hash of the attachment")
    algorithm = _text("The algorithm", validate=ma.validate.OneOf(ALGORITHMS))
    verified = ma.fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "null where there was no certificate to verify with"},
    )
    certificate = ma.fields.Nested(SignerCertificate, required=True, allow_none=True)
    chain = _text(
        "What is to be said of the certificates",
        validate=ma.validate.OneOf(OUTCOMES),
        allow_none=True,
    )
    reason = _text("The same in sentences")
    covers_attachments = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "Whether the Statement's other attachments were signed too"
        },
    )


class Signatures(ma.Schema):
    """All signatures of a Statement, in the order of its attachments."""

    signatures = ma.fields.List(ma.fields.Nested(Signature), required=True)


def blueprint(retrieval: Retrieval) -> ApiBlueprint:
    """Return the route."""
    routes = ApiBlueprint(
        "signatures",
        __name__,
        url_prefix="/api/v1/statements",
        description="Signed Statements",
    )
    routes.needs(Scope.ALL_READ, Scope.STATEMENTS_READ, Scope.STATEMENTS_READ_MINE)

    @routes.route("/<uuid:statement_id>/signatures")
    class OfStatement(MethodView):
        @routes.arguments(NoParameters, location="query")
        @routes.response(200, Signatures)
        @routes.alt_response(404)
        def get(self, _given: dict[str, Any], statement_id: uuid.UUID) -> Any:
            """List the signatures of a Statement, voided or not; none is an answer."""
            return {"signatures": retrieval.signatures(caller(), str(statement_id))}

    return routes
