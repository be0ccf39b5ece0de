"""Retrying: what a run set aside comes in once more, and what becomes of each record.

In: an applied run, and the names of chosen records or none: all that can stand now.
Out: records for the engine, with their place in the quarantine as line, and a mark at
each that counts when the new run is applied (``quarantine``). So a replay that is
killed has changed nothing, one that is repeated takes nothing twice, and what it
refuses waits where it did, under the same name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as Items
from typing import Any

import orjson
from pymongo import ASCENDING, UpdateOne
from pymongo.client_session import ClientSession

from analytics.identity.decisions import Signed
from analytics.workforce.former import Former
from analytics.workforce.ledger import Document, Ledger, Run, all_of, chunks
from analytics.workforce.mapping import FieldError, Mapping
from analytics.workforce.model import Problem
from analytics.workforce.quarantine import (
    SETTLED,
    cells_of,
    last_try,
    open_in,
    replays_of,
)
from analytics.workforce.run_records import RunRecord
from analytics.workforce.source_records import SourceRecords
from analytics.workforce.sources.records import Record
from analytics.workforce.staged_rows import SetAside
from analytics.workforce.staging import CHUNK, StagedRun
from lrs.errors import Conflict

_Judged = tuple[Document, Document | None, str]
ByNumber = Items[int, str]
# Whose mapping reads something: as it came, or as it was corrected once.
_SAYING = {"$or": [{"cells": {"$exists": True}}, {"tries.cells": {"$exists": True}}]}


class Retry:
    """One replay of what ``origin`` set aside; ``chosen`` are numbers in it.

    ``corrected`` has the cells that stand for some of them from now on, ``signed`` says
    who corrected them and why.
    """

    def __init__(
        self,
        ledger: Ledger,
        tenant: str,
        origin: RunRecord,
        chosen: Sequence[int] | None = None,
        corrected: ByNumber | None = None,
        signed: Signed | None = None,
    ) -> None:
        self.origin = origin
        self._corrected = corrected or {}
        self.about = {"replays": origin.run}  # for the run's record
        if signed is not None:
            self.about |= {"by": signed.by, "reason": signed.reason}
        self.overtaken = 0  # records of which a later run says more: left alone
        self._ledger, self._tenant, self._chosen = ledger, tenant, chosen
        self._at = ledger.collections.quarantine
        self._replays: dict[str, int] = {}
        self._settled = 0  # records that wait no more
        self._carried = Counter[str]()  # taken as a former replay corrected them
        self._places: dict[int, tuple[int, str | None]] = {}  # of those refused

    def begin(self, run: StagedRun, mapping: Mapping) -> None:
        """Begin, with the lock of the kind held.

        Raises Conflict where one that was corrected waits no more.
        """
        self._run, self._mapping = run, mapping
        self._replays = replays_of(self._ledger, self._tenant, [self.origin.run])
        if self._corrected:
            waits = open_in(self._tenant, self.origin.run, self._replays)
            number = self._at.count_documents({"$and": [self.wanted(), waits]})
            if number < len(self._corrected):
                raise Conflict(
                    "Another replay took some of these records just now. Nothing was "
                    "imported: export once more what still waits."
                )

    def wanted(self) -> Document:
        """Return what finds the records that are to be tried."""
        if self._chosen is not None:
            first = all_of(self._tenant, self.origin.run)["$gte"]
            ids = [first | {"n": number} for number in self._chosen]
            chosen: Document = {"_id": {"$in": ids}}
            return chosen if self._corrected else chosen | _SAYING
        asked = open_in(self._tenant, self.origin.run, self._replays)
        return asked | _SAYING

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
                said = {"outcome": outcome} | self._mended(item, former)
                marks.append(self._mark(item, former, said))
                self._settled += not _is_settled(former)
                self._carry(said, 1)
                self.overtaken += outcome == "overtaken"
            self._write(marks)
            for item, former, outcome in chunk:
                if outcome != "overtaken":
                    yield self._record(item, former)

    def again(self) -> Iterator[Record]:
        """Yield the records that were tried, anew."""
        tried = {"run": self._run.run, "outcome": "taken"}
        whole = {"_id": all_of(self._tenant, self.origin.run)}
        for item in self._at.find(whole | {"tries": {"$elemMatch": tried}}):
            yield self._record(item, self._mine(item))

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
                mine = self._mine(item)
                self._carry(mine, -1)
                if record.cells is not None and "cells" in mine:
                    said |= {name: mine[name] for name in ("cells", "corrected")}
                marks.append(self._mark(item, former, said, record))
                self._places[record.line] = item["line"], item.get("file")
            self._write(marks)

    @property
    def notes(self) -> dict[str, Any]:
        """Return what the run's record keeps."""
        carried = [{"run": run, "records": n} for run, n in (+self._carried).items()]
        return {"settled": self._settled} | ({"corrected": carried} if carried else {})

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
            lasts = [last_try(item, self._replays) for item in chunk]
            found_cells = [
                self._cells(it, last) for it, last in zip(chunk, lasts, strict=True)
            ]
            read = [_read(mapping, cells) for cells in found_cells]
            said = former.said_by([key for key, _ in read if key])
            for item, last, cells, (key, skipped) in zip(
                *(chunk, lasts, found_cells, read), strict=True
            ):
                if cells is None:
                    continue
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

    def _cells(self, item: Document, tried: Document | None) -> str | None:
        """Return what a record says: as corrected now, or before, or as it came."""
        return self._corrected.get(item["_id"]["n"]) or cells_of(item, tried)

    def _record(self, item: Document, tried: Document | None) -> Record:
        cells = self._cells(item, tried) or "{}"
        return Record(item["_id"]["n"], orjson.loads(cells))

    def _mended(self, item: Document, former: Document | None) -> Document:
        """Return the cells that its mark keeps, of a record that was corrected.

        ``corrected`` is the run that did: its record has by whom and why.
        """
        mended, run = self._corrected.get(item["_id"]["n"]), self._run.run
        if mended is None and former is not None:
            mended, run = former.get("cells"), former.get("corrected") or former["run"]
        # Of who was made anonymous nothing is kept, not even for a moment.
        if mended is None or self._mapping.named(orjson.loads(mended)) is None:
            return {}
        return {"cells": mended, "corrected": run}

    def _carry(self, mark: Document, number: int) -> None:
        """Count a record that is taken as somebody corrected it in a former replay."""
        run = mark.get("corrected", self._run.run)
        if mark.get("outcome") == "taken" and run != self._run.run:
            self._carried[run] += number

    def _mine(self, item: Document) -> Document:
        """Return this replay's own mark of a record."""
        tries: list[Document] = item.get("tries", [])
        return next((one for one in tries if one.get("run") == self._run.run), {})

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
        changed: Document = {}
        # It speaks of the anonymous; unless that is what a correction made of it.
        if (
            record is not None
            and record.cells is None
            and item["_id"]["n"] not in self._corrected
        ):
            changed = {"$unset": {"cells": ""}}
            former = {k: v for k, v in (former or {}).items() if k != "cells"}
        tries = [one for one in (former, mark) if one]
        changed["$set"] = {"tries": tries}
        if "$unset" in changed:
            changed["$set"]["values"] = {}
        return UpdateOne({"_id": item["_id"]}, changed)

    def _write(self, marks: list[UpdateOne]) -> None:
        self._run.stay_alive()
        if marks:
            self._at.bulk_write(marks, ordered=False)


def _read(mapping: Mapping, cells: str | None) -> tuple[str | None, bool]:
    """Return a record's key (None: it is wrong), and whether it is not asked for."""
    if cells is None:
        return None, False
    try:
        mapped = mapping.mapped(orjson.loads(cells))
    except FieldError:
        return None, False
    return (None if mapped.skipped else mapping.table.key_of(mapped.row)), (
        mapped.skipped
    )


def _is_settled(former: Document | None) -> bool:
    return former is not None and former["outcome"] in SETTLED
