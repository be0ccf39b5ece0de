"""Validation: what is wrong with Statements, said for people; nothing is stored.

In: the records of a file or of a request. Out: a Verdict for each, with every rule
that it breaks, as preparation would refuse it (xAPI-Data 2.2 to 2.4, and cmi5's rules
where asked for); for what is not JSON, the place where it breaks. Memory is bounded:
one record at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lrs.cmi5 import statement_rules
from lrs.records import Record, Unreadable
from lrs.xapi import faults, text
from lrs.xapi.statement import validate
from lrs.xapi.values import is_uuid
from lrs.xapi.versions import Version, of_statement
from lrs.xapi.violations import Violation

MOST_SHOWN = 200  # violations of one Statement
_REPEATED = "xapi-communication:2.1.2"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with one record.

    ``position`` counts the records, ``line`` is where it begins; both from 1. Without
    a ``version`` it was no Statement to be judged by one.
    """

    position: int
    line: int
    statement_id: str | None
    version: Version | None
    violations: Sequence[Violation]

    @property
    def valid(self) -> bool:
        """Tell whether it breaks no rule."""
        return not self.violations

    def as_dict(self, most: int = MOST_SHOWN) -> dict[str, Any]:
        """Return the shape that the API and ``--format json`` give.

        At most so many violations stand in it; their number is always told.
        """
        return {
            "position": self.position,
            "line": self.line,
            "id": self.statement_id,
            "version": None if self.version is None else self.version.value,
            "valid": self.valid,
            "violations": [item.as_dict() for item in self.violations[:most]],
            "violations_total": len(self.violations),
        }


@dataclass(slots=True)
class Totals:
    """The sums over all verdicts, and by rule."""

    statements: int = 0
    invalid: int = 0
    violations: Counter[str] = field(default_factory=Counter)
    breaking: Counter[str] = field(default_factory=Counter)

    def add(self, verdict: Verdict) -> None:
        """Count a verdict in."""
        self.statements += 1
        if verdict.violations:
            self.invalid += 1
            rules = [item.rule for item in verdict.violations]
            self.violations.update(rules)
            self.breaking.update(set(rules))

    def as_dict(self) -> dict[str, int]:
        """Return the sums."""
        return {
            "statements": self.statements,
            "valid": self.statements - self.invalid,
            "invalid": self.invalid,
            "violations": self.violations.total(),
        }

    def by_rule(self) -> list[dict[str, Any]]:
        """Return how often each rule is broken, and in how many Statements."""
        return [
            {"rule": rule, "violations": count, "statements": self.breaking[rule]}
            for rule, count in sorted(
                self.violations.items(), key=lambda item: (-item[1], item[0])
            )
        ]


def judge(
    records: Iterable[Record],
    *,
    version: Version | None = None,
    cmi5: bool = False,
    ids_once: bool = False,
) -> Iterator[Verdict]:
    """Yield a verdict on each record.

    Without a version each Statement is judged by its own ``version``, and by 1.0.3
    where it has none. ``cmi5`` asks for its rules too, for what is valid xAPI.
    ``ids_once`` refuses an id that stood before, as one request does; all ids are then
    remembered. Where the records cannot be taken apart any further, the last verdict
    says so.
    """
    position = 0
    seen: dict[str, int] = {}
    try:
        for position, record in enumerate(records, 1):
            verdict = _verdict(position, record, version, cmi5=cmi5)
            if ids_once and verdict.statement_id is not None:
                first = seen.setdefault(verdict.statement_id.lower(), position)
                if first != position:
                    verdict = _repeating(verdict, first)
            yield verdict
    except Unreadable as error:
        yield Verdict(position + 1, error.line, None, None, (error.violation,))


def _verdict(
    position: int, record: Record, version: Version | None, *, cmi5: bool
) -> Verdict:
    try:
        value = text.parse(record.raw)
    except text.NotJson as error:
        found = faults.located(record.raw, error, record.line, record.column)
        return Verdict(position, record.line, None, None, (found,))
    judged_by = version or of_statement(value)
    violations = validate(value, judged_by)
    if not isinstance(value, dict):
        return Verdict(position, record.line, None, judged_by, violations)
    if cmi5 and not violations:  # its rules rely on those of xAPI
        violations = statement_rules.validate(value)
    given = value.get("id")
    known = given if isinstance(given, str) and is_uuid(given) else None
    return Verdict(position, record.line, known, judged_by, violations)


def _repeating(verdict: Verdict, first: int) -> Verdict:
    message = f"The Statement at position {first} has the same id."
    found = Violation("id", _REPEATED, message)
    return replace(verdict, violations=[*verdict.violations, found])
