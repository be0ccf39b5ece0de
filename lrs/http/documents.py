"""The document resources (xAPI-Communication 2.2, 2.3, 2.6, 2.7, 3.1).

Three addresses, one set of handlers: what a resource is named by stands in
lrs.http.document_parameters, what may be done to a document in lrs.documents.
"""

from __future__ import annotations

import email.utils

import orjson
from flask import Blueprint, Response, request

from lrs.document_store import Document, Place, Resource
from lrs.documents import Documents
from lrs.errors import BadRequest
from lrs.http import document_parameters as parameters
from lrs.http.body import read_body
from lrs.http.door import principal, version
from lrs.http.preconditions import preconditions
from lrs.preconditions import Preconditions
from lrs.xapi import document
from lrs.xapi.values import is_media_type

_ADDRESSES = {
    Resource.STATE: "/activities/state",
    Resource.ACTIVITY_PROFILE: "/activities/profile",
    Resource.AGENT_PROFILE: "/agents/profile",
}


class DocumentResource:
    """The handlers of one of the resources, with what they need."""

    def __init__(
        self, resource: Resource, documents: Documents, *, max_bytes: int
    ) -> None:
        self._resource = resource
        self._documents = documents
        self._max_bytes = max_bytes

    def put(self) -> Response:
        """Store the body as the document."""
        asked = preconditions(request)
        place = parameters.place(self._resource, request, version())
        stored = self._documents.put(principal(), place, self._sent(), version(), asked)
        return _done(stored.etag)

    def post(self) -> Response:
        """Merge the body into the document, or store it where there is none."""
        asked = preconditions(request)
        place = parameters.place(self._resource, request, version())
        stored = self._documents.post(principal(), place, self._sent(), asked)
        return _done(stored.etag)

    def delete(self) -> Response:
        """Delete the document; of State, without stateId, all of the context."""
        asked = preconditions(request)
        place = parameters.place_or_context(self._resource, request, version())
        if isinstance(place, Place):
            self._documents.delete(principal(), place, asked)
        elif asked:
            raise BadRequest("If-Match and If-None-Match need a stateId.")
        else:
            self._documents.delete_all(principal(), place)
        return _done()

    def get(self) -> Response:
        """Return the document, or the ids of those in the context."""
        asked = preconditions(request)
        place = parameters.place_or_list(self._resource, request, version())
        if isinstance(place, Place):
            found = self._documents.one(principal(), place)
        else:
            context, since = place
            listed = self._documents.ids(principal(), context, since)
            body = orjson.dumps(listed.ids)
            found = Document(body, "application/json", listed.updated or 0)
        return _answer(found, asked)

    def _sent(self) -> Document:
        kind = request.headers.get("Content-Type", "").strip()
        if kind and not is_media_type(kind):
            raise BadRequest("The Content-Type is no media type, such as text/plain.")
        body = read_body(request, self._max_bytes, setting="LRS_MAX_DOCUMENT_BYTES")
        return Document(body, kind or document.UNTYPED)


def blueprint(documents: Documents, *, max_bytes: int) -> Blueprint:
    """Return the routes of the three resources, to be mounted under /xapi."""
    routes = Blueprint("documents", __name__)
    for kind, address in _ADDRESSES.items():
        resource = DocumentResource(kind, documents, max_bytes=max_bytes)
        for method in ("get", "put", "post", "delete"):
            routes.add_url_rule(
                address,
                f"{method}_{kind.value}",
                getattr(resource, method),
                methods=[method.upper()],
            )
    return routes


def _answer(found: Document, asked: Preconditions) -> Response:
    etag = found.revision.etag
    if not asked.matches(etag):
        asked.demand(etag)
    fresh = not asked.none_matches(etag)
    response = Response(b"" if fresh else found.content, 304 if fresh else 200)
    response.content_type = found.content_type
    response.set_etag(etag)
    if found.updated:
        response.headers["Last-Modified"] = email.utils.formatdate(
            found.updated // 1_000_000, usegmt=True
        )
    # A browser may keep it, and asks with If-None-Match whether it still holds.
    response.headers["Cache-Control"] = "private, no-cache"
    # Any content may be stored, so a page too: it must not act in our name here.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _done(etag: str | None = None) -> Response:
    response = Response(status=204)
    del response.headers["Content-Type"]
    if etag is not None:
        response.set_etag(etag)
    return response
