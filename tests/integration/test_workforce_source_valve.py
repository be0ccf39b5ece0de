"""The valve of one source's people: beside a large company they are few."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from analytics.workforce.engine.importing import ImportResult, import_file
from analytics.workforce.engine.terms import Terms
from analytics.workforce.engine.valves import Refused
from analytics.workforce.ledger import Ledger
from analytics.workforce.mapping import canonical
from analytics.workforce.model import WORKFORCE
from lrs.services import Services

FULL = Terms(mode="full", day=date(2026, 3, 1))
BRANCH = replace(canonical(WORKFORCE), name="branch")
Deliver = Callable[..., ImportResult]


@pytest.fixture
def ledger(services: Services) -> Ledger:
    return services.analytics().ledger


@pytest.fixture
def deliver(ledger: Ledger, tmp_path: Path) -> Deliver:
    """Deliver the people of the branch, beside 400 of the company."""

    def act(*numbers: int, terms: Terms = FULL, own: bool = True) -> ImportResult:
        path = tmp_path / "people.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["employee_id", "hire_date", "org_unit_id"])
            kind = "B" if own else "C"
            writer.writerows([f"{kind}{n}", "2024-01-01", "U"] for n in numbers)
        mapping = BRANCH if own else None
        return import_file(ledger, "default", "workforce", path, mapping, terms=terms)

    act(*range(400), terms=Terms(), own=False)
    act(*range(30))
    return act


def employed(ledger: Ledger) -> int:
    newest = {}
    for batch in ledger.rows("default", "workforce"):
        newest.update({row["employee_id"]: row["status"] for row in batch})
    return sum(
        who.startswith("B") and status == "active" for who, status in newest.items()
    )


def test_a_source_loses_no_tenth_of_its_people_unseen(
    deliver: Deliver, ledger: Ledger
) -> None:
    with pytest.raises(Refused, match=r"end 6 of the 30 employments that branch"):
        deliver(*range(24))
    assert employed(ledger) == 30
    deliver(*range(25))  # five may always leave
    assert employed(ledger) == 25
    deliver(*range(10), terms=replace(FULL, accepted=True))
    assert employed(ledger) == 10
    deliver(*range(8))
    with pytest.raises(Refused, match=r"8 of the 8 .* never all"):
        deliver()
    deliver(*range(5), terms=FULL)
    with pytest.raises(Refused, match=r"5 of the 5"):
        deliver(90)  # others in their place: all five would leave
    assert employed(ledger) == 5


def test_who_is_taken_back_counts_as_who_leaves(
    deliver: Deliver, ledger: Ledger
) -> None:
    terms = replace(FULL, missing_person="retract")
    with pytest.raises(Refused, match=r"end 20 of the 30"):
        deliver(*range(10), terms=terms)
    deliver(*range(10), terms=replace(terms, accepted=True))
    assert employed(ledger) == 10


def test_who_has_left_before_is_no_reason(deliver: Deliver, ledger: Ledger) -> None:
    deliver(*range(10), terms=replace(FULL, accepted=True))
    deliver(*range(9))  # 21 are missing, one of them leaves
    assert employed(ledger) == 9
