"""Sifting: the good records of a delivery are staged, the bad are set aside.

Bad is a record that is wrong in itself, or that contradicts another one; one that
closes a circle of units or of managers is taken without that link, and set aside for
it. Two records of one key that say different things are all bad: the order of a file
means nothing, so none can be told to be the right one, and what was known before
stands; unless the mapping reads a sequence, whose greatest holds. Two that say the same
count once.

Records are compared and staged while they are read, some thousands at a time; whoever
turns out to be wrong later is taken back (``expelling``). So a delivery of any size
takes little room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from analytics.workforce.engine.circles import closing
from analytics.workforce.engine.counts import Counts
from analytics.workforce.engine.entries import mapped_entry, retraction
from analytics.workforce.engine.expelling import Expelled, Why
from analytics.workforce.engine.filling import Filled
from analytics.workforce.engine.linking import NO_LINK, Links
from analytics.workforce.engine.managing import Managing
from analytics.workforce.engine.repeats import Repeats
from analytics.workforce.engine.seen import ADDED, CHANGED, NOT_STAGED, UNCHANGED, Seen
from analytics.workforce.engine.setting_aside import Aside, SettingAside
from analytics.workforce.engine.shapes import Shapes
from analytics.workforce.former import RETRACTED
from analytics.workforce.ledger import chunks
from analytics.workforce.mapping import FieldError, Mapping
from analytics.workforce.model import SEPARATOR, Problem
from analytics.workforce.sources.files import Record
from analytics.workforce.staged_rows import CONTRADICTS, Entry, SetAside
from analytics.workforce.staging import CHUNK, StagedRun

Progress = Callable[[str, int, int | None], None]
"""Called with a step (``read``, ``store``), the records done, and of how many (None:
not known yet)."""

Staged = Callable[[Iterable[Entry]], None]
EVERY = 1_000  # records between two calls of Progress


class Sieve:
    """One delivery on its way into a run."""

    def __init__(
        self,
        run: StagedRun,
        mapping: Mapping,
        file: str,
        fields: Iterable[str],
        report: Progress,
        aside: Aside | None = None,
    ) -> None:
        """``aside`` takes who is set aside; absent: the run's quarantine does."""
        self.counts = Counts()
        self.seen = Seen()
        self.watchers: list[Staged] = []  # told of every entry that was staged
        self.mentioned: set[str] = set()  # people of records that were set aside
        self.extended: set[str] = set()  # people with new rows, where some are known
        self.unmentioned = 0  # such records that do not say whose they are
        self.filled = Filled()
        self.shapes = Shapes(fields)
        self.managing = Managing()
        self.links = Links(run.links, self.managing)
        self._asides = SettingAside(file, aside or run.set_aside)
        self._run, self._mapping, self._file = run, mapping, file
        self._table = mapping.table
        self._report = report
        self._pending: list[tuple[Entry, int]] = []
        self._repeats = Repeats()
        self.expelled = Expelled(mapping)
        self._loosened: set[int] = set()  # places of records that lost a link
        self._void: dict[tuple[str, str], None] = {}  # hires: the person, the day

    def take(self, record: Record) -> None:
        """Take the next record."""
        counts = self.counts
        counts.read += 1
        if counts.read % EVERY == 0:
            self._report("read", counts.read, None)
        self.shapes.look(record.cells)
        try:
            if record.fault:
                raise FieldError("", record.fault)
            mapped = self._mapping.mapped(record.cells)
            entry = None if mapped.skipped else mapped_entry(self._table, mapped)
        except FieldError as error:
            kept = self._mapping.kept(record.cells)
            # Cells in the wrong places mean nothing, to no mapping.
            cells = None if record.fault else self._mapping.named(record.cells)
            told, fault = (error.field, error.reason), record.fault is not None
            found = SetAside(record.line, *told, kept, cells, record.file, fault)
            self._set_aside(found)
            person = self._mapping.person(record.cells)
            self.mentioned |= set() if person is None else {person}
            self.unmentioned += person is None
            return
        if entry is None:
            counts.skipped += 1
            person = self._mapping.person(record.cells)
            self.mentioned |= set() if person is None else {person}
            return
        if not entry.retracted:
            self.filled.take(entry.values)
        if mapped.whole_hire:
            values = entry.values
            self._void[str(values["employee_id"]), str(values["hire_date"])] = None
        at = self.seen.place(entry.key)
        if at is not None:
            counts.unchanged += self._repeats.take(
                entry, record.line, self.seen.digest(at), mapped.sequence
            )
            return
        self._repeats.first(entry.key, mapped.sequence)
        at = self.seen.add(entry.key, entry.digest, record.line, NO_LINK)
        self._relate(at, entry)
        self._pending.append((entry, at))
        if len(self._pending) >= CHUNK:
            self._flush()

    def end(self, again: Callable[[], Iterable[Record]]) -> None:
        """Take back who contradicts, or closes a circle; what is left is staged.

        ``again`` reads the delivery anew where there are such; raises BadRequest.
        """
        self._flush()
        self._supersede()
        self._void_hires()
        names = ", ".join(self._table.key)
        differing = self._repeats.contradictory
        self._expel(list(differing), Why("", f"{CONTRADICTS} {names}"))
        if self._table.kind == "workforce":
            self._expel_circles()
        if self.expelled:
            self._set_expelled_aside(again)
        self._asides.end()
        self._report("read", self.counts.read, self.counts.read)
        self._report("store", self._run.staged, self._run.staged)

    def stage(self, entries: Iterable[Entry]) -> int:
        """Stage rows that the delivery does not have itself; return how many."""
        number = 0
        for chunk in chunks(entries, CHUNK):
            self._run.stage(chunk)
            for tell in self.watchers:
                tell(chunk)
            number += len(chunk)
        return number

    @property
    def problems(self) -> list[Problem]:
        """The first of those set aside, when all are."""
        return self._asides.problems

    # -- one record -----------------------------------------------------------------

    def _supersede(self) -> None:
        """Put the record with the greatest sequence in the place of its key's first."""
        seen = self.seen
        later = self._repeats.superseding()
        places = dict(seen.places(later))
        numbers = [seen.staged[at] for at in places.values()]
        self._run.take_back([number for number in numbers if number != NOT_STAGED])
        for key, (entry, line) in later.items():
            at = places[key]
            self._forget(at)
            self._put(at, entry, line)
        self._flush()

    def _put(self, at: int, entry: Entry, line: int) -> None:
        """Let a record stand in the place of its key's first."""
        self.seen.replace(at, entry.digest, line, NO_LINK)
        self._relate(at, entry)
        self._pending.append((entry, at))
        if len(self._pending) >= CHUNK:
            self._flush()

    def _void_hires(self) -> None:
        """Retract the former rows of hires that were taken back whole."""
        for person, hired in self._void:
            rows = self._run.former.values_of(person)
            gone = [
                retraction(self._table, key)
                for key, row in rows.items()
                if row.get("hire_date") == hired and key not in self.seen
            ]
            self.managing.void.update(entry.key for entry in gone)
            self.stage(gone)

    def _relate(self, at: int, entry: Entry) -> None:
        """Note above whom and below whom a record puts units and people."""
        if self._table.kind == "workforce":
            self.managing.take(at, entry)
            if not entry.retracted:
                self.seen.links[at] = self.links.number(entry.values)

    def _flush(self) -> None:
        pending, self._pending = self._pending, []
        if not pending:
            return
        self._run.stay_alive()
        known = self._run.former.newest([entry.key for entry, _ in pending])
        seen, counts = self.seen, self.counts
        new: list[Entry] = []
        for entry, at in pending:
            former = known.get(entry.key)
            if former == entry.digest or (former is None and entry.retracted):
                counts.unchanged += 1
                continue
            if former is None or former == RETRACTED:
                counts.added += 1
                seen.verdicts[at] = ADDED
                if self._run.former.runs:
                    self.extended.add(entry.key.partition(SEPARATOR)[0])
            else:
                counts.changed += 1
                seen.verdicts[at] = CHANGED
            seen.staged[at] = self._run.staged + len(new)
            new.append(entry)
        self._run.stage(new)
        for tell in self.watchers:
            tell(new)
        self._report("store", self._run.staged, None)

    # -- bad ones -------------------------------------------------------------------

    def _expel_circles(self) -> None:
        run = self._run
        managers = self.managing.circular(self.seen, run.former, run.stay_alive)
        for why, keys in closing(self.links.circular(self.seen), managers):
            self._expel(keys, why)

    def _expel(self, keys: list[str], why: Why) -> None:
        """Make every record of these keys a bad one."""
        seen = self.seen
        places = [at for _, at in seen.places(keys)]
        staged = [seen.staged[at] for at in places]
        self._run.take_back([number for number in staged if number != NOT_STAGED])
        for key, at in zip(keys, places, strict=True):
            self._forget(at)
            lines = [seen.lines[at], *self._repeats.lines(key)]
            self.expelled.add(key, lines, why)
            # All but the first one and those that differ from it were counted so.
            self.counts.unchanged += 1 + self._repeats.contradictory.get(key, 0)
            seen.links[at] = NO_LINK
            seen.staged[at] = NOT_STAGED
            if self._table.kind == "workforce":
                self.managing.forget(at)

    def _forget(self, at: int) -> None:
        """Count a key's first record no more as what it was taken for."""
        verdict = self.seen.verdicts[at]
        self.counts.added -= verdict == ADDED
        self.counts.changed -= verdict == CHANGED
        self.counts.unchanged -= verdict == UNCHANGED

    def _set_expelled_aside(self, again: Callable[[], Iterable[Record]]) -> None:
        """Set aside all records of the keys that were expelled, as they came."""

        def going_by() -> Iterable[Record]:
            for number, record in enumerate(again()):
                if number % EVERY == 0:
                    self._run.stay_alive()
                yield record

        for entry, found, left in self.expelled.of(
            going_by(), self._file, every_line=self._repeats.sequenced
        ):
            if left is not None:
                self._take_loosened(entry, found, left)
            else:
                self.counts.unchanged -= 1
                self._set_aside(found)
        self._flush()

    def _take_loosened(self, entry: Entry, found: SetAside, left: Entry) -> None:
        at = self.seen.place(entry.key)
        if (
            at is None
            or at in self._loosened
            or (entry.digest, found.line) != (self.seen.digest(at), self.seen.lines[at])
        ):
            return  # it says the same again, or less than one that came later
        self._loosened.add(at)
        self.counts.unchanged -= 1
        self.counts.links_set_aside += 1
        self._asides.add(found)
        self._put(at, left, found.line)

    def _set_aside(self, bad: SetAside) -> None:
        self.counts.quarantined += 1
        self._asides.add(bad)
