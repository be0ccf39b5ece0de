"""What the ledger holds before a run: asked for by key, by person, or all of it.

In: keys and people. Out: the newest recorded row of each key, as far as is asked for.
Only applied runs count; the runs are those at the moment this is made, which is while
the run's lock is held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pymongo import ASCENDING

from analytics.workforce.ledger import BATCH, Document, Ledger, Run, chunks
from analytics.workforce.model import SEPARATOR, Row
from analytics.workforce.personal import Personal
from analytics.workforce.unit_tree import Link

RETRACTED = bytes(16)  # the digest of a row that says that none holds
_SILENCE = bytes(8)  # the beginning of the digest of a row that nobody delivered
_FOLLOWING = chr(ord(SEPARATOR) + 1)
_ENDS = {
    "_id.run": 1,
    "key": 1,
    "retracted": 1,
    "values.status": 1,
    "values.termination_date": 1,
}
_MANAGED = _ENDS | {
    "digest": 1,
    "values.employee_id": 1,
    "values.effective_date": 1,
    "values.hire_date": 1,
    "values.manager_id": 1,
}


@dataclass(frozen=True, slots=True)
class LastRow:
    """A row of a person that holds: its day, whether it ends the employment."""

    day: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Managed:
    """A row that holds, as far as it says who stood below whom; the run it is from."""

    values: Row
    run: Run
    digest: bytes


class Former:
    """The newest rows of one tenant's kind."""

    def __init__(self, ledger: Ledger, tenant: str, kind: str) -> None:
        self._rows = ledger.collections.rows
        self._of = {"_id.t": tenant, "kind": kind}
        self._personal = Personal(ledger.collections.people, tenant)
        self.runs: dict[str, Run] = {run.run: run for run in ledger.runs(tenant, kind)}

    def newest(self, keys: list[str]) -> dict[str, bytes]:
        """Return the digests of the newest rows of these keys.

        One indexed query that never fetches a row: a small delivery costs little
        however much the ledger holds.
        """
        fields = {"_id.run": 1, "key": 1, "digest": 1}
        return {
            key: item["digest"]
            for key, item in self._found({"key": {"$in": keys}}, fields).items()
        }

    def said_by(self, keys: list[str]) -> dict[str, Run]:
        """Return the run that the newest row of each of these keys is from."""
        found = self._found({"key": {"$in": keys}}, {"_id.run": 1, "key": 1})
        return {key: self.runs[item["_id"]["run"]] for key, item in found.items()}

    def links_above(
        self, units: Iterable[str], gone: Callable[[Managed], bool]
    ) -> dict[str, set[Link]]:
        """Return the links of units, and of all above them, by the key that names each.

        On any day, but those of rows that will be ``gone``. No index finds rows by
        their unit: a pass over all for each level.
        """
        fields = {"key": 1, "digest": 1, "values.effective_date": 1}
        fields |= {"_id.run": 1, "values.employee_id": 1}
        fields |= {"values.org_unit_id": 1, "values.org_parent_id": 1}
        found: dict[str, set[Link]] = {}
        known: set[str] = set()
        while asked := set(units) - known:
            known |= asked
            of_these = self._of | {"values.org_unit_id": {"$in": sorted(asked)}}
            above: set[str] = set()
            for rows in chunks(self._rows.find(of_these, fields), BATCH):
                newest = self.newest([item["key"] for item in rows])
                for item in rows:
                    run = self.runs.get(item["_id"]["run"])
                    if run and newest.get(item["key"]) == item["digest"]:
                        values = item["values"]
                        if gone(Managed(values, run, item["digest"])):
                            continue
                        link = Link(
                            values["effective_date"],
                            values["org_unit_id"],
                            values.get("org_parent_id"),
                        )
                        found.setdefault(item["key"], set()).add(link)
                        above.update(filter(None, [link.parent]))
            units = above
        return found

    def rows_of(self, people: Iterable[str]) -> dict[str, list[LastRow]]:
        """Return the rows that hold of these people, by effective date."""
        found: dict[str, list[LastRow]] = {}
        for key, item in sorted(self._found(_of_people(people), _ENDS).items()):
            if not item.get("retracted"):
                person, _, day = key.partition(SEPARATOR)
                found.setdefault(person, []).append(LastRow(day, is_ended(item)))
        return found

    def managed(self, people: Iterable[str]) -> dict[str, list[Managed]]:
        """Return what the rows that hold of these people say of their managers."""
        found: dict[str, list[Managed]] = {}
        for key, item in self._found(_of_people(people), _MANAGED).items():
            if not item.get("retracted"):
                run = self.runs[item["_id"]["run"]]
                row = Managed(item["values"], run, item["digest"])
                found.setdefault(key.partition(SEPARATOR)[0], []).append(row)
        return found

    def staged_of(self, people: Iterable[str], run: str) -> Iterator[Document]:
        """Yield the rows of these people that a run has staged, as ``is_ended`` asks.

        With ``key`` and ``retracted``, in the order of their keys.
        """
        wanted = self._of | _of_people(people) | {"_id.run": run}
        yield from self._rows.find(wanted, _ENDS).sort("key", ASCENDING)

    def values_of(self, person: str) -> dict[str, Row]:
        """Return the rows that hold of a person, by key."""
        fields = {"_id.run": 1, "key": 1, "retracted": 1, "values": 1, "who": 1}
        found = self._found({"key": _span(person)}, fields)
        keys = sorted(key for key, item in found.items() if not item.get("retracted"))
        whole = self._personal.joined([found[key] for key in keys])
        return dict(zip(keys, whole, strict=True))

    def values_at(self, keys: list[str]) -> dict[str, Row]:
        """Return the rows that hold of these keys."""
        fields = {"_id.run": 1, "key": 1, "retracted": 1, "values": 1, "who": 1}
        found = self._found({"key": {"$in": keys}}, fields)
        held = [key for key, item in found.items() if not item.get("retracted")]
        whole = self._personal.joined([found[key] for key in held])
        return dict(zip(held, whole, strict=True))

    def every_key(self) -> Iterator[tuple[str, Run, bytes]]:
        """Yield each key that holds with the run it is from and its digest, in order.

        Answered by an index alone, whatever the ledger holds.
        """
        if not self.runs:
            return
        newest: tuple[str, Run, bytes] | None = None
        cursor = self._rows.find(
            self._of, {"_id.run": 1, "key": 1, "digest": 1}, batch_size=BATCH
        ).sort([("_id.t", ASCENDING), ("kind", ASCENDING), ("key", ASCENDING)])
        for item in cursor:
            run = self.runs.get(item["_id"]["run"])
            if run is None:
                continue
            if newest and newest[0] != item["key"]:
                if newest[2] != RETRACTED:
                    yield newest
                newest = None
            if newest is None or run.recorded > newest[1].recorded:
                newest = item["key"], run, item["digest"]
        if newest and newest[2] != RETRACTED:
            yield newest

    def last_of(self, source: str) -> Run | None:
        """Return the newest run of a source."""
        runs = [run for run in self.runs.values() if run.source == source]
        return max(runs, key=lambda run: run.recorded, default=None)

    def open_people(self) -> int:
        """Return how many employments are open (``lrs.workforce.standing``)."""
        last = max(self.runs.values(), key=lambda run: run.recorded, default=None)
        if last is None:
            return 0
        if last.open_people is not None:
            return last.open_people
        return self._counted()  # the newest run is of an older release

    def _counted(self) -> int:
        newest: dict[str, tuple[int, bool]] = {}
        fields = {"_id.run": 1, "key": 1, "retracted": 1}
        fields |= {"values.status": 1, "values.termination_date": 1}
        for item in self._rows.find(self._of, fields, batch_size=BATCH):
            run = self.runs.get(item["_id"]["run"])
            if run and run.recorded > newest.get(item["key"], (0, False))[0]:
                ended = is_ended(item) or bool(item.get("retracted"))
                newest[item["key"]] = run.recorded, ended
        last: dict[str, bool] = {}
        for key in sorted(newest):
            last[key.partition(SEPARATOR)[0]] = newest[key][1]
        return sum(not ended for ended in last.values())

    def _found(self, wanted: Document, fields: Document) -> dict[str, Document]:
        if not self.runs:
            return {}
        found: dict[str, tuple[int, Document]] = {}
        for item in self._rows.find(self._of | wanted, fields, batch_size=BATCH):
            run = self.runs.get(item["_id"]["run"])  # None: never applied
            if run and run.recorded > found.get(item["key"], (0, {}))[0]:
                found[item["key"]] = run.recorded, item
        return {key: item for key, (_, item) in found.items()}


def of_silence(digest: bytes) -> bytes:
    """Return the digest of a row that stands for a full delivery's silence.

    Nothing that is delivered has such a one (but once in 2^64 times).
    """
    return _SILENCE + digest[: len(digest) - len(_SILENCE)]


def is_of_silence(digest: bytes) -> bool:
    """Tell whether nobody delivered the row of a digest."""
    return digest.startswith(_SILENCE) and digest != RETRACTED


def _of_people(people: Iterable[str]) -> Document:
    # Ranges, each with bounds of its own in the index: patterns have none together.
    spans = [{"key": _span(person)} for person in people]
    return {"$or": spans} if spans else {"key": None}


def _span(person: str) -> Document:
    """Return what the keys of a person lie between."""
    return {"$gte": person + SEPARATOR, "$lt": person + _FOLLOWING}


def is_ended(item: Document) -> bool:
    """Tell whether a row of the ledger ends its person's employment, at any time."""
    values = item.get("values") or {}
    ends = values.get("status") == "terminated"
    return ends or values.get("termination_date") is not None
