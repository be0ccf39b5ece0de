"""What the documents need of the store, and what passes between the two.

Spec: xAPI-Communication 2.2 (document), 2.3, 2.6, 2.7 (what identifies one).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from lrs.xapi import document


class Resource(StrEnum):
    """The document resources, valued as the store knows them."""

    STATE = "state"
    ACTIVITY_PROFILE = "activity_profile"
    AGENT_PROFILE = "agent_profile"


@dataclass(frozen=True, slots=True)
class Context:
    """What documents belong to; None for what the resource does not go by.

    ``agent`` is an IFI key (lrs.xapi.keys), ``registration`` a lower-case UUID.
    """

    resource: Resource
    activity: str | None = None
    agent: str | None = None
    registration: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where one document stands: its stateId or profileId within a context."""

    context: Context
    id: str


@dataclass(frozen=True, slots=True)
class Revision:
    """What a change is decided on: two that are equal hold the same content."""

    etag: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Document:
    """Content, kept byte for byte; ``updated`` in microseconds, set by the store."""

    content: bytes
    content_type: str
    updated: int = 0

    @property
    def revision(self) -> Revision:
        """Return what tells this content from another."""
        return Revision(document.etag(self.content), self.content_type)


@dataclass(frozen=True, slots=True)
class DocumentIds:
    """The ids in a context, sorted, and when the latest of them was updated."""

    ids: list[str]
    updated: int | None


class DocumentStore(Protocol):
    """What documents need of the store; every change is whole and lasting."""

    def document(self, tenant: str, place: Place) -> Document | None:
        """Return the document, or None."""
        ...

    def revision(self, tenant: str, place: Place) -> Revision | None:
        """Return the document's revision, its content left where it is, or None."""
        ...

    def ids(self, tenant: str, context: Context, since: int | None) -> DocumentIds:
        """Return the ids of those updated after ``since`` (microseconds)."""
        ...

    def put(self, tenant: str, place: Place, sent: Document) -> None:
        """Store the document, whatever stands there."""
        ...

    def swap(
        self, tenant: str, place: Place, expected: Revision | None, sent: Document
    ) -> bool:
        """Store it if the expected revision (None: nothing) stands there; tell so."""
        ...

    def remove(
        self, tenant: str, place: Place, expected: Revision | None = None
    ) -> bool:
        """Remove what stands there, only if it is the expected, if any; tell so."""
        ...

    def remove_all(self, tenant: str, context: Context) -> None:
        """Remove every document of the context."""
        ...
