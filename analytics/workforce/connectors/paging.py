"""Paging: how an interface hands out a list, as ``[source.paging]`` says it.

``kind``: ``none``; ``page`` (``parameter``, ``first`` 1, ``size_parameter``, ``size``);
``offset`` (``parameter``, ``size_parameter``, ``size``); ``cursor`` (``parameter``,
``next``: where the answer holds it); ``link`` (``next``: where the answer holds the
address of the next page; absent: the header ``Link`` with ``rel="next"``). ``more`` is
where an answer says whether there is another page.

A page that is shorter than was asked for is no end: a server may hand out fewer than
that. The end is an empty page, or an absent next; or ``more`` says no. In: how to ask
for one page. Out: the decoded answers, one after another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from analytics.workforce.connectors.answers import Answer
from analytics.workforce.connectors.session import Session
from analytics.workforce.mapping.paths import Path
from analytics.workforce.sources.source_table import SourceTable
from lrs.errors import SetupError

KINDS = ("none", "page", "offset", "cursor", "link")
_KEYS = {
    *("kind", "parameter", "first", "size_parameter", "size", "next", "more"),
}
_MOST_PAGES = 200_000
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,<]*\brel="?next"?', re.I)


@dataclass(frozen=True, slots=True)
class Paging:
    """How pages follow each other; ``parameter`` names what moves, if anything."""

    kind: str = "none"
    parameter: str = ""
    first: int = 1
    size_parameter: str | None = None
    size: int = 100
    next: Path | None = None
    more: Path | None = None

    def walk(
        self,
        session: Session,
        path: str,
        params: Mapping[str, str],
        records: Callable[[Any], list[Any]],
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[Any]:
        """Yield the decoded answers; raises SetupError where they lead in a circle.

        ``records`` returns those of an answer: an empty list is the end of pages.
        """
        asked = dict(params)
        if self.size_parameter:
            asked[self.size_parameter] = str(self.size)
        at, met, address = self.first if self.kind == "page" else 0, set[str](), path
        for _ in range(_MOST_PAGES):
            if self.kind in ("page", "offset"):
                asked[self.parameter] = str(at)
            answer, found = session.ask(
                "GET", address, params=asked or None, headers=headers
            )
            if found is None:
                return
            yield found
            number = len(records(found))
            if self.kind == "none" or not number:
                return
            if self.more is not None and not _yes(self.more.of(_object(found))):
                return
            if self.kind in ("page", "offset"):
                at += 1 if self.kind == "page" else number
                continue
            following = self._following(answer, found)
            if not following:
                return
            if following in met:
                raise SetupError(
                    f"{session.reach.system} sends us from page to page in a circle "
                    f"({path}): see to [source.paging]."
                )
            met.add(following)
            if self.kind == "cursor":
                asked[self.parameter] = following
            else:
                # The link says it all; what was asked for stands in it.
                address, asked = session.page_address(following, path), {}
        raise SetupError(
            f"{session.reach.system} has over {_MOST_PAGES:,} pages ({path}): see to "
            "[source.paging]."
        )

    def _following(self, answer: Answer, found: Any) -> str | None:
        if self.next is None:
            link = _NEXT.search(answer.headers.get("link", ""))
            return link[1] if link else None
        value = self.next.of(_object(found))
        if isinstance(value, bool) or not isinstance(value, str | int):
            return None
        return str(value) or None


def paging_of(source: SourceTable) -> Paging:
    """Return the paging of ``[source.paging]``; raises BadRequest."""
    read = source.part("paging")
    read.only(_KEYS)
    kind = read.choice("kind", KINDS, "none")
    parameter = ""
    if kind in ("page", "offset", "cursor"):
        parameter = read.text("parameter")
    next_ = read.text("next") if kind == "cursor" else read.maybe("next")
    more = read.maybe("more")
    return Paging(
        kind,
        parameter,
        read.number("first", 1, 0, 1),
        read.maybe("size_parameter"),
        read.number("size", 100, 1, 100_000),
        Path(next_) if next_ else None,
        Path(more) if more else None,
    )


def _object(found: Any) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _yes(value: object) -> bool:
    return value is True or str(value).lower() in ("true", "1", "yes", "y")
