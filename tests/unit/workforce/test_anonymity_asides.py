"""What of a record that was set aside goes, judged without a database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from analytics.workforce.anonymity.asides import EMPTIED, Asides
from analytics.workforce.anonymity.traces import Traces
from analytics.workforce.identifiers import address_keys
from analytics.workforce.mapping import Mapping, canonical, load_mapping
from analytics.workforce.model import table_of
from analytics.workforce.staged_rows import CONTRADICTS

KLINIK = """
kind = "workforce"
name = "klinik"
[fields]
First = "given_name"
Last = "family_name"
Mail = "email"
Hired = "hire_date"
Unit = "org_unit_id"
Title = "job_title"
[columns]
employee_id = { from = "No", strip_zeros = true, prefix = "K" }
manager_id = { from = "Head", strip_zeros = true, prefix = "K" }
"""
HERS = "K500004"


@pytest.fixture
def klinik(tmp_path: Path) -> Mapping:
    (tmp_path / "klinik.toml").write_text(KLINIK)
    return load_mapping(tmp_path / "klinik.toml")


def judge(*numbers: str, known: tuple[str, ...] = ()) -> Asides:
    found = Traces(numbers=dict.fromkeys(numbers, "anonymous-0"))
    for number in numbers:
        found.add(number, "anonymous-0")
    found.add("Jana Brandt", "anonymous-0", alone=False)
    found.add("jana.brandt@klinik.example", "anonymous-0")
    found.keys.update(address_keys("jana.brandt@klinik.example"))
    return Asides(found, {*numbers, *known}.__contains__)


def aside(
    *cells: dict[str, Any] | None, values: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """Return a record, as it came and as it was corrected."""
    first, *later = cells
    tries = [
        {"run": "r", "outcome": "refused", "cells": json.dumps(it)} for it in later
    ]
    item = {"values": values or {}, "reason": "is no day", "tries": tries, **more}
    return item if first is None else item | {"cells": json.dumps(first)}


def what(asides: Asides, item: dict[str, Any], mapping: Mapping | None) -> str | None:
    change = asides.change(item, mapping)
    return None if change is None else change.what


def test_every_number_of_a_merge_is_hers(klinik: Mapping) -> None:
    both = judge(HERS, "K77")
    assert what(both, aside({"No": "0077", "Last": "X"}), klinik) == EMPTIED
    assert what(both, aside({"No": "0078", "Last": "X"}), klinik) is None
    managed = aside({"No": "0078", "Head": "77"})
    assert what(both, managed, klinik) == "is another's: loses Head"


def test_the_same_digits_may_be_another_sources_number(klinik: Mapping) -> None:
    raw = {"employee_id": "0500004", "manager_id": "500004"}
    cells = {"No": "0500004", "Last": "X", "Head": "500004"}
    record = aside(cells, values=raw)
    assert what(judge("500004", known=(HERS,)), record, klinik) is None
    assert what(judge(HERS), record, klinik) == EMPTIED


def test_a_correction_keeps_what_is_anothers(klinik: Mapping) -> None:
    corrected = {"No": "0500006", "First": "Jana", "Last": "Brandt", "Unit": "S1"}
    item = aside(None, corrected | {"Head": "500004"}, fault=True)
    change = judge(HERS).change(item, klinik)
    assert change
    (left,) = change.update["$set"]["tries"]
    assert json.loads(left["cells"]) == corrected
    hers = aside({"No": "", "Last": "X"}, {"No": "500004", "Last": "X"})
    assert what(judge(HERS), hers, klinik) == EMPTIED


def test_a_record_that_was_expelled_is_whose_it_was_then(klinik: Mapping) -> None:
    reason = f"{CONTRADICTS} employee_id, effective_date"
    hers = aside({"No": "1", "Last": "X"}, values={"employee_id": HERS}, reason=reason)
    assert what(judge(HERS), hers, klinik) == EMPTIED
    other = {"employee_id": "K6", "manager_id": HERS, "given_name": "Jana"}
    item = aside({"No": "6", "Head": "500004"}, values=other, reason=reason)
    change = judge(HERS).change(item, klinik)
    assert change
    said = change.update["$set"]
    assert said["values"] == {"employee_id": "K6", "given_name": "Jana"}
    assert json.loads(said["cells"]) == {"No": "6"}


def test_digits_alone_are_no_trace_in_anothers_days_and_units() -> None:
    mapping = canonical(table_of("workforce"))
    cells = {"employee_id": "E1", "hire_date": "2024-13-01", "org_unit_id": "2024"}
    assert what(judge("2024"), aside(cells, values=dict(cells)), mapping) is None
    managed = cells | {"manager_id": "2024"}
    told = what(judge("2024"), aside(managed, values=dict(managed)), mapping)
    assert told == "is another's: loses manager_id"


def test_her_name_in_anothers_other_cells_goes(klinik: Mapping) -> None:
    cells = {"No": "6", "First": "Jana", "Last": "Brandt", "Title": "for Jana Brandt"}
    values = {"given_name": "Jana", "job_title": "for Jana Brandt"}
    change = judge(HERS).change(aside(cells, values=values), klinik)
    assert change
    assert change.what == "is another's: loses Title"
    assert change.update["$set"]["values"] == {"given_name": "Jana"}


def test_exemptions_that_she_approved_lose_the_approver() -> None:
    mapping = canonical(table_of("exemptions"))
    cells = {"employee_id": "E1", "from": "never", "approver": HERS, "reason": "ill"}
    told = what(judge(HERS), aside(cells, values=dict(cells)), mapping)
    assert told == "is another's: loses approver"


def test_what_was_emptied_is_not_touched_again(klinik: Mapping) -> None:
    item = aside({"No": "6", "Head": "500004"}, values={"manager_id": "500004"})
    asides = judge(HERS)
    change = asides.change(item, klinik)
    assert change
    assert what(asides, item | change.update["$set"], klinik) is None
    assert what(asides, {"values": {}, "reason": "is no day"}, klinik) is None
