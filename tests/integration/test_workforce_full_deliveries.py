"""Full deliveries, valves, drift and what a run's record says, on a real MongoDB."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analytics.workforce.engine.importing import ImportResult, import_file
from analytics.workforce.engine.terms import Terms
from analytics.workforce.engine.valves import Refused
from analytics.workforce.ledger import Ledger
from analytics.workforce.mapping import Mapping, canonical
from analytics.workforce.model import WORKFORCE
from analytics.workforce.run_records import record, records
from lrs.errors import NotFound
from lrs.services import Services

HEADER = [column.name for column in WORKFORCE.columns]
DAY = date(2026, 3, 1)
FULL = Terms(mode="full", day=DAY)
Deliver = Callable[..., ImportResult]


@pytest.fixture
def ledger(services: Services) -> Ledger:
    return services.analytics().ledger


@pytest.fixture
def deliver(ledger: Ledger, tmp_path: Path) -> Deliver:
    def act(
        *rows: dict[str, str],
        terms: Terms = FULL,
        header: list[str] = HEADER,
        mapping: Mapping | None = None,
    ) -> ImportResult:
        path = tmp_path / "people.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, header)
            writer.writeheader()
            writer.writerows(rows)
        return import_file(ledger, "default", "workforce", path, mapping, terms=terms)

    return act


def a_person(number: int = 1, **changes: str) -> dict[str, str]:
    return {
        "employee_id": f"E{number}",
        "hire_date": "2024-01-01",
        "org_unit_id": "OPS",
        "email": f"e{number}@example.com",
    } | changes


def people(*numbers: int) -> list[dict[str, str]]:
    return [a_person(number) for number in numbers]


def held(ledger: Ledger) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the newest row of each key that holds."""
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for batch in ledger.rows("default", "workforce"):
        for row in batch:
            newest[row["employee_id"], row["effective_date"]] = row
    return {key: row for key, row in newest.items() if not row["retracted"]}


def newest(services: Services, number: int = -1) -> dict[str, Any]:
    runs = list(services.database["ledger_runs"].find().sort("began", 1))
    return runs[number]


def test_who_is_missing_was_employed_until_the_day_before(
    ledger: Ledger, deliver: Deliver
) -> None:
    deliver(*people(1, 2, 3))
    result = deliver(*people(1, 3))
    assert (result.missed, result.terminated, result.unchanged) == (1, 1, 2)
    row = held(ledger)["E2", "2026-03-01"]
    assert (row["status"], row["termination_date"]) == ("terminated", "2026-02-28")
    assert row["org_unit_id"] == "OPS"
    assert row["email"] == "e2@example.com"


def test_who_is_still_missing_is_not_ended_again(deliver: Deliver) -> None:
    deliver(*people(1, 2, 3))
    deliver(*people(1, 3))
    assert deliver(*people(1, 3)).missed == 0


def test_who_comes_back_is_corrected_by_the_delivery_that_has_them(
    ledger: Ledger, deliver: Deliver
) -> None:
    deliver(*people(1, 2))
    deliver(*people(1))
    back = a_person(2, effective_date="2026-04-01", hire_date="2026-04-01")
    deliver(a_person(1), back, terms=Terms(mode="full", day=date(2026, 4, 1)))
    assert held(ledger)["E2", "2026-04-01"]["status"] == "active"


def test_who_was_missing_by_mistake_has_not_left_when_they_are_there_again(
    services: Services, ledger: Ledger, deliver: Deliver
) -> None:
    later = a_person(3, effective_date="2026-05-01", org_unit_id="HR")
    everybody = [*people(1, 2, 3), later]
    deliver(*everybody)
    before = held(ledger)
    short = deliver(*people(1))
    assert (short.missed, short.terminated) == (2, 2)
    assert held(ledger) != before
    opened = newest(services)["open_people"]
    again = deliver(*everybody, terms=Terms(mode="full", day=date(2026, 3, 2)))
    assert again.missed == 1  # what was said of E2 is taken back
    assert again.changed == 1  # E3's last row is as it was delivered
    now = held(ledger)
    assert now.keys() == before.keys()
    for key, row in now.items():
        assert (row["status"], row["termination_date"]) == ("active", None), key
    assert newest(services)["open_people"] == opened + 2
    assert deliver(*everybody).missed == 0


def test_an_end_that_was_delivered_is_not_taken_back(
    ledger: Ledger, deliver: Deliver
) -> None:
    deliver(*people(1, 2))
    deliver(*people(1))
    left = a_person(
        2,
        effective_date="2026-03-01",
        status="terminated",
        termination_date="2026-02-28",
    )
    deliver(a_person(1), a_person(2), left)
    deliver(*people(1, 2))
    assert held(ledger)["E2", "2026-03-01"]["status"] == "terminated"


def test_a_delta_need_not_have_everybody(ledger: Ledger, deliver: Deliver) -> None:
    deliver(*people(1, 2, 3))
    assert deliver(a_person(1, org_unit_id="HR"), terms=Terms()).missed == 0
    assert len(held(ledger)) == 3


def test_rows_and_people_can_be_retracted_by_the_terms(
    ledger: Ledger, deliver: Deliver
) -> None:
    moved = a_person(1, effective_date="2025-01-01", org_unit_id="HR")
    deliver(a_person(1), moved, a_person(2))
    terms = Terms("full", missing_person="retract", missing_row="retract", day=DAY)
    result = deliver(a_person(1), terms=terms)
    assert (result.missed, result.terminated) == (2, 1)
    assert set(held(ledger)) == {("E1", "2024-01-01")}
    assert deliver(a_person(1), moved, a_person(2), terms=terms).added == 2
    assert len(held(ledger)) == 3


