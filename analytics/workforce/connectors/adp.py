"""ADP (``type = "adp"``): workers with their work assignments, and an event queue.

Everybody: ``GET /hr/v2/workers``, ``$top`` and ``$skip`` until 204 or an empty list,
walked twice since nothing is counted and no snapshot held there. What has changed: the
messages of ``/core/v1/event-notification-messages``, until 204; each worker they speak
of is then read. A message is deleted when the run with what it led to was applied: its
id waits in the cursor, and the next delta deletes it first. Where the queue shows only
its head until that is deleted, a walk goes on with delta after delta. What was recorded
before everybody was taken is deleted unread.

``[source]``: ``page_size`` (100), ``most_messages`` (500), ``overlap_minutes`` (10),
``workers`` and ``messages`` (paths), ``unit_types`` (from the top down),
``manager_relationships``, ``terminated``, ``number_filter``, ``query``. Log in:
``client_credentials``, with client_certificate and client_key.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import islice
from typing import Any, ClassVar
from urllib.parse import quote

import msgspec

from analytics.workforce.connectors.adp_workers import Rules, Seen, records_of, text_at
from analytics.workforce.connectors.answers import Gone
from analytics.workforce.connectors.connector import (
    Fetch,
    Finding,
    Record,
    Setup,
    Stale,
    readable,
)
from analytics.workforce.connectors.shelf import Item
from analytics.workforce.connectors.wholeness import Walk, take_whole
from lrs.errors import SetupError

LOGIN = "client_credentials"
_WORKERS = "workers"
_MESSAGE_ID = "adp-msg-msgid"
_MOST_PAGES = 200_000


def connector_of(setup: Setup) -> Adp:
    """Return the connector that a ``[source]`` describes; raises BadRequest."""
    setup.only(
        *("page_size", "most_messages", "overlap_minutes", "workers", "messages"),
        *("unit_types", "manager_relationships", "terminated", "number_filter"),
        "query",
    )
    read = setup.read
    if not read.has("client_certificate"):
        raise read.wrong("client_certificate", "is missing: ADP asks for one")
    overlap = read.number("overlap_minutes", 10.0, 0.0, 1e5)
    return Adp(
        system=setup.name,
        page_size=read.number("page_size", 100, 1, 1_000),
        most_messages=read.number("most_messages", 500, 1, 100_000),
        overlap=datetime.timedelta(minutes=overlap),
        workers=read.text("workers", "hr/v2/workers"),
        messages=read.text("messages", "core/v1/event-notification-messages"),
        number_filter=read.text("number_filter", "workers/workerID/idValue eq '{id}'"),
        rules=Rules(
            read.texts("unit_types", ("Business Unit", "Department")),
            read.texts("manager_relationships"),
            read.texts("terminated", ("T", "Terminated", "inactive")),
            frozenset(setup.names_below("worker")),
        ),
        query=read.pairs("query"),
    )


class _Cursor(msgspec.Struct):
    """When everybody was taken, and the messages that were applied since."""

    full_at: datetime.datetime
    done: list[str] = msgspec.field(default_factory=list)


@dataclass(slots=True)
class _Queue:
    """What one look at the queue has brought."""

    done: list[str] = field(default_factory=list)
    workers: dict[str, None] = field(default_factory=dict)
    more: bool = False


@dataclass(frozen=True, slots=True)
class Adp:
    """One client of ADP."""

    system: str
    page_size: int
    most_messages: int
    overlap: datetime.timedelta
    workers: str
    messages: str
    number_filter: str
    rules: Rules
    query: Mapping[str, str]

    has_delta: ClassVar[bool] = True
    people_are_whole: ClassVar[bool] = True

    def full(self, fetch: Fetch) -> Iterator[Record]:
        """Yield everybody."""
        # Whatever the queue says by now is told by everybody too.
        done = self._done(fetch.former)
        done += self._look(fetch, _Cursor(fetch.moment)).done
        take_whole(fetch, _WORKERS, partial(self._pages, fetch))
        numbers = (
            (number, one, one)
            for one, worker in fetch.shelf.all(_WORKERS)
            if (number := text_at(worker, "workerID", "idValue"))
        )
        fetch.shelf.put("numbers", numbers)
        yield from self._records(fetch, fetch.shelf.all(_WORKERS), self._known(fetch))
        self._move(fetch, fetch.moment - self.overlap, done)

    def delta(self, fetch: Fetch, cursor: str) -> Iterator[Record]:
        """Yield those of whom the queue speaks; raises Stale."""
        try:
            known = msgspec.json.decode(cursor, type=_Cursor)
        except msgspec.DecodeError:
            raise Stale("where the last delta ended is not known.") from None
        for message in () if fetch.only_looks else known.done:
            self._delete(fetch, message)
        queue = self._look(fetch, known)
        for one in queue.workers:
            fetch.shelf.put(_WORKERS, self._one(fetch, one))
        people = fetch.shelf.all(_WORKERS)
        yield from self._records(fetch, people, cache(partial(self._asked, fetch)))
        fetch.more = queue.more
        fetch.settled = bool(known.done or queue.done)
        self._move(fetch, known.full_at, queue.done)

    def sample(self, fetch: Fetch, number: int) -> Iterator[Record]:
        """Yield the first workers."""
        for batch in islice(self._pages(fetch, Walk()), 1):
            fetch.shelf.put(_WORKERS, batch)
        found = self._records(fetch, fetch.shelf.all(_WORKERS), lambda _: None)
        yield from islice(found, number)

    def check(self, fetch: Fetch) -> Iterator[Finding]:
        """Ask for a page of workers, and look at the head of the queue."""
        pages = self._pages(fetch, Walk())
        yield readable("The list of workers", partial(next, pages, None))
        ask = partial(fetch.session.json, self.messages)
        yield readable("The queue of events", ask)

    # -- workers --------------------------------------------------------------------

    def _pages(self, fetch: Fetch, _: Walk) -> Iterator[Iterable[Item]]:
        at = 0
        for _page in range(_MOST_PAGES):
            asked = {**self.query, "$top": str(self.page_size), "$skip": str(at)}
            found = self._list(fetch.session.json(self.workers, params=asked))
            if not found:
                return
            at += len(found)
            yield self._items(found)
        raise SetupError(f"{self.system} has over {_MOST_PAGES:,} pages (workers).")

    def _one(self, fetch: Fetch, one: str) -> list[Item]:
        try:
            path = f"{self.workers}/{quote(one, safe='')}"
            told = f"{self.workers}/ID"
            found = fetch.session.json(path, params=self.query or None, told=told)
        except Gone:
            raise Stale("a worker is no longer there.") from None
        items = self._items(self._list(found))
        if [key for key, _, _ in items] != [one]:
            raise Stale("a worker is no longer there.")
        return items

    def _list(self, found: Any) -> list[Any]:
        if found is None:  # 204
            return []
        inner = found.get(_WORKERS) if isinstance(found, dict) else None
        if not isinstance(inner, list):
            raise self._unlike(self.workers)
        return inner

    def _items(self, found: list[Any]) -> list[Item]:
        items = [(text_at(worker, "associateOID"), "", worker) for worker in found]
        if not all(one for one, _, _ in items):
            raise self._unlike(self.workers)
        return items

    # -- the queue ------------------------------------------------------------------

    def _look(self, fetch: Fetch, known: _Cursor) -> _Queue:
        """Read messages until there are none, or the first shows itself again."""
        queue = _Queue()
        while True:
            answer, found = fetch.session.ask("GET", self.messages)
            if found is None:
                return queue
            message = answer.headers.get(_MESSAGE_ID, "")
            events = found.get("events") if isinstance(found, dict) else None
            if not message or not isinstance(events, list):
                raise self._unlike(self.messages)
            if message in queue.done or len(queue.done) >= self.most_messages:
                queue.more = True
                return queue
            queue.done.append(message)
            for event in events:
                one = _worker_of(event)
                if one and not _before(event, known.full_at):
                    queue.workers[one] = None

    def _delete(self, fetch: Fetch, message: str) -> None:
        path = f"{self.messages}/{quote(message, safe='')}"
        try:
            fetch.session.ask("DELETE", path, told=f"{self.messages}/ID")
        except Gone:  # before we were stopped
            return

    # -- joined ---------------------------------------------------------------------

    def _records(
        self,
        fetch: Fetch,
        people: Iterable[tuple[str, Any]],
        numbered: Callable[[str], str | None],
    ) -> Iterator[Record]:
        seen = Seen()
        for _, worker in people:
            yield from records_of(worker, self.rules, numbered, seen)
        for sentence in seen.sentences():
            fetch.remark(sentence)

    def _known(self, fetch: Fetch) -> Callable[[str], str | None]:
        def known(number: str) -> str | None:
            found = fetch.shelf.of("numbers", number)
            return found[0] if len(found) == 1 else None

        return known

    def _asked(self, fetch: Fetch, number: str) -> str | None:
        wanted = self.number_filter.replace("{id}", number.replace("'", "''"))
        asked = {**self.query, "$filter": wanted}
        found = self._list(fetch.session.json(self.workers, params=asked))
        ids = [
            one
            for one, _, worker in self._items(found)
            if text_at(worker, "workerID", "idValue") == number
        ]
        return ids[0] if len(ids) == 1 else None

    def _done(self, former: str) -> list[str]:
        """Return the messages that were applied, and perhaps not deleted yet."""
        try:
            return msgspec.json.decode(former, type=_Cursor).done
        except msgspec.DecodeError:
            return []

    def _move(self, fetch: Fetch, full_at: datetime.datetime, done: list[str]) -> None:
        fetch.cursor = msgspec.json.encode(_Cursor(full_at, done)).decode()

    def _unlike(self, path: str) -> SetupError:
        return SetupError(
            f"{self.system} answers in a form that ADP does not have ({path}): see to "
            "address in [source]."
        )


def _worker_of(event: Any) -> str:
    for part in ("eventContext", "output"):
        if one := text_at(event, "data", part, "worker", "associateOID"):
            return one
    return ""


def _before(event: Any, moment: datetime.datetime) -> bool:
    """Tell whether an event was recorded before a moment; one that does not say: no."""
    told = text_at(event, "recordDateTime") or text_at(event, "creationDateTime")
    try:
        at = datetime.datetime.fromisoformat(told)
    except ValueError:
        return False
    return at.tzinfo is not None and at < moment
