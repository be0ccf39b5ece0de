"""Documents: State, Activity Profile and Agent Profile (xAPI-Communication 2.2-2.7).

In: a Principal, where a document stands and what was sent. Out: the document, the ids
in a context, or an error with nothing changed. A change is decided on what stands in
the store and takes place only while that stands there still (compare and swap); else
it is decided anew. So of two writers with the same If-Match one fails, and of two
merges neither is lost.

Reading: a State without registration has a place of its own beside those of the
registrations, in lists and deletions too (the editors in xAPI-Spec issue 1086).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from lrs.access import Principal, Scope
from lrs.document_store import (
    Context,
    Document,
    DocumentIds,
    DocumentStore,
    Place,
    Resource,
    Revision,
)
from lrs.errors import BadRequest, Conflict, NotFound, TooLarge
from lrs.preconditions import NONE, Preconditions
from lrs.xapi import document
from lrs.xapi.text import NotJson
from lrs.xapi.versions import Version

T = TypeVar("T")
_ATTEMPTS = 40
_LONGEST_PAUSE = 0.05  # seconds between two of them


# What a resource needs beside ``all``; reading is allowed to all/read too.
_SCOPES = {
    Resource.STATE: Scope.STATE,
    Resource.ACTIVITY_PROFILE: Scope.PROFILE,
    Resource.AGENT_PROFILE: Scope.PROFILE,
}


class Documents:
    """Keeps documents; one for the whole process. ``max_bytes`` of content each."""

    def __init__(self, store: DocumentStore, *, max_bytes: int) -> None:
        self._store = store
        self._max_bytes = max_bytes

    def one(self, principal: Principal, place: Place) -> Document:
        """Return a document; raises NotFound, Forbidden."""
        _may_read(principal, place.context.resource)
        found = self._store.document(principal.tenant, place)
        if found is None:
            raise NotFound("There is no document with this id.")
        return found

    def ids(
        self, principal: Principal, context: Context, since: int | None = None
    ) -> DocumentIds:
        """Return the ids of the context's documents; raises Forbidden."""
        _may_read(principal, context.resource)
        return self._store.ids(principal.tenant, context, since)

    def put(
        self,
        principal: Principal,
        place: Place,
        sent: Document,
        version: Version,
        preconditions: Preconditions = NONE,
    ) -> Revision:
        """Store a document in place of what stands there; return its revision.

        Raises BadRequest, Conflict for a document that would be overwritten without
        a precondition, PreconditionFailed, TooLarge, Forbidden.
        """
        _may_write(principal, place.context.resource)
        self._check(sent)
        tenant, revision = principal.tenant, sent.revision
        state = place.context.resource is Resource.STATE
        if state and version is Version.V1_0_3 and not preconditions:
            self._store.put(tenant, place, sent)
            return revision
        for standing in _attempts(lambda: self._store.revision(tenant, place)):
            preconditions.demand(standing.etag if standing else None)
            if not preconditions:
                _refuse_blind_put(standing, version)
            if self._store.swap(tenant, place, standing, sent):
                return revision
        raise _busy()

    def post(
        self,
        principal: Principal,
        place: Place,
        sent: Document,
        preconditions: Preconditions = NONE,
    ) -> Revision:
        """Merge JSON into what stands there, or store what is new.

        Returns the revision that stands there now. Raises BadRequest where one of
        two documents is no JSON object, PreconditionFailed, TooLarge, Forbidden.
        """
        _may_write(principal, place.context.resource)
        self._check(sent)
        tenant = principal.tenant
        for standing in _attempts(lambda: self._store.document(tenant, place)):
            expected = standing.revision if standing else None
            preconditions.demand(expected.etag if expected else None)
            merged = self._merged(standing, sent) if standing else sent
            if self._store.swap(tenant, place, expected, merged):
                return merged.revision
        raise _busy()

    def delete(
        self,
        principal: Principal,
        place: Place,
        preconditions: Preconditions = NONE,
    ) -> None:
        """Delete a document; one that is not there is deleted already.

        Raises PreconditionFailed, Forbidden.
        """
        _may_write(principal, place.context.resource)
        tenant = principal.tenant
        if not preconditions:
            self._store.remove(tenant, place)
            return
        for standing in _attempts(lambda: self._store.revision(tenant, place)):
            preconditions.demand(standing.etag if standing else None)
            if standing is None or self._store.remove(tenant, place, standing):
                return
        raise _busy()

    def delete_all(self, principal: Principal, context: Context) -> None:
        """Delete every document of the context; raises Forbidden."""
        _may_write(principal, context.resource)
        self._store.remove_all(principal.tenant, context)

    def _check(self, sent: Document) -> None:
        try:
            document.check(sent.content, sent.content_type)
        except NotJson as error:
            raise BadRequest(str(error)) from None
        self._check_size(sent)

    def _check_size(self, kept: Document) -> None:
        if len(kept.content) > self._max_bytes:
            raise TooLarge(
                f"The document would have more than {self._max_bytes} bytes "
                "(LRS_MAX_DOCUMENT_BYTES)."
            )

    def _merged(self, standing: Document, sent: Document) -> Document:
        for item, which in ((sent, "sent"), (standing, "stored")):
            if not document.is_json(item.content_type):
                raise BadRequest(
                    f"The document that is {which} is not application/json, so there "
                    "is nothing to merge; PUT replaces the whole document."
                )
        try:
            content = document.merge(standing.content, sent.content)
        except NotJson as error:
            raise BadRequest(str(error)) from None
        merged = replace(standing, content=content)
        self._check_size(merged)
        return merged


def _may_read(principal: Principal, resource: Resource) -> None:
    principal.require(_SCOPES[resource], Scope.ALL_READ)


def _may_write(principal: Principal, resource: Resource) -> None:
    principal.require(_SCOPES[resource])


def _refuse_blind_put(standing: Revision | None, version: Version) -> None:
    """Refuse a PUT without precondition (3.1): not even 2.0 lets it overwrite."""
    if standing is not None:
        raise Conflict(
            "A document is stored here already. Check what it is now (GET) and send "
            "its ETag in If-Match to replace it."
        )
    if version is Version.V1_0_3:
        raise BadRequest(
            "PUT of a Profile document needs If-None-Match: * where none is stored, "
            "or If-Match with the ETag of the one that is."
        )


def _attempts(look: Callable[[], T]) -> Iterator[T]:
    """Yield what stands there, again and again while others change it in between."""
    for attempt in range(_ATTEMPTS):
        if attempt:
            pause = min(attempt * 0.002, _LONGEST_PAUSE)
            time.sleep(random.uniform(0, pause))  # noqa: S311 - not a secret
        yield look()


def _busy() -> Conflict:
    return Conflict("Others keep changing this document; try again.")
