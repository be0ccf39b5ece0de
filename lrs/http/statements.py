"""The Statement resource (xAPI-Communication 2.1): PUT, POST, GET and ``more``."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from wsgiref.handlers import format_date_time

import orjson
from flask import Blueprint, Response, g, request

from lrs.access import Scope
from lrs.attachments import Attached, AttachmentReader
from lrs.errors import BadRequest, Unavailable
from lrs.feed import Timeline
from lrs.http import added_headers, multipart_answer
from lrs.http import statement_parameters as parameters
from lrs.http.application import Answer
from lrs.http.door import principal, version
from lrs.http.languages import languages
from lrs.http.parameters import given as parameters_of
from lrs.http.parameters import uuid
from lrs.http.statement_body import StatementBodies
from lrs.recording import Recording
from lrs.retrieval import Retrieval, StatementPage, StatementQuery
from lrs.xapi.completion import complete
from lrs.xapi.text import Received
from lrs.xapi.values import isoformat

# A consistent-through this old is still true; a fresh one at every GET is a write. Who
# stores does not read: an older one will do.
_CONSISTENT_SECONDS, _WRITING_SECONDS = 0.1, 0.5
# A header that another process gave is not further ahead of ours (microseconds).
_AHEAD = 60_000_000
_READS = 5
_PLAIN = StatementQuery()  # of one Statement
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
        if request.query_string:
            raise BadRequest("POST statements takes no parameters.")
        who = principal()
        who.require(Scope.STATEMENTS_WRITE)  # before anything is read and kept
        with self._bodies.received(request, who.tenant) as sent:
            # Before: what is stored must not be answered 503.
            through = self._through(_WRITING_SECONDS)
            recorded = self._recording.record(
                who, sent.statements, version(), contents=sent.contents
            )
        return self._answer(orjson.dumps(recorded.ids), through=through)

    def put(self) -> Response:
        """Store one Statement under the id of the address."""
        given = parameters_of(request)
        if set(given) != {"statementId"}:
            raise BadRequest("PUT statements takes the parameter statementId, alone.")
        statement_id = uuid("statementId", given["statementId"])
        who = principal()
        who.require(Scope.STATEMENTS_WRITE)
        with self._bodies.received(request, who.tenant) as sent:
            if sent.batch or not isinstance(sent.statements[0].value, dict):
                raise BadRequest("PUT takes one Statement, as an object.")
            through = self._through(_WRITING_SECONDS)
            self._recording.record(
                who,
                [_with_id(sent.statements[0], statement_id)],
                version(),
                contents=sent.contents,
            )
        return self._answer(b"", status=204, through=through)

    def get(self) -> Response:
        """Return one Statement, or a page of them."""
        given = parameters_of(request)
        single = parameters.SINGLE & given.keys()
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
        query = _PLAIN
        if len(given) > 1:
            query = self._query({key: given[key] for key in given if key != name})
        through = self._through()
        text, stored, attached = self._retrieval.one(
            principal(), statement_id, query, voided=name == "voidedStatementId"
        )
        body = text.encode()
        response = self._answer(body, attached, query=query, through=through)
        modified = format_date_time(stored // 1_000_000)
        # Of the form asked for: without its boundary, which is another every time.
        form = b"\r\nmultipart/mixed" if query.attachments else b""
        tag = hashlib.sha1(body + form, usedforsecurity=False).hexdigest()
        added_headers.add(("Last-Modified", modified), ("ETag", f'"{tag}"'))
        return response

    def _more(self, given: Mapping[str, str]) -> Response:
        if set(given) != {"more"}:
            raise BadRequest("A more address is used as it was given.")
        former, after = parameters.read_more(given["more"])
        return self._page(former, replace(self._query(former), after=after))

    def _page(self, given: Mapping[str, str], query: StatementQuery) -> Response:
        page, through = self._read(query)
        more = ""
        if page.after:
            token = parameters.more_token(given, page.after)
            more = f"{request.path}?more={token}"
        # All of it is encoded at once. An address like this one needs no escapes.
        body = f'{{"statements":[{",".join(page.texts)}],"more":"{more}"}}'.encode()
        return self._answer(body, page.attached, query=query, through=through)

    def _query(self, given: Mapping[str, str]) -> StatementQuery:
        wanted = languages(request) if given.get("format") == "canonical" else ()
        return parameters.query(given, max_page=self._max_page, languages=wanted)

    def _read(self, query: StatementQuery) -> tuple[StatementPage, int]:
        """Read a page; with it, a consistent-through that is not ahead of it.

        Up to ``until`` it is complete where that is a header of any process: whoever
        reads at a server that lags behind would else miss what others have stored.
        """
        for _ in range(_READS):
            reign = self._timeline.reign()
            through = self._through()
            if query.until is not None and 0 < query.until - through < _AHEAD:
                through = self._through(0.0)
            page = self._retrieval.page(principal(), query)
            if self._timeline.reign() == reign:
                return page, through
        raise Unavailable(
            "The database's servers change places; try again.",
            headers={"Retry-After": "2"},
        )

    def _through(self, max_age: float = _CONSISTENT_SECONDS) -> int:
        # Taken before the query runs: what it promises is then in the answer.
        self._known = self._timeline.consistent_through(max_age=max_age)
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
            response = Answer(body, status, content_type="application/json")
        g.through = through
        return response

    def add_through(self, response: Response) -> Response:
        """Give an answer the header that every one of this resource has.

        Whoever is only refused sees the time go on too. Without the database the last
        one known will do, since an old one is never wrong.
        """
        through: int | None = g.get("through")
        if through is None and response.status_code < 500:
            with contextlib.suppress(Exception):
                self._through()
            through = self._known
        if through is not None:
            added_headers.add((_THROUGH_HEADER, isoformat(through)))
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
        marked = complete(received, {"id": f'"{statement_id}"'})
        return Received(marked, {**received.value, "id": statement_id})
    if isinstance(standing, str) and standing.lower() != statement_id:
        raise BadRequest("The Statement's id is not the one of the address.")
    return received
