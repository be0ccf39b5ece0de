"""What a mapping says of records, on a real MongoDB: skipped, taken back, numbered."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from analytics.workforce.engine.importing import ImportResult, import_file
from analytics.workforce.engine.terms import DELTA, Terms
from analytics.workforce.ledger import Ledger
from analytics.workforce.mapping import load_mapping
from analytics.workforce.run_records import record
from lrs.services import Services

HEADER = ["No", "Hired", "From", "Unit", "Fte", "Gone", "Seq", "Dept", "Birth date"]
HEADER += ["Above", "Boss"]
MAPPING = """
[fields]
Hired = "hire_date"
From = "effective_date"
Unit = "org_unit_id"
Above = "org_parent_id"
Boss = "manager_id"
Fte = "fte"
Gone = "rescinded"
Seq = "sequence"

[columns.employee_id]
from = "No"
strip_zeros = true

[only]
from = "Dept"
is = "R&D"
"""
Deliver = Callable[..., ImportResult]


@pytest.fixture
def ledger(services: Services) -> Ledger:
    return services.analytics().ledger


@pytest.fixture
def deliver(ledger: Ledger, tmp_path: Path) -> Deliver:
    (tmp_path / "acme.toml").write_text(MAPPING)

    def act(*rows: dict[str, str], terms: Terms = DELTA) -> ImportResult:
        path = tmp_path / "people.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, HEADER)
            writer.writeheader()
            writer.writerows(rows)
        mapping = load_mapping(tmp_path / "acme.toml")
        return import_file(ledger, "default", "workforce", path, mapping, terms=terms)

    return act


def a_record(number: int = 1, **changes: str) -> dict[str, str]:
    return {
        "No": f"{number:05}",
        "Hired": "2024-01-01",
        "Unit": "OPS",
        "Dept": "R&D",
        "Birth date": "PRIVATE",
    } | changes


def holding(ledger: Ledger) -> dict[tuple[str, str], dict[str, Any]]:
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    every = chain.from_iterable(ledger.rows("default", "workforce"))
    for row in sorted(every, key=lambda row: row["recorded"]):
        key = row["employee_id"], row["effective_date"]
        rows.pop(key, None)
        if not row["retracted"]:
            rows[key] = row
    return rows


def sums(result: ImportResult) -> bool:
    parts = (result.added, result.changed, result.unchanged)
    return result.read == sum(parts) + result.set_aside + result.skipped


def test_records_that_nobody_asks_for_are_skipped_and_counted(deliver, ledger):
    result = deliver(a_record(1), a_record(2, Dept="Sales"), a_record(3, Hired="never"))
    assert (result.read, result.added, result.skipped, result.set_aside) == (3, 1, 1, 1)
    assert sums(result)
    assert list(holding(ledger)) == [("1", "2024-01-01")]


def test_nothing_unnamed_is_in_the_ledger_the_quarantine_or_the_runs_record(
    deliver, ledger
):
    result = deliver(a_record(1), a_record(2, Hired="never"), a_record(3, Dept="x"))
    kept = list(ledger.quarantined("default", result.run))
    told = record(ledger, "default", result.run)
    said = f"{holding(ledger)} {kept} {told} {result}"
    assert "never" in said
    assert "PRIVATE" not in said


def test_a_row_that_is_taken_back_holds_no_more(deliver, ledger):
    deliver(a_record(1), a_record(1, From="2024-06-01", Unit="LAB"), a_record(2))
    back = {"No": "1", "From": "2024-06-01", "Gone": "yes", "Dept": "R&D"}
    result = deliver(back)
    assert (result.changed, result.added) == (1, 0)
    assert list(holding(ledger)) == [("1", "2024-01-01"), ("2", "2024-01-01")]
    again = deliver(back)
    assert (again.unchanged, again.changed) == (1, 0)
    unknown = deliver(back | {"No": "77"})
    assert (unknown.unchanged, sums(unknown)) == (1, True)
    restored = deliver(a_record(1, From="2024-06-01", Unit="LAB"))
    assert restored.added == 1
    assert len(holding(ledger)) == 3


def test_a_rescinded_hire_takes_all_its_rows_along_and_no_other(deliver, ledger):
    deliver(
        a_record(1),
        a_record(1, From="2024-06-01"),
        a_record(1, Hired="2020-01-01"),
        a_record(12),
    )
    deliver({"No": "1", "Hired": "2024-01-01", "Gone": "hire", "Dept": "R&D"})
    assert list(holding(ledger)) == [("1", "2020-01-01"), ("12", "2024-01-01")]


def test_the_links_of_a_rescinded_hire_close_no_circle(deliver):
    """Its rows are of other days than the one that the delivery names."""
    moved = {"From": "2024-06-01", "Unit": "NORTH"}
    deliver(a_record(1), a_record(1, **moved, Above="SOUTH", Boss="2"))
    other = a_record(2, From="2024-07-01", Unit="SOUTH", Above="NORTH", Boss="1")
    void = {"No": "1", "Hired": "2024-01-01", "Gone": "hire", "Dept": "R&D"}
    assert deliver(other).links_set_aside == 1
    assert deliver(void, other).links_set_aside == 0


def test_of_two_changes_of_one_day_the_greater_sequence_holds(deliver, ledger):
    for order in ((1, 2, 10), (10, 2, 1), (2, 10, 1)):
        records = [a_record(1, Unit=f"U{n}", Seq=str(n)) for n in order]
        result = deliver(*records, a_record(2, Unit="V", Seq="1"))
        assert result.set_aside == 0
        assert sums(result)
        assert holding(ledger)["1", "2024-01-01"]["org_unit_id"] == "U10"
    assert (result.added, result.changed) == (0, 0)
    assert record(ledger, "default", result.run)


def test_two_of_one_sequence_that_differ_contradict_each_other(deliver, ledger):
    result = deliver(
        a_record(1, Unit="A", Seq="1"),
        a_record(1, Unit="B", Seq="2"),
        a_record(1, Unit="C", Seq="2"),
        a_record(2, Unit="A", Seq="1"),
        a_record(2, Unit="B"),
        a_record(3, Unit="A", Seq="1"),
        a_record(3, Unit="A", Seq="1"),
    )
    assert list(holding(ledger)) == [("3", "2024-01-01")]
    assert result.set_aside >= 4
    assert sums(result)


def test_who_is_skipped_or_set_aside_is_not_missing(deliver, ledger):
    full = Terms(mode="full", day=date(2026, 3, 1), max_terminated_share=1)
    deliver(*(a_record(n) for n in range(1, 5)), terms=full)
    result = deliver(
        a_record(1), a_record(2, Dept="Sales"), a_record(3, Fte="many"), terms=full
    )
    assert result.missed == 1
    ended = [
        who for (who, _), row in holding(ledger).items() if row["termination_date"]
    ]
    assert ended == ["4"]


def test_fields_that_are_named_in_vain_are_told(ledger, tmp_path):
    (tmp_path / "acme.toml").write_text(MAPPING)
    (tmp_path / "people.csv").write_text("No,Hired,Unit,Dept\n1,2024-01-01,OPS,R&D\n")
    mapping = load_mapping(tmp_path / "acme.toml")
    path = tmp_path / "people.csv"
    result = import_file(ledger, "default", "workforce", path, mapping)
    assert sorted(result.absent) == ["Above", "Boss", "From", "Fte", "Gone", "Seq"]
    (tmp_path / "canonical.csv").write_text(
        "employee_id,hire_date,org_unit_id\n1,2024-01-01,OPS\n"
    )
    whole = import_file(ledger, "default", "workforce", tmp_path / "canonical.csv")
    assert whole.absent == ()
