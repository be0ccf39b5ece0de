"""One random world with its questions, and the same as plain tables.

The tables are lists of dicts, ready for DuckDB: days are `date`, moments aware
`datetime`, recorded and stored are microseconds, lists are Python lists.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from tests.oracle.inputs import Exemption, HrRow, Requirement, StatementFact, Void
from tests.oracle.model import compliance_status
from tests.oracle.workforce import keys_of

Table = list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the report is asked for; known_at in microseconds since 1970."""

    as_of: date
    known_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A small world; `answer` is what the oracle says to one of its questions."""

    seed: int
    rows: tuple[HrRow, ...]
    exemptions: tuple[Exemption, ...]
    requirements: tuple[Requirement, ...]
    facts: tuple[StatementFact, ...]
    voids: tuple[Void, ...]
    questions: tuple[Question, ...]

    def answer(self, question: Question) -> Table:
        """Ask the oracle."""
        return compliance_status(
            self.rows,
            self.exemptions,
            self.requirements,
            self.facts,
            self.voids,
            as_of=question.as_of,
            known_at=question.known_at,
        )


def to_tables(case: Case) -> dict[str, Table]:
    """Give the case as tables named workforce, exemptions, requirements, facts, voids.

    - workforce: the columns of HrRow, and `keys`, every IFI key that the row claims
      (identities, the email's mbox and its mbox_sha1sum), sorted.
    - exemptions: `from_` and `to`; to is None where it is open.
    - requirements: one row a version; the audience's keys as `audience_org_unit` ...
    - facts, voids: the columns of StatementFact and Void.
    """
    return {
        "workforce": [
            _plain(row) | {"keys": sorted(keys_of(row))} for row in case.rows
        ],
        "exemptions": [_plain(exemption) for exemption in case.exemptions],
        "requirements": [_requirement(version) for version in case.requirements],
        "facts": [_plain(fact) for fact in case.facts],
        "voids": [_plain(void) for void in case.voids],
    }


def _plain(item: Any) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(item).items()
    }


def _requirement(version: Requirement) -> dict[str, Any]:
    row = _plain(version)
    row["any_of"] = [
        {"activities": list(group.activities), "all_of": list(group.all_of)}
        for group in version.any_of
    ]
    audience = row.pop("audience")
    return row | {
        f"audience_{name}": list(value) if isinstance(value, tuple) else value
        for name, value in audience.items()
    }
