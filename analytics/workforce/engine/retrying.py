"""Retrying: what a run set aside comes in once more, and what becomes of each record.

In: an applied run, and the names of chosen records or none: all that can stand now.
Out: records for the engine, with their place in the quarantine as line, and a mark at
each that counts when the new run is applied (``quarantine``). So a replay that is
killed has changed nothing, one that is repeated takes nothing twice, and what it
refuses waits where it did, under the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
from pymongo import ASCENDING, UpdateOne
from pymongo.client_session import ClientSession

from analytics.workforce.engine.linking import Above
from analytics.workforce.former import Former
from analytics.workforce.ledger import Document, Ledger, Run, all_of, chunks
from analytics.workforce.mapping import FieldError, Mapping
from analytics.workforce.model import Problem
from analytics.workforce.quarantine import SETTLED, last_try, open_in, replays_of
from analytics.workforce.run_records import RunRecord
from analytics.workforce.source_records import SourceRecords
from analytics.workforce.sources.records import Record
from analytics.workforce.staged_rows import CIRCLE, SetAside
from analytics.workforce.staging import CHUNK, StagedRun

_Judged = tuple[Document, Document | None, str]


class Retry:
    """One replay of what ``origin`` set aside; ``chosen`` are numbers in it."""

    def __init__(
        self,
        ledger: Ledger,
        tenant: str,
        origin: RunRecord,
        chosen: Sequence[int] | None = None,
    ) -> None:
        self.origin = origin
        self.overtaken = 0  # records of which a later run says more: left alone
        self._ledger, self._tenant, self._chosen = ledger, tenant, chosen
        self._at = ledger.collections.quarantine
        self._replays: dict[str, int] = {}
        self._settled = 0  # records that wait no more
        self._places: dict[int, tuple[int, str | None]] = {}  # of those refused

    def begin(self, run: StagedRun, mapping: Mapping) -> Above | None:
        """Begin, with the lock of the kind held.

        Return what the records' links have to be held against, where a circle of units
        was why one of them was set aside.
        """
        self._run, self._mapping = run, mapping
        self._replays = replays_of(self._ledger, self._tenant, [self.origin.run])
        circle = [{"reason": CIRCLE}, {"tries.reason": CIRCLE}]
        found = self._at.find_one({"$and": [self.wanted(), {"$or": circle}]})
        return run.former.links_above if found else None

    def wanted(self) -> Document:
        """Return what finds the records that are to be tried."""
        if self._chosen is not None:
            first = all_of(self._tenant, self.origin.run)["$gte"]
            ids = [first | {"n": number} for number in self._chosen]
            return {"_id": {"$in": ids}, "cells": {"$exists": True}}
        asked = open_in(self._tenant, self.origin.run, self._replays)
        return asked | {"cells": {"$exists": True}}

    def is_empty(self, mapping: Mapping) -> bool:
        """Tell whether there is nothing to try, as far as can be told beforehand."""
        self._replays = replays_of(self._ledger, self._tenant, [self.origin.run])
        former = Former(self._ledger, self._tenant, self.origin.kind)
        return not any(True for _ in self._judged(former, mapping))

    def records(self) -> Iterator[Record]:
        """Yield the records, each marked as taken: whoever is refused is told of."""
        judged = self._judged(self._run.former, self._mapping)
        for chunk in chunks(judged, CHUNK):
            marks = []
            for item, former, outcome in chunk:
                marks.append(self._mark(item, former, {"outcome": outcome}))
                self._settled += not _is_settled(former)
                self.overtaken += outcome == "overtaken"
            self._write(marks)
            for item, _, outcome in chunk:
                if outcome != "overtaken":
                    yield _record(item)

    def again(self) -> Iterator[Record]:
        """Yield the records that were tried, anew."""
        tried = {"run": self._run.run, "outcome": "taken"}
        whole = {"_id": all_of(self._tenant, self.origin.run)}
        for item in self._at.find(whole | {"tries": {"$elemMatch": tried}}):
            yield _record(item)

    def refused(self, records: Iterable[SetAside]) -> None:
        """Mark records as refused again; one that was settled before stays so."""
        for chunk in chunks(records, CHUNK):
            aside = {record.line: record for record in chunk}
            first = all_of(self._tenant, self.origin.run)["$gte"]
            ids = [first | {"n": number} for number in aside]
            marks = []
            shown = {"tries": 1, "replayed": 1, "line": 1, "file": 1}
            for item in self._at.find({"_id": {"$in": ids}}, shown):
                record = aside[item["_id"]["n"]]
                former = last_try(item, self._replays)
                self._settled -= not _is_settled(former)
                said = {"field": record.field, "reason": record.reason}
                said = {"outcome": "refused"} | said
                marks.append(self._mark(item, former, said, record))
                self._places[record.line] = item["line"], item.get("file")
            self._write(marks)

    @property
    def notes(self) -> dict[str, Any]:
        """Return what the run's record keeps."""
        return {"settled": self._settled}

    def settle(self, session: ClientSession) -> None:
        """Count the records that wait no more, in the run's transaction."""
        sources = SourceRecords(self._ledger.collections.sources)
        sources.settled(
            *(self._tenant, self.origin.kind, self.origin.source),
            *(self.origin.recorded or 0, self._settled, session),
        )

    def told(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return problems with the places that records had in their file."""
        found = []
        for problem in problems:
            line, file = self._places[problem.line]
            name = file or self.origin.file
            found.append(Problem(name, line, problem.field, problem.reason))
        return sorted(found, key=lambda problem: problem.line)

    def _judged(self, former: Former, mapping: Mapping) -> Iterator[_Judged]:
        """Yield what is to be tried: the record, its last try, what becomes of it."""
        found = self._at.find(self.wanted())
        ordered = found.sort([("line", ASCENDING), ("_id", ASCENDING)])
        for chunk in chunks(ordered.allow_disk_use(True), CHUNK):
            read = [_read(mapping, _record(item)) for item in chunk]
            said = former.said_by([key for key, _ in read if key])
            for item, (key, skipped) in zip(chunk, read, strict=True):
                last = last_try(item, self._replays)
                outcome = self._outcome(last, said.get(key or ""), skipped=skipped)
                if outcome is not None:
                    yield item, last, outcome

    def _outcome(
        self, last: Document | None, said: Run | None, *, skipped: bool
    ) -> str | None:
        """Return what is to become of a record; None: it stays as it is.

        ``said`` is the run that the newest row of its key is from.
        """
        overtaken = said is not None and said.recorded > (self.origin.recorded or 0)
        if self._chosen is not None and said is not None and said.run in self._replays:
            # Who chose between two records may choose again.
            overtaken = False
            stays = last is not None and last["run"] == said.run
        else:
            stays = overtaken and _is_settled(last)
        taken = last is not None and last["outcome"] == "taken"
        if taken and (stays or said is None or said.run not in self._replays):
            return None
        if overtaken:
            return None if stays else "overtaken"
        return "skipped" if skipped else "taken"

    def _mark(
        self,
        item: Document,
        former: Document | None,
        said: Document,
        record: SetAside | None = None,
    ) -> UpdateOne:
        mark = {"run": self._run.run} | said
        if said["outcome"] == "refused" and _is_settled(former):
            mark = {}
        tries = [one for one in (former, mark) if one]
        changed: Document = {"$set": {"tries": tries}}
        if record is not None and record.cells is None:  # it speaks of the anonymous
            changed["$set"]["values"] = {}
            changed["$unset"] = {"cells": ""}
        return UpdateOne({"_id": item["_id"]}, changed)

    def _write(self, marks: list[UpdateOne]) -> None:
        self._run.stay_alive()
        if marks:
            self._at.bulk_write(marks, ordered=False)


def _read(mapping: Mapping, record: Record) -> tuple[str | None, bool]:
    """Return a record's key (None: it is wrong), and whether it is not asked for."""
    try:
        mapped = mapping.mapped(record.cells)
    except FieldError:
        return None, False
    return (None if mapped.skipped else mapping.table.key_of(mapped.row)), (
        mapped.skipped
    )


def _record(item: Document) -> Record:
    return Record(item["_id"]["n"], orjson.loads(item["cells"]))


def _is_settled(former: Document | None) -> bool:
    return former is not None and former["outcome"] in SETTLED
