"""What a full delivery lacks: people who have left, rows that hold no more.

Only what came from the same source is missed: another system's people are not this
one's to end. In: the keys of the delivery. Out: rows for the same run, by its terms.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field, replace

from analytics.workforce.anonymity.veil import Veil
from analytics.workforce.engine.entries import entry_of, retraction
from analytics.workforce.engine.seen import Seen
from analytics.workforce.engine.terms import Terms
from analytics.workforce.former import (
    Former,
    Managed,
    is_ended,
    is_of_silence,
    of_silence,
)
from analytics.workforce.manager_chain import EVER
from analytics.workforce.mapping import FieldError
from analytics.workforce.model import SEPARATOR, WORKFORCE, Row
from analytics.workforce.staged_rows import Entry


@dataclass(slots=True)
class Gone:
    """Whom a full delivery lacks, of the people of its source.

    ``present``: those of them that it has and that were there before; ``ended``: how
    many employments end, or are taken back, since their people are not in it.
    """

    people: dict[str, None] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    ended: int = 0


def lacking(
    former: Former,
    seen: Seen,
    mentioned: set[str],
    source: str,
    terms: Terms,
    gone: Gone,
    veil: Veil | None = None,
) -> Iterator[Entry]:
    """Yield the rows that say what a full delivery leaves unsaid.

    ``mentioned`` are people of whom a record was set aside: nothing is missed of them.
    Who is missing was employed until the day before the one that it speaks of.
    ``gone`` gets to know whom the delivery lacks. Who was missing and is there again
    has not left: what that silence said is taken back.
    Whoever is behind the ``veil`` is never missed.
    """
    present = {key.partition(SEPARATOR)[0] for key in seen}
    is_void = _voiding(seen, terms)
    for key, run, digest in former.every_key():
        if run.source != source:
            continue
        person = key.partition(SEPARATOR)[0]
        if person in present:
            gone.present.add(person)
        if key in seen or person in mentioned or (veil and veil.surrogate_of(person)):
            continue
        if person not in present:
            gone.people[person] = None
        elif is_void(key) or is_of_silence(digest):
            yield retraction(WORKFORCE, key)
    if terms.missing_person == "keep":
        return
    for person in gone.people:
        rows = former.values_of(person)
        if terms.missing_person == "retract":
            gone.ended += bool(rows)
            yield from (retraction(WORKFORCE, key) for key in rows)
        elif (entry := _terminated(rows, terms.spoken_of)) is not None:
            gone.ended += 1
            yield entry


def holding_until(
    terms: Terms,
    source: str,
    seen: Iterable[str],
    mentioned: Container[str],
    veil: Veil | None,
) -> Callable[[Managed, bool, bool], int]:
    """Return what tells until which day a known row holds that a delivery lacks.

    That is what ``lacking`` will make of it, as an ordinal that is behind it.
    """
    is_void = _voiding(seen, terms)

    def until(row: Managed, has: bool, ended: bool) -> int:
        person = str(row.values["employee_id"])
        if row.run.source != source or person in mentioned:
            return EVER
        if veil and veil.surrogate_of(person):
            return EVER
        if has:
            gone = is_void(WORKFORCE.key_of(row.values)) or is_of_silence(row.digest)
            return 0 if gone else EVER
        if ended and terms.missing_person == "terminate":
            return EVER  # whose end is known is not ended anew
        left = {"keep": EVER, "retract": 0, "terminate": terms.spoken_of.toordinal()}
        return left[terms.missing_person]

    return until


def _voiding(seen: Iterable[str], terms: Terms) -> Callable[[str], bool]:
    """Return what tells whether a row holds no more, by its key.

    It is of somebody whom the delivery has, and the delivery lacks it.
    """
    if not terms.retracts_later_only:
        return lambda _: terms.missing_row != "keep"
    first: dict[str, str] = {}
    now = terms.spoken_of.isoformat()
    for key in seen:
        person, _, day = key.partition(SEPARATOR)
        first[person] = min(day, first.get(person, day))

    def is_later(key: str) -> bool:
        person, _, day = key.partition(SEPARATOR)
        return person in first and first[person] < day <= now

    return is_later


def _terminated(rows: dict[str, Row], day: datetime.date) -> Entry | None:
    """Return the last row, ended on the day before; None where it has ended."""
    last = next(reversed(rows.values()), None)
    if last is None or is_ended({"values": last}):
        return None
    end = max((day - datetime.timedelta(days=1)).isoformat(), str(last["hire_date"]))
    row = last | {"status": "terminated", "termination_date": end}
    row["effective_date"] = max(day.isoformat(), str(last["effective_date"]))
    try:
        entry = entry_of(WORKFORCE, row)
    except FieldError:  # it breaks a rule of today: it stays as it is
        return None
    return replace(entry, digest=of_silence(entry.digest))
