"""Removal: what leads to people goes out of MongoDB, step by step.

In: Traces. Each step may be repeated: it looks for what is still there, so a removal
that was killed goes on where it stood. What later steps need to know goes last: the
states of the people (names, addresses) leave in one transaction with what the decisions
say of them. With ``write`` false every step only counts.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from typing import Any

from bson import Binary
from pymongo import ReplaceOne, UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database

from analytics.workforce.anonymity.asides import Asides
from analytics.workforce.anonymity.decided import REMOVED, decisions_of
from analytics.workforce.anonymity.keeping import Veils
from analytics.workforce.anonymity.sources import Sources
from analytics.workforce.anonymity.traces import Traces, is_known, spans, states_of
from analytics.workforce.anonymity.veil import Veil
from analytics.workforce.engine.entries import digest_of
from analytics.workforce.former import RETRACTED
from analytics.workforce.identifiers import identifier_keys
from analytics.workforce.ledger import DURABLE, Document, Ledger, chunks
from analytics.workforce.model import SEPARATOR
from analytics.workforce.personal import Personal
from analytics.workforce.scim.forgetting import forget

_CHUNK = 1_000  # documents in one write
_PEOPLE = 200  # looked for at once


class Removal:
    """The removal of some people of one tenant."""

    def __init__(
        self,
        database: Database[Document],
        ledger: Ledger,
        tenant: str,
        traces: Traces,
        key: bytes,
        sources: Sources,
        *,
        write: bool,
        alive: Callable[[], None],
    ) -> None:
        self._safe = database.with_options(write_concern=DURABLE)
        self._ledger, self._at = ledger, ledger.collections
        self._tenant, self._traces, self._key = tenant, traces, key
        self._sources, self._write, self._alive = sources, write, alive
        self.asides: dict[str, dict[int, str]] = {}  # by run: what became of records
        self.named: list[str] = []  # runs whose own record names them

    def quarantine(self) -> int:
        """Empty the records set aside that speak of these people."""
        judge = Asides(
            self._traces, lambda one: is_known(self._ledger, self._tenant, one)
        )

        def changes() -> Iterator[UpdateOne]:
            for item in self._at.quarantine.find({"_id.t": self._tenant}):
                run, number = item["_id"]["run"], item["_id"]["n"]
                change = judge.change(item, self._sources.of(run))
                if change is not None:
                    self.asides.setdefault(run, {})[number] = change.what
                    yield UpdateOne({"_id": item["_id"]}, change.update)

        return self._apply(self._at.quarantine, changes())

    def runs(self) -> int:
        """Take names out of the runs' records, and the hash of who came alone."""
        own: dict[str, int] = {}
        for item in self._own_rows({"_id": 1}):
            run = item["_id"]["run"]
            own[run] = own.get(run, 0) + 1

        def changes() -> Iterator[UpdateOne]:
            for item in self._at.runs.find({"_id.t": self._tenant}):
                said = self._emptied(item, "file", "why", "reason")
                if (who := self._traces.who(item.get("by") or "")) is not None:
                    said["by"] = who
                alone = item.get("rows") == own.get(item["_id"]["run"])
                if alone and item.get("sha256"):
                    said["sha256"] = ""
                if said:
                    self.named.append(item["_id"]["run"])
                    yield UpdateOne({"_id": item["_id"]}, {"$set": said})

        walks: Collection[Document] = self._safe["workforce_syncs"]
        spoken = (
            UpdateOne({"_id": item["_id"]}, {"$set": said})
            for item in walks.find({"_id.t": self._tenant})
            if (said := self._emptied(item, "why"))
        )
        return self._apply(self._at.runs, changes()) + self._apply(walks, spoken)

    def accounts(self) -> int:
        """End what they sign in to the pages with: it has their address and name."""
        addresses = self._addresses()
        accounts: Collection[Document] = self._safe["accounts"]
        theirs = {"_id": {"$in": addresses}, "tenant": self._tenant}
        if not self._write:
            return accounts.count_documents(theirs)
        return accounts.delete_many(theirs).deleted_count

    def provisioned(self) -> int:
        """Remove what identity providers told of them."""
        numbers, addresses = self._traces.numbers, self._addresses()
        return forget(
            *(self._safe, self._tenant, numbers, addresses), write=self._write
        )

    def _addresses(self) -> list[str]:
        mark = "mbox mailto:"
        mails = [key for key in self._traces.keys if key.startswith(mark)]
        return [key.removeprefix(mark).lower() for key in mails]

    def states(self) -> int:
        """Write what stands for the people's states: their identifiers, digested."""
        hidden = {one.surrogate: one for one in self._traces.hidings}
        veil = Veil(self._key, self._traces.hidings)

        def changes() -> Iterator[ReplaceOne[Document]]:
            for number, surrogate in self._traces.numbers.items():
                for item in self._at.people.find(self._states(number)):
                    listed = veil.listed(identifier_keys(item["values"]))
                    mine = sorted(listed.intersection(hidden[surrogate].ids))
                    place: Document = {"t": self._tenant, "p": surrogate}
                    place |= {"d": self._keyed(item["_id"]["d"])}
                    stands = {
                        "_id": place,
                        "values": {"veiled": mine},
                        "run": item["run"],
                    }
                    yield ReplaceOne({"_id": place}, stands, upsert=True)

        return self._apply(self._at.people, changes())

    def rows(self) -> int:
        """Give the people's rows, and what others' rows say of them, the surrogates."""
        personal = Personal(self._at.people, self._tenant)

        def changes(found: Iterator[Document], *, own: bool) -> Iterator[UpdateOne]:
            for batch in chunks(found, _CHUNK):
                wholes = personal.joined(batch)
                for item, whole in zip(batch, wholes, strict=True):
                    is_own = item["key"].partition(SEPARATOR)[0] in self._traces.numbers
                    said = self._row(item, whole) if is_own is own else None
                    if said is not None:
                        yield UpdateOne({"_id": item["_id"]}, said)

        changed = self._apply(self._at.rows, changes(self._own_rows(), own=True))
        return changed + self._apply(
            self._at.rows, changes(self._others_rows(), own=False)
        )

    def last(self, veil: Veil, veils: Veils) -> int:
        """Change the decisions and the record, and remove the people's states."""
        decisions: Collection[Document] = self._safe["identity_decisions"]

        def work(session: Any, _stamp: int) -> int:
            locks: Collection[Document] = self._safe["identity_locks"]
            if self._write:  # no decision is made meanwhile
                lock = {"_id": {"t": self._tenant}}
                locks.update_one(lock, {"$inc": {"n": 1}}, session=session)
            found = list(decisions.find({"_id.t": self._tenant}, session=session))
            changes = decisions_of(found, self._traces, veil)
            changed = self._apply(decisions, iter(changes), session)
            self._apply(veils.people, iter(self._record(veils)), session)
            if self._write:
                for number in self._traces.numbers:
                    self._at.people.delete_many(self._states(number), session=session)
            return changed

        return self._ledger.timeline.transact(work) if self._write else work(None, 0)

    # -- what changes ---------------------------------------------------------------

    def _row(self, item: Document, whole: Document) -> Document | None:
        numbers, values = self._traces.numbers, dict(item["values"])
        person, _, rest = item["key"].partition(SEPARATOR)
        own = numbers.get(person)
        said: Document = {}
        if own is not None:
            values["employee_id"] = own
            said |= {"key": own + SEPARATOR + rest}
            if item.get("who") is not None:
                said |= {"who": self._keyed(item["who"])}
            if item["kind"] == "exemptions":
                values.pop("reason", None)
        if (manager := numbers.get(values.get("manager_id", ""))) is not None:
            values["manager_id"] = manager
        if item["kind"] == "exemptions":
            if (named := self._traces.who(values.get("approver", ""))) is not None:
                values["approver"] = named
            if self._traces.in_text(values.get("reason", "")) is not None:
                values["reason"] = REMOVED
        if own is None and values == item["values"]:
            return None
        if bytes(item["digest"]) != RETRACTED:
            said["digest"] = (
                digest_of(whole | values)
                if own is None
                else self._keyed(item["digest"])
            )
        return {"$set": said | {"values": values}}

    def _record(self, veils: Veils) -> list[UpdateOne]:
        changes = []
        for item in veils.people.find({"_id.t": self._tenant}, {"by": 1, "reason": 1}):
            said = self._emptied(item, "reason")
            if (who := self._traces.who(item["by"])) is not None:
                said["by"] = who
            if said:
                changes.append(UpdateOne({"_id": item["_id"]}, {"$set": said}))
        return changes

    def _emptied(self, item: Document, *names: str) -> Document:
        texts = {name: item.get(name) or "" for name in names}
        return {
            name: REMOVED for name, text in texts.items() if self._traces.in_text(text)
        }

    # -- the database ---------------------------------------------------------------

    def _own_rows(self, fields: Document | None = None) -> Iterator[Document]:
        for numbers in chunks(self._traces.numbers, _PEOPLE):
            asked = {"_id.t": self._tenant, "$or": spans(numbers)}
            yield from self._at.rows.find(asked, fields)

    def _others_rows(self) -> Iterator[Document]:
        numbers = list(self._traces.numbers)
        # Looks through all rows: 1.4 s of a million. An index over manager_id would
        # cost every import for what is asked once in a while.
        managed = {"kind": "workforce", "values.manager_id": {"$in": numbers}}
        yield from self._at.rows.find({"_id.t": self._tenant, **managed})
        yield from self._at.rows.find({"_id.t": self._tenant, "kind": "exemptions"})

    def _states(self, number: str) -> Document:
        return states_of(self._ledger, self._tenant, number)

    def _keyed(self, digest: bytes) -> Binary:
        made = hmac.digest(self._key, b"row " + bytes(digest), "sha256")
        return Binary(made[: len(digest)])

    def _apply(
        self, at: Collection[Document], changes: Iterator[Any], session: Any = None
    ) -> int:
        number = 0
        for chunk in chunks(changes, _CHUNK):
            self._alive()
            if self._write:
                at.bulk_write(chunk, ordered=False, session=session)
            number += len(chunk)
        return number
