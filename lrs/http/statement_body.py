"""What a POST or PUT of Statements brings (xAPI-Communication 1.5, 2.1.1, 2.1.2).

In: a request with application/json, or with multipart/mixed: first the Statements, then
the content of their attachments. Out: the Statements' texts and what came for their
attachments. That goes to the store while it comes in: of any length, in bounded memory.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from werkzeug import Request

from lrs.attachments import Contents, Uploads
from lrs.http.body import drained, read_body, stream_body
from lrs.http.multipart import boundary_of, read_parts
from lrs.http.statement_parts import Incoming, Limits, require_json, statements_of
from lrs.xapi.text import Received


@dataclass(frozen=True, slots=True)
class Sent:
    """The Statements of a request, whether as an array, and the contents with them."""

    statements: list[Received]
    batch: bool
    contents: Contents


class StatementBodies:
    """Reads such requests."""

    def __init__(self, uploads: Uploads, limits: Limits) -> None:
        self._uploads = uploads
        self._limits = limits

    @contextlib.contextmanager
    def received(self, request: Request, tenant: str) -> Iterator[Sent]:
        """Yield what was sent; contents that nobody has claimed go with the block.

        Raises BadRequest, InvalidStatement for what is not JSON, TooLarge,
        UnsupportedMediaType for a content coding.
        """
        if request.mimetype == "multipart/mixed":
            incoming = Incoming(self._uploads, tenant, self._limits)
            try:
                yield self._in_parts(request, incoming)
            finally:
                if incoming.uploads:
                    self._uploads.release(incoming.uploads)
            return
        require_json(request.content_type, "The Content-Type", ", or multipart/mixed")
        body = read_body(request, self._limits.json_bytes)
        yield Sent(*statements_of(body, self._limits), {})

    def _in_parts(self, request: Request, incoming: Incoming) -> Sent:
        boundary = boundary_of(request)
        limit = self._limits.json_bytes + self._limits.attachment_bytes
        pieces = stream_body(request, limit, setting="LRS_MAX_ATTACHMENT_BYTES")
        with drained(request):
            read_parts(pieces, boundary, incoming)
        return Sent(incoming.statements, incoming.batch, incoming.contents)
