"""What HR had said by known_at of the people of an export, from the ledger itself.

Every version of every row, with its recorded time and the run that brought it; the
exemptions with approver and reason; the runs; and the decisions about identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import orjson

from analytics.identity.standing import Decision
from analytics.reports.session import moment
from analytics.workforce.ledger import Ledger
from analytics.workforce.model import table_of

Sheet = tuple[list[str], Iterable[list[dict[str, Any]]]]
_RUNS = ["run", "kind", "source", "mode", "file", "sha256", "recorded_at", "by"]
_DECISIONS = [
    *("decision", "kind", "recorded_at", "by", "reason"),
    *("actor", "employee_id", "into", "undoes", "rules"),
]
_RULES = "rules"
_KINDS = {"workforce": "workforce_rows", "exemptions": "exemptions"}


class Workforce:
    """The rows of some people of a tenant, recorded up to ``through``."""

    def __init__(self, ledger: Ledger, tenant: str, through: int) -> None:
        self._ledger, self._tenant, self._through = ledger, tenant, through
        self.people: list[dict[str, Any]] = []
        self._ids: set[str] = set()

    def meet(self, people: Iterable[dict[str, Any]]) -> None:
        """Take whom it is about: person_id and employee_id."""
        self.people = list(people)
        self._ids = {row["employee_id"] for row in self.people}

    def sheets(self) -> dict[str, Sheet]:
        """Return the sheets of rows, exemptions and runs by name."""
        found: dict[str, Sheet] = {}
        for kind, name in _KINDS.items():
            columns = [column.name for column in table_of(kind).columns]
            added = ["retracted", "recorded_at", "run"]
            found[name] = (columns + added, self._rows(kind))
        return found | {"runs": (_RUNS, [self._runs()])}

    def decided(self, decisions: Iterable[Decision]) -> Sheet:
        """Return the sheet of decisions that are about these people, and the rules."""
        known = [item for item in decisions if item.recorded <= self._through]
        ours = {
            item.n
            for item in known
            if item.kind == _RULES or {item.employee_id, item.into} & self._ids
        }
        rows = [
            {name: getattr(item, name, None) for name in _DECISIONS}
            | {
                "decision": item.n,
                "recorded_at": moment(item.recorded),
                "rules": orjson.dumps(item.rules, option=orjson.OPT_SORT_KEYS).decode()
                if item.rules
                else None,
            }
            for item in known
            if item.n in ours or item.undoes in ours
        ]
        return _DECISIONS, [rows]

    def _rows(self, kind: str) -> Iterator[list[dict[str, Any]]]:
        for batch in self._ledger.rows(self._tenant, kind, 0, self._through):
            yield [
                row | {"recorded_at": moment(row["recorded"])}
                for row in batch
                if row["employee_id"] in self._ids
            ]

    def _runs(self) -> list[dict[str, Any]]:
        runs = [
            run
            for kind in _KINDS
            for run in self._ledger.runs(self._tenant, kind, 0, self._through)
        ]
        recorded: dict[str, datetime] = {run.run: moment(run.recorded) for run in runs}
        return [
            {name: getattr(run, name, None) for name in _RUNS}
            | {"recorded_at": recorded[run.run], "by": run.by or None}
            for run in sorted(runs, key=lambda run: run.recorded)
        ]
