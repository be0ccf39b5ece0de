"""Preconditions: what If-Match and If-None-Match ask of a document (RFC 9110 13.1).

Spec: xAPI-Communication 3.1. Pure: in goes the entity tag of what is stored, None for
nothing, as it is known in the very moment of a change; out comes a yes or no.
"""

from __future__ import annotations

from dataclasses import dataclass

from lrs.errors import PreconditionFailed


@dataclass(frozen=True, slots=True)
class EntityTags:
    """The value of one of the headers: ``*``, or entity tags without their quotes."""

    any: bool = False
    strong: frozenset[str] = frozenset()
    weak: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Preconditions:
    """The headers of a request; None for one that it does not have."""

    if_match: EntityTags | None = None
    if_none_match: EntityTags | None = None

    def __bool__(self) -> bool:
        """Tell whether the request has any."""
        return self.if_match is not None or self.if_none_match is not None

    def matches(self, etag: str | None) -> bool:
        """Tell whether If-Match holds: strong comparison, weak tags never match."""
        tags = self.if_match
        if tags is None:
            return True
        return etag is not None and (tags.any or etag in tags.strong)

    def none_matches(self, etag: str | None) -> bool:
        """Tell whether If-None-Match holds: weak comparison, ``W/`` is nothing."""
        tags = self.if_none_match
        if tags is None or etag is None:
            return True
        return not (tags.any or etag in tags.strong or etag in tags.weak)

    def demand(self, etag: str | None) -> None:
        """Raise PreconditionFailed where one of them does not hold."""
        if not self.matches(etag):
            raise PreconditionFailed(
                "No document is stored here, as If-Match demands."
                if etag is None
                else "The document has changed: its ETag is not one of If-Match. Read "
                "it again and send the ETag that it has now."
            )
        if not self.none_matches(etag):
            raise PreconditionFailed(
                "If-None-Match does not hold: such a document is stored here already."
            )


NONE = Preconditions()
