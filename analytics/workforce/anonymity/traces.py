"""Traces: what leads to a person, as the ledger and the decisions have it.

In: employee numbers. Out: each with the surrogate it gets, what hides it (``Hiding``),
and the texts by which somebody may be called in a file's name or a reason: number,
addresses, account names, given and family name together. A short number such as 17 is
looked for in columns only: in a text it says nothing.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bson import MaxKey

from analytics.identity.decisions import Decisions
from analytics.workforce.anonymity.veil import (
    Hiding,
    digest,
    employee_ids,
    identifier_ids,
    number_digest,
)
from analytics.workforce.identifiers import identifier_keys
from analytics.workforce.ledger import Document, Ledger
from analytics.workforce.model import SEPARATOR, TABLES, Row

_WORD = re.compile(r"[^\W_]+")
_LEAST = 4  # characters by which a single word tells of somebody
_MIXED = re.compile(r"[0-9][^0-9]|[^0-9][0-9]")  # E17 does too
_HEX = 6  # octets of a surrogate


@dataclass(slots=True)
class Traces:
    """What leads to the people in hand: ``numbers`` gives each one's surrogate."""

    numbers: dict[str, str] = field(default_factory=dict)
    hidings: list[Hiding] = field(default_factory=list)
    phrases: dict[tuple[str, ...], str] = field(default_factory=dict)
    identifying: set[tuple[str, ...]] = field(default_factory=set)  # more than a name
    keys: set[str] = field(default_factory=set)  # as ``identifier_keys`` has them

    def add(self, text: str, surrogate: str, *, alone: bool = True) -> None:
        """Note what a person may be called; ``alone``: by a single word too."""
        words = _words(text)
        if len(words) > 1 or (alone and any(map(_tells, words))):
            self.phrases[words] = surrogate
            if alone:
                self.identifying.add(words)

    def in_identifier(self, text: str) -> bool:
        """Tell whether a text has a number, an address or an account of theirs."""
        words = _words(text)
        return any(
            words[start : start + length] in self.identifying
            for length in {len(phrase) for phrase in self.identifying}
            for start in range(len(words) - length + 1)
        )

    def in_text(self, text: str, *, digits: bool = True) -> str | None:
        """Return who a text names; None for nobody of these.

        Without ``digits`` a number of digits alone names nobody.
        """
        words = _words(text)
        for length in {len(phrase) for phrase in self.phrases}:
            for start in range(len(words) - length + 1):
                phrase = words[start : start + length]
                found = self.phrases.get(phrase)
                if found is not None and (digits or not "".join(phrase).isdigit()):
                    return found
        return None

    def who(self, text: str) -> str | None:
        """Return whose number a text is, or who it names."""
        return self.numbers.get(text.strip()) or self.in_text(text)

    def in_any(self, value: object) -> str | None:
        """Return who is named anywhere in what JSON or BSON holds."""
        return next(filter(None, map(self.in_text, texts(value))), None)


def surrogates(number: int) -> list[str]:
    """Return new names for people who are one, in order: theirs stays the same.

    Random, so that nothing but the ledger says whose they are.
    """
    return sorted(f"anonymous-{secrets.token_hex(_HEX)}" for _ in range(number))


def kin(decisions: Decisions, tenant: str, employee_id: str) -> list[str]:
    """Return every employee number of the person, as merges in force say."""
    merges = [
        (item.employee_id, item.into)
        for item in decisions.all(tenant)
        if item.kind == "merge" and item.undone_by is None
    ]
    found = {employee_id}
    while more := {
        one
        for pair in merges
        if not found.isdisjoint(pair)
        for one in pair
        if one is not None and one not in found
    }:
        found |= more
    return sorted(found)


def is_known(ledger: Ledger, tenant: str, employee_id: str) -> bool:
    """Tell whether any applied run has a row of this employee number."""
    rows = ledger.collections.rows.find(
        {"_id.t": tenant, "$or": spans([employee_id])}, {"_id": 1}
    )
    runs = {item["_id"]["run"] for item in rows}
    ids = [{"t": tenant, "run": run} for run in runs]
    return bool(
        ledger.collections.runs.count_documents(
            {"_id": {"$in": ids}, "state": "applied"}, limit=1
        )
    )


def spans(numbers: Iterable[str]) -> list[Document]:
    """Return what finds the rows of these people, by the index over keys."""
    after = chr(ord(SEPARATOR) + 1)
    return [
        {"kind": kind, "key": {"$gte": one + SEPARATOR, "$lt": one + after}}
        for one in numbers
        for kind in TABLES
    ]


def states_of(ledger: Ledger, tenant: str, number: str) -> Document:
    """Return what finds all states of a person in ``ledger_people``."""
    first = {"t": tenant, "p": number, "d": b""}
    return {"_id": {"$gte": first, "$lt": first | {"d": MaxKey()}}}


def gather(
    ledger: Ledger,
    decisions: Decisions,
    tenant: str,
    key: bytes,
    numbers: Sequence[tuple[str, str]],
) -> Traces:
    """Return what leads to these people (number and surrogate)."""
    traces = Traces(numbers=dict(numbers))
    linked: dict[str, list[str]] = {}
    for decision in decisions.all(tenant):
        if decision.actor is not None and decision.employee_id is not None:
            linked.setdefault(decision.employee_id, []).append(decision.actor)
    for number, surrogate in numbers:
        found: set[str] = set(linked.get(number, ()))
        traces.add(number, surrogate)
        people = ledger.collections.people
        for item in people.find(states_of(ledger, tenant, number)):
            keys = identifier_keys(item["values"])
            found.update(keys)
            for text, alone in _called(item["values"], keys):
                traces.add(text, surrogate, alone=alone)
        traces.keys |= found
        ids = sorted(digest(key, f"id {one}") for one in identifier_ids(found))
        own = tuple(digest(key, f"id {one}") for one in employee_ids(number))
        traces.hidings.append(
            Hiding(surrogate, number_digest(key, number), own, tuple(ids))
        )
    return traces


def _called(values: Row, keys: Iterable[str]) -> Iterator[tuple[str, bool]]:
    given, family = values.get("given_name"), values.get("family_name")
    if given and family:
        yield f"{given} {family}", False
        yield f"{family} {given}", False
    for key in keys:
        kind, _, value = key.partition(" ")
        if kind == "account":
            yield value.partition(" ")[2], True
        yield value.removeprefix("mailto:"), True


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def _tells(word: str) -> bool:
    return len(word) >= _LEAST or bool(_MIXED.search(word))


def texts(value: object) -> Iterator[str]:
    """Yield every text in what JSON or BSON holds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)
