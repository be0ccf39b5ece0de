"""StatementRefs: a target's terms reach those that refer to it.

xAPI-Communication 2.1.3. A query that a Statement matches is also matched by those
whose object refers to it, over any number of steps, also when it is voided (2.1.4). So
that reads stay one indexed query, terms are copied when Statements are written,
whichever comes first. Writer and target meet in the target's document: a reference
counts itself there, and leaves a stub where the target has not come yet, so that of two
transactions at the same time one is tried again.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection as Several
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pymongo import UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from lrs.store import terms
from lrs.store.mongo import Document

_READ = {"terms": 1, "authority": 1, "target": 1}
_AT_ONCE = 10_000  # ids in one question

T = TypeVar("T")


@dataclass(slots=True)
class _Found:
    """What is known of a Statement: its terms, and what refers to it has of them."""

    terms: set[bytes]
    authority: str | None  # None where nothing but a stub stands there

    def inherited(self, tenant: str) -> set[bytes]:
        if self.authority is None:
            return self.terms
        return terms.inherited(tenant, self.terms, self.authority)


class References:
    """Copies terms along references, inside the caller's transaction."""

    def __init__(self, statements: Collection[Document]) -> None:
        self._statements = statements

    def connect(
        self,
        session: ClientSession,
        tenant: str,
        targets: Mapping[uuid.UUID, uuid.UUID],
        filled: Several[uuid.UUID],
    ) -> None:
        """Let new Statements gain the terms of their targets, and pass theirs on.

        ``targets`` has the target of each that refers to one; ``filled`` are those
        that came into a place held for them: only these can have older ones that refer
        to them. All of them are in the collection already.
        """
        if not targets and not filled:
            return
        self._count(session, tenant, targets.values())
        known = self._known(session, tenant, {*targets, *targets.values(), *filled})
        changed = {
            one
            for one in _targets_first(targets)
            if _gain(tenant, known[one], known[targets[one]])
        }
        waiting: Several[uuid.UUID] = filled
        while waiting:  # nothing new ends the walk, also around a circle
            gained = set()
            for one, target, found in self._referring(session, tenant, waiting):
                if _gain(tenant, known.setdefault(one, found), known[target]):
                    gained.add(one)
            changed |= gained
            waiting = gained
        self._write(session, tenant, {one: known[one] for one in changed})

    def _count(
        self, session: ClientSession, tenant: str, targets: Iterable[uuid.UUID]
    ) -> None:
        counting = [
            UpdateOne(
                {"_id": {"t": tenant, "s": target}},
                [
                    {
                        "$set": {
                            "references": {
                                "$add": [{"$ifNull": ["$references", 0]}, count]
                            },
                            "voided": {"$ifNull": ["$voided", False]},
                            "stub": {"$cond": ["$stored", "$$REMOVE", True]},
                        }
                    }
                ],
                upsert=True,
            )
            for target, count in Counter(targets).items()
        ]
        if counting:
            self._statements.bulk_write(counting, ordered=False, session=session)

    def _known(
        self, session: ClientSession, tenant: str, ids: Several[uuid.UUID]
    ) -> dict[uuid.UUID, _Found]:
        known = {one: _Found(set(), None) for one in ids}
        for some in in_parts(ids):
            listed = {"$in": [{"t": tenant, "s": one} for one in some]}
            for row in self._statements.find({"_id": listed}, _READ, session=session):
                known[row["_id"]["s"]] = _found(row)
        return known

    def _referring(
        self, session: ClientSession, tenant: str, targets: Several[uuid.UUID]
    ) -> Iterator[tuple[uuid.UUID, uuid.UUID, _Found]]:
        """Yield each that refers to one of these: its id, its target's, itself."""
        for some in in_parts(targets):
            wanted = {"_id.t": tenant, "target": {"$in": [str(one) for one in some]}}
            for row in self._statements.find(wanted, _READ, session=session):
                yield row["_id"]["s"], uuid.UUID(row["target"]), _found(row)

    def _write(
        self, session: ClientSession, tenant: str, changed: Mapping[uuid.UUID, _Found]
    ) -> None:
        writing = [
            UpdateOne(
                {"_id": {"t": tenant, "s": one}},
                {"$set": {"terms": list(found.terms)}},
            )
            for one, found in changed.items()
        ]
        if writing:
            self._statements.bulk_write(writing, ordered=False, session=session)


def _found(row: Document) -> _Found:
    return _Found(set(row.get("terms", ())), row.get("authority"))


def _gain(tenant: str, one: _Found, target: _Found) -> bool:
    """Give a Statement the terms of its target; tell whether it had not all of them."""
    before = len(one.terms)
    one.terms |= target.inherited(tenant)
    return len(one.terms) > before


def _targets_first(targets: Mapping[uuid.UUID, uuid.UUID]) -> Iterator[uuid.UUID]:
    """Yield those that refer so that each comes after its target.

    A circle is gone around twice: then each of it has met all the others.
    """
    done: set[uuid.UUID] = set()
    for start in targets:
        path: dict[uuid.UUID, None] = {}
        at = start
        while at in targets and at not in done and at not in path:
            path[at] = None
            at = targets[at]
        backwards = list(path)[::-1]
        if at in path:
            yield from backwards[: backwards.index(at) + 1]
        yield from backwards
        done.update(path)


def in_parts(items: Several[T]) -> Iterator[list[T]]:
    """Yield them in lists that fit into one question to the database."""
    every = list(items)
    for start in range(0, len(every), _AT_ONCE):
        yield every[start : start + _AT_ONCE]
