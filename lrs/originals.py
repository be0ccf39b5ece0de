"""Originals: Statements as they were stored, by id, with what is kept beside each.

A hatch for audits. Nothing of it changes once a Statement is stored; whether it is
voided does, and is therefore not said here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec


class Original(msgspec.Struct, frozen=True):
    """A Statement's text as stored, and what the LRS noted then.

    ``stored`` in microseconds since 1970 (UTC); ``authority`` the key of who wrote it;
    ``digest`` SHA-256 of the text that the client sent, where it was noted;
    ``attachments`` the SHA-2 of those whose content came; ``signatures`` the record of
    each (lrs.xapi.signature); ``former`` what another LRS had set, of an imported one.
    """

    statement_id: str
    text: str
    stored: int
    authority: str
    digest: bytes | None = None
    attachments: Sequence[str] = ()
    signatures: Sequence[Mapping[str, Any]] = ()
    former: Mapping[str, str] | None = None


class Originals(Protocol):
    """What an audit needs of the store."""

    def by_id(self, tenant: str, ids: Sequence[str]) -> dict[str, Original]:
        """Return those of these Statements that are stored, by lower-case id."""
        ...
