"""Retrieval: from a StatementQuery to a page of Statements (2.1.3, 2.3).

The text of each Statement goes out as it is kept (``exact``); the other formats are
made from it. A ``more`` address carries the whole query and the last place, so that
any process can answer it; it is read again like any other input.

A page ends before its limit where its texts would be too large to be held: a few small
requests can store what makes gigabytes, above all by the definitions of ``canonical``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from lrs.access import Principal, Scope
from lrs.attachments import Attached, AttachmentReader, attached
from lrs.definition_store import Kept
from lrs.errors import Forbidden, NotFound
from lrs.xapi import formats
from lrs.xapi.definition import activities, outline
from lrs.xapi.keys import ifi_key

Row = tuple[int, str, Sequence[str]]

LARGEST_PAGE = 32 << 20  # characters of a page's texts, or one Statement


Place = tuple[int, int]
"""Where a page ended: behind all Statements of this ``stored`` (microseconds), or,
where the second number is not 0, behind so many of them. Only databases of the first
release have several Statements with the same."""


@dataclass(frozen=True, slots=True)
class StatementQuery:
    """The parameters of GET statements, parsed.

    ``agent`` is an IFI key, times are microseconds since 1970, ``after`` is where the
    page before ended.
    """

    agent: str | None = None
    verb: str | None = None
    activity: str | None = None
    registration: str | None = None
    related_agents: bool = False
    related_activities: bool = False
    since: int | None = None
    until: int | None = None
    limit: int = 100
    ascending: bool = False
    format: str = "exact"
    attachments: bool = False
    languages: tuple[str, ...] = field(default=())
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class StatementPage:
    """The JSON texts of a page's Statements; ``after`` where another page follows.

    ``attached`` is the content that came with them, where the query asks for it.
    """

    texts: list[str]
    after: Place | None
    attached: tuple[Attached, ...] = ()


class StatementReader(Protocol):
    """What retrieval needs of the store."""

    def one(
        self, tenant: str, statement_id: str, *, voided: bool
    ) -> dict[str, Any] | None:
        """Return the Statement of that id, or None.

        ``statement`` is its text, ``attachments`` the hashes whose content came.
        """
        ...

    def signatures(self, tenant: str, statement_id: str) -> dict[str, Any] | None:
        """Return ``authority`` and ``signatures`` of a Statement, voided or not."""
        ...

    def page(
        self, tenant: str, query: StatementQuery, authority: str | None
    ) -> list[Row]:
        """Return up to limit + 1 of (stored, text, hashes whose content came).

        Fewer where the texts have together more than LARGEST_PAGE characters: the last
        of at least two is then the one too many.
        """
        ...


class DefinitionReader(Protocol):
    """What the canonical format needs of the store."""

    def definitions(
        self, tenant: str, activities: Sequence[str], *, most: int | None = None
    ) -> dict[str, Kept]:
        """Return the LRS's own definitions of those Activities that have one.

        With ``most`` only some of them, where all have more characters.
        """
        ...


class Retrieval:
    """Gives Statements out; one for the whole process."""

    def __init__(
        self,
        store: StatementReader,
        attachments: AttachmentReader,
        definitions: DefinitionReader,
    ) -> None:
        self._store = store
        self._attachments = attachments
        self._definitions = definitions

    def one(
        self,
        principal: Principal,
        statement_id: str,
        query: StatementQuery,
        *,
        voided: bool = False,
    ) -> tuple[str, int, tuple[Attached, ...]]:
        """Return a Statement's text, stored time and, where asked for, contents.

        Raises NotFound, Forbidden.
        """
        mine = _mine(principal)
        found = self._store.one(principal.tenant, statement_id, voided=voided)
        if found is None or (mine and found["authority"] != mine):
            kind = "voided Statement" if voided else "Statement"
            raise NotFound(f"There is no {kind} with this id.")
        row = (found["statement"], found.get("attachments", ()))
        return (
            self._formatted(principal, [found["statement"]], query)[0],
            int(found["stored"]),
            self._attached(principal, query, [row]),
        )

    def page(self, principal: Principal, query: StatementQuery) -> StatementPage:
        """Return one page; raises Forbidden."""
        rows = self._store.page(principal.tenant, query, _mine(principal))
        held = _as_many_as_fit([row[1] for row in rows[: query.limit]])
        texts = self._formatted(principal, held, query)
        shown, after = _end(rows, len(texts), query.after)
        return StatementPage(
            texts[:shown],
            after,
            self._attached(principal, query, [row[1:] for row in rows[:shown]]),
        )

    def signatures(
        self, principal: Principal, statement_id: str
    ) -> list[dict[str, Any]]:
        """Return the records of a Statement's signatures (lrs.xapi.signature).

        Raises NotFound, Forbidden.
        """
        mine = _mine(principal)
        found = self._store.signatures(principal.tenant, statement_id)
        if found is None or (mine and found["authority"] != mine):
            raise NotFound("There is no Statement with this id.")
        return list(found.get("signatures", ()))

    def _formatted(
        self, principal: Principal, texts: list[str], query: StatementQuery
    ) -> list[str]:
        """Return the texts in the format asked for: as many as a page can hold."""
        if query.format == "exact":
            return texts
        return _as_many_as_fit(map(self._shape(principal, texts, query), texts))

    def _shape(
        self, principal: Principal, texts: Sequence[str], query: StatementQuery
    ) -> Callable[[str], str]:
        if query.format == "ids":
            return lambda text: _json(formats.ids(_DECODER.decode(text)))
        named = {
            activity: None for text in texts for activity, _ in activities(text)
        }  # in all of the page, so that one question is enough
        found = self._definitions.definitions(
            principal.tenant, list(named), most=LARGEST_PAGE
        )
        known = {name: outline(kept.text) for name, kept in found.items()}

        def canonical(text: str) -> str:
            size = sum(
                len(found[name].text) for name, _ in activities(text) if name in found
            )
            # Of one that names a large one over and over the sender's own have to do.
            merged = known if size <= LARGEST_PAGE else {}
            statement = _DECODER.decode(text)
            return _json(formats.canonical(statement, query.languages, merged))

        return canonical

    def _attached(
        self,
        principal: Principal,
        query: StatementQuery,
        rows: Sequence[tuple[str, Sequence[str]]],
    ) -> tuple[Attached, ...]:
        if not query.attachments:
            return ()
        return attached(self._attachments, principal.tenant, rows)


def _as_many_as_fit(texts: Iterable[str]) -> list[str]:
    """Return the first of them, at least one, up to LARGEST_PAGE."""
    fitting: list[str] = []
    characters = 0
    for text in texts:
        characters += len(text)
        if fitting and characters > LARGEST_PAGE:
            break
        fitting.append(text)
    return fitting


def _end(
    rows: Sequence[Row], most: int, before: Place | None
) -> tuple[int, Place | None]:
    """Return how many rows a page of ``most`` shows, and where it ends.

    Not between two of the same ``stored``, where it can be helped.
    """
    if most == len(rows):
        return most, None
    stored = rows[most][0]
    shown = most
    while shown and rows[shown - 1][0] == stored:
        shown -= 1
    if shown:
        return shown, (rows[shown - 1][0], 0)
    passed = before[1] if before is not None and before[0] == stored else 0
    return most, (stored, passed + most)


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _mine(principal: Principal) -> str | None:
    """Return the authority that reading is limited to, or raise Forbidden."""
    if principal.may(Scope.ALL_READ, Scope.STATEMENTS_READ):
        return None
    if principal.may(Scope.STATEMENTS_READ_MINE):
        return ifi_key(principal.authority) or principal.key
    raise Forbidden(
        "This credential needs the scope statements/read, statements/read/mine or "
        "all/read."
    )


def _as_written(number: str) -> orjson.Fragment:
    return orjson.Fragment(number.encode())


# Numbers go out as they came in, 1.10 and 1E400 too: no format looks at them.
_DECODER = json.JSONDecoder(parse_float=_as_written, parse_int=_as_written)