def test_a_system_that_knows_the_present_voids_what_is_later_and_leaves_the_rest(
    ledger: Ledger, deliver: Deliver
) -> None:
    days = ("2024-06-01", "2025-01-01", "2025-06-01", "2026-05-01")
    rows = [a_person(1, effective_date=day, job_code=day) for day in days]
    deliver(a_person(1), *rows, a_person(2))
    terms = Terms("full", missing_row="retract_later", day=DAY)
    now = a_person(1, effective_date="2025-01-01", job_code="other")
    result = deliver(now, a_person(2), terms=terms)
    assert (result.changed, result.missed, result.terminated) == (1, 1, 0)
    kept = {"2024-01-01", "2024-06-01", "2025-01-01", "2026-05-01"}
    assert {day for one, day in held(ledger) if one == "E1"} == kept
    assert deliver(now, a_person(2), terms=terms).missed == 0


def test_a_person_whose_record_is_bad_is_not_missing(
    ledger: Ledger, deliver: Deliver
) -> None:
    deliver(*people(1, 2, 3))
    result = deliver(a_person(1), a_person(2, hire_date="soon"), a_person(3))
    assert (result.set_aside, result.missed) == (1, 0)
    assert held(ledger)["E2", "2024-01-01"]["status"] == "active"


def test_with_a_bad_record_of_nobody_known_nobody_is_missing(deliver: Deliver) -> None:
    deliver(*people(1, 2, 3))
    result = deliver(a_person(1), a_person(2, employee_id=""))
    assert (result.set_aside, result.missed) == (1, 0)


def test_the_people_of_another_source_are_not_missed(
    ledger: Ledger, deliver: Deliver
) -> None:
    deliver(*people(1, 2))
    other = Mapping("payroll", WORKFORCE, canonical(WORKFORCE).fields)
    result = deliver(*people(7), mapping=other)
    assert result.missed == 0
    assert len(held(ledger)) == 3


def test_a_delivery_that_would_end_too_many_is_refused_whole(
    services: Services, ledger: Ledger, deliver: Deliver
) -> None:
    deliver(*people(*range(60)))
    before = held(ledger)
    with pytest.raises(Refused, match=r"end 7 of 60 employments \(11\.7%") as told:
        deliver(*people(*range(53)))
    assert held(ledger) == before
    last = newest(services)
    assert (last["state"], last["why"]) == ("abandoned", told.value.message)
    assert deliver(*people(*range(54))).terminated == 6


def test_leavers_in_the_rows_themselves_count_as_well(deliver: Deliver) -> None:
    deliver(*people(*range(60)))
    leavers = [a_person(at, termination_date="2026-12-31") for at in range(7)]
    with pytest.raises(Refused, match="7 of 60"):
        deliver(*leavers, terms=Terms())
    done = deliver(*leavers, terms=Terms(accepted=True))
    assert done.terminated == 7
    more = [a_person(at, status="terminated") for at in range(7, 13)]
    with pytest.raises(Refused, match="6 of 53"):
        deliver(*more, terms=Terms())


def test_a_few_may_always_leave(deliver: Deliver) -> None:
    deliver(*people(1, 2, 3, 4))
    assert deliver(*people(1)).terminated == 3


def test_a_column_that_is_all_but_empty_stops_the_delivery(
    ledger: Ledger, deliver: Deliver
) -> None:
    deliver(*people(*range(60)))
    empty = [person | {"email": ""} for person in people(*range(60))]
    with pytest.raises(Refused, match="email from 100% to 0% of the rows"):
        deliver(*empty)
    deliver(*empty[:10], *people(*range(10, 60)))
    deliver(*empty, terms=Terms(accepted=True))
    assert held(ledger)["E1", "2024-01-01"]["email"] is None


def test_fields_that_appear_vanish_or_change_are_told_of(deliver: Deliver) -> None:
    deliver(a_person(1, job_level="3", fte="1"))
    header = [name for name in HEADER if name != "cost_center_id"] + ["Nick.name"]
    changed = a_person(1, job_level="three", fte="1") | {"Nick.name": "x"}
    assert deliver(changed, header=header).drift == (
        "The field Nick.name is new.",
        "The field job_level held number and holds text now.",
        "The field cost_center_id is gone.",
    )
    assert deliver(changed, header=header).drift == ()


def test_the_record_of_a_run_has_both_sides(
    services: Services, deliver: Deliver
) -> None:
    deliver(*people(1, 2), a_person(3, hire_date="soon"))
    last = newest(services)
    assert last["source"] == "canonical"
    assert last["mode"] == "full"
    assert last["began"] <= last["ended"]
    assert last["open_people"] == 2
    found = last["reconciliation"]
    assert found["rows"] == {"source": 3, "ours": 2, "quarantined": 1, "skipped": 0}
    people_of = {"source": 2, "set_aside": 1, "missed_rows": 0, "only_ours": 0}
    assert found["people"] == people_of
    assert (found["read_back"], found["differing"]) == (2, 0)
    assert ["email", 2, 0] in found["columns"]


def test_every_run_can_be_told_of_the_failed_ones_with_the_reason(
    ledger: Ledger, deliver: Deliver
) -> None:
    first = deliver(*people(*range(60)))
    with pytest.raises(Refused):
        deliver(*people(*range(20)))
    failed, applied = records(ledger, "default", "workforce")
    assert (applied.run, applied.state, applied.why) == (first.run, "applied", None)
    assert applied.counts["added"] == 60
    assert applied.seconds is not None
    assert applied.seconds >= 0
    assert failed.state == "refused"
    assert "would end 40 of 60 employments" in str(failed.why)
    assert record(ledger, "default", first.run[:12]).run == first.run
    for other in ("acme", "default"):
        with pytest.raises(NotFound):
            record(ledger, other, "" if other == "default" else first.run)
