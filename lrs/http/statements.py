"""The Statement resource (xAPI-Communication 2.1): PUT, POST, GET and ``more``."""

from __future__ import annotations

import contextlib
import email.utils
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import orjson
from flask import Blueprint, Response, request

from lrs.access import Scope
from lrs.attachments import Attached, AttachmentReader
from lrs.errors import BadRequest
from lrs.feed import Timeline
from lrs.http import multipart_answer
from lrs.http import statement_parameters as parameters
from lrs.http.door import principal, version
from lrs.http.languages import languages
from lrs.http.parameters import once, utf8, uuid
from lrs.http.statement_body import StatementBodies
from lrs.recording import Recording
from lrs.retrieval import Retrieval, StatementQuery
from lrs.xapi import text
from lrs.xapi.text import Received
from lrs.xapi.values import isoformat

# A consistent-through this old is still true; a fresh one at every GET is a write.
_CONSISTENT_SECONDS = 0.1
_THROUGH_HEADER = "X-Experience-API-Consistent-Through"


class StatementResource:
    """The handlers, with what they need."""

    def __init__(
        self,
        recording: Recording,
        retrieval: Retrieval,
        timeline: Timeline,
        bodies: StatementBodies,
        attachments: AttachmentReader,
        *,
        max_page: int,
    ) -> None:
        self._recording = recording
        self._retrieval = retrieval
        self._timeline = timeline
        self._bodies = bodies
        self._attachments = attachments
        self._max_page = max_page
        self._known = 0

    def post(self) -> Response:
        """Store one Statement or a batch, all or nothing; answer with the ids."""
        if request.args:
            raise BadRequest("POST statements takes no parameters.")
        who = principal()
        who.require(Scope.STATEMENTS_WRITE)  # before anything is read and kept
        with self._bodies.received(request, who.tenant) as sent:
            through = self._through()  # before: what is stored must not be answered 503
            recorded = self._recording.record(
                who, sent.statements, version(), contents=sent.contents
            )
        return self._answer(orjson.dumps(recorded.ids), through=through)

    def put(self) -> Response:
        """Store one Statement under the id of the address."""
        given = once(request.args)
        if set(given) != {"statementId"}:
            raise BadRequest("PUT statements takes the parameter statementId, alone.")
        statement_id = uuid("statementId", given["statementId"])
        who = principal()
        who.require(Scope.STATEMENTS_WRITE)
        with self._bodies.received(request, who.tenant) as sent:
            if sent.batch or not isinstance(sent.statements[0].value, dict):
                raise BadRequest("PUT takes one Statement, as an object.")
            through = self._through()
            self._recording.record(
                who,
                [_with_id(sent.statements[0], statement_id)],
                version(),
                contents=sent.contents,
            )
        return self._answer(b"", status=204, through=through)

    def get(self) -> Response:
        """Return one Statement, or a page of them."""
        utf8(request.query_string)
        given = once(request.args)
        single = parameters.SINGLE & set(given)
        if not single:
            if "more" in given:
                return self._more(given)
            return self._page(given, self._query(given))
        if len(single) > 1:
            raise BadRequest("Give statementId or voidedStatementId, not both.")
        extra = set(given) - parameters.WITH_SINGLE
        if extra:
            raise BadRequest(
                f"With {next(iter(single))} only format and attachments may stand."
            )
        return self._one(given, next(iter(single)))

    def _one(self, given: Mapping[str, str], name: str) -> Response:
        statement_id = uuid(name, given[name])
        query = self._query({key: given[key] for key in given if key != name})
        through = self._through()
        body, stored, attached = self._retrieval.one(
            principal(), statement_id, query, voided=name == "voidedStatementId"
        )
        response = self._answer(body, attached, query=query, through=through)
        response.headers["Last-Modified"] = email.utils.formatdate(
            stored // 1_000_000, usegmt=True
        )
        # Of the form asked for: without its boundary, which is another every time.
        form = b"\r\nmultipart/mixed" if query.attachments else b""
        response.set_etag(hashlib.sha1(body + form, usedforsecurity=False).hexdigest())
        return response

    def _more(self, given: Mapping[str, str]) -> Response:
        if set(given) != {"more"}:
            raise BadRequest("A more address is used as it was given.")
        former, after = parameters.read_more(given["more"])
        return self._page(former, replace(self._query(former), after=after))

    def _page(self, given: Mapping[str, str], query: StatementQuery) -> Response:
        through = self._through()
        page = self._retrieval.page(principal(), query)
        more = ""
        if page.after:
            token = parameters.more_token(given, page.after)
            more = f"{request.path}?more={token}"
        body = b'{"statements":[%b],"more":%b}' % (
            b",".join(page.texts),
            orjson.dumps(more),
        )
        return self._answer(body, page.attached, query=query, through=through)

    def _query(self, given: Mapping[str, str]) -> StatementQuery:
        return parameters.query(
            given, max_page=self._max_page, languages=languages(request)
        )

    def _through(self) -> int:
        # Taken before the query runs: what it promises is then in the answer.
        self._known = self._timeline.consistent_through(max_age=_CONSISTENT_SECONDS)
        return self._known

    def _answer(
        self,
        body: bytes,
        attached: Sequence[Attached] = (),
        *,
        status: int = 200,
        query: StatementQuery | None = None,
        through: int,
    ) -> Response:
        if query is not None and query.attachments:
            response = multipart_answer.answer(body, attached, self._attachments)
        else:
            response = Response(body, status, content_type="application/json")
        response.headers[_THROUGH_HEADER] = isoformat(through)
        return response

    def add_through(self, response: Response) -> Response:
        """Give a refusal the header that every answer of this resource has.

        Whoever is only refused sees the time go on too. Without the database the last
        one known will do, since an old one is never wrong.
        """
        if _THROUGH_HEADER not in response.headers and response.status_code < 500:
            with contextlib.suppress(Exception):
                self._through()
            response.headers[_THROUGH_HEADER] = isoformat(self._known)
        return response


def blueprint(resource: StatementResource) -> Blueprint:
    """Return the routes of the resource, to be mounted under /xapi."""
    routes = Blueprint("statements", __name__)
    routes.add_url_rule("/statements", "get", resource.get, methods=["GET"])
    routes.add_url_rule("/statements", "post", resource.post, methods=["POST"])
    routes.add_url_rule("/statements", "put", resource.put, methods=["PUT"])
    routes.after_request(resource.add_through)
    return routes


def _with_id(received: Received, statement_id: str) -> Received:
    standing = received.value.get("id")
    if "id" not in received.value:
        marked = text.complete(received, {"id": f'"{statement_id}"'})
        return Received(marked, {**received.value, "id": statement_id})
    if isinstance(standing, str) and standing.lower() != statement_id:
        raise BadRequest("The Statement's id is not the one of the address.")
    return received
