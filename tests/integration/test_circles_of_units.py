"""Who closes a circle of units is taken without the unit's parent, which waits."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from analytics.workforce.engine.importing import ImportResult
from analytics.workforce.engine.replaying import replay
from analytics.workforce.engine.terms import Terms
from analytics.workforce.history.showing import History
from analytics.workforce.mapping import load_mapping
from analytics.workforce.quarantine import asides
from analytics.workforce.refused import Refused
from analytics.workforce.run_records import record
from lrs.services import Services
from tests.integration.delivering import Deliver, deliverer

HEADER = (
    "employee_id,effective_date,hire_date,org_unit_id,org_parent_id,job_code,manager_id"
)


def a_row(
    person: str,
    unit: str,
    parent: str = "",
    day: str = "2024-01-01",
    job: str = "A",
    manager: str = "",
) -> str:
    return f"{person},{day},2024-01-01,{unit},{parent},{job},{manager}"


@pytest.fixture
def deliver(services: Services, tmp_path: Path) -> Deliver:
    """Import these rows."""
    return deliverer(services, tmp_path, HEADER)


def members(services: Services, unit: str, day: date) -> set[str]:
    parts = services.analytics()
    rows = History(parts.ledger, parts.lake).roster("default", unit=unit, as_of=day)
    return {row["employee_id"] for row in rows.to_pylist()}


def waiting(services: Services, run: str) -> int:
    found = asides(services.analytics().ledger, "default", run)
    return sum(one.open for one in found)


def replayed(services: Services, run: str) -> ImportResult:
    ledger = services.analytics().ledger
    mapping = load_mapping(services.settings.hris_dir / "canonical.toml")
    return replay(ledger, "default", record(ledger, "default", run), mapping)


@pytest.fixture
def known(deliver: Deliver) -> None:
    deliver(
        a_row("BOSS", "ACME"),
        a_row("N1", "NORTH", "ACME"),
        a_row("S1", "SOUTH", "NORTH"),
        a_row("E1", "EAST", "SOUTH"),
    )


@pytest.mark.usefixtures("known")
def test_a_delta_that_closes_the_circle_is_taken_without_it_and_the_tree_stands(
    services: Services, deliver: Deliver
) -> None:
    done = deliver(
        a_row("N1", "NORTH", "EAST", "2024-06-01"), a_row("N2", "WEST", "ACME")
    )
    assert (done.added, done.set_aside, done.links_set_aside) == (2, 0, 1)
    (told,) = done.quarantined
    assert str(told).endswith(
        "org_parent_id puts a unit below itself, through other units: "
        "the record was taken without it."
    )
    assert members(services, "NORTH", date(2024, 7, 1)) == {"N1", "S1", "E1"}
    # It was named, so every later delivery is looked at more closely: and is taken.
    again = deliver(a_row("E2", "EAST", "SOUTH", "2024-06-02"))
    assert (again.added, again.links_set_aside) == (1, 0)


@pytest.mark.usefixtures("known")
def test_units_may_change_places_in_a_delta(
    services: Services, deliver: Deliver
) -> None:
    done = deliver(
        a_row("S1", "SOUTH", "ACME", "2024-06-01"),
        a_row("N1", "NORTH", "SOUTH", "2024-06-01"),
    )
    assert (done.added, done.links_set_aside) == (2, 0)
    assert members(services, "SOUTH", date(2024, 7, 1)) == {"N1", "S1", "E1"}
    assert members(services, "SOUTH", date(2024, 5, 1)) == {"S1", "E1"}
    # Both ways were named now, each on days of its own.
    done = deliver(a_row("S2", "SOUTH", "ACME", "2024-07-01"))
    assert (done.added, done.links_set_aside) == (1, 0)
    done = deliver(a_row("S3", "SOUTH", "NORTH", "2024-07-02"))
    assert (done.added, done.links_set_aside) == (1, 1)
    assert members(services, "SOUTH", date(2024, 8, 1)) == {
        "N1",
        "S1",
        "S2",
        "S3",
        "E1",
    }


@pytest.mark.usefixtures("known")
def test_a_late_correction_gives_way_to_what_was_known(
    services: Services, deliver: Deliver
) -> None:
    deliver(
        a_row("S1", "SOUTH", "ACME", "2024-03-01"),
        a_row("N1", "NORTH", "SOUTH", "2024-09-01"),
    )
    # From March to August it is none; in September it would close one.
    done = deliver(a_row("S2", "SOUTH", "NORTH", "2024-05-01"))
    assert (done.added, done.links_set_aside) == (1, 1)
    assert members(services, "SOUTH", date(2024, 10, 1)) == {"N1", "S1", "S2", "E1"}


@pytest.mark.usefixtures("known")
def test_what_was_known_and_comes_again_is_not_set_aside(deliver: Deliver) -> None:
    done = deliver(
        a_row("S1", "SOUTH", "NORTH"),
        a_row("N1", "NORTH", "ACME", job="B"),
        a_row("A1", "ACME", "SOUTH", "2024-06-01"),
    )
    assert (done.unchanged, done.changed, done.added) == (1, 1, 1)
    assert done.links_set_aside == 1
    # Nor where it closes one on its own day, with what comes beside it.
    done = deliver(a_row("N1", "NORTH", "ACME", job="C"), a_row("A2", "ACME", "SOUTH"))
    assert (done.changed, done.added, done.links_set_aside) == (1, 1, 1)
    (told,) = done.quarantined
    assert told.line == 3


@pytest.mark.usefixtures("known")
def test_a_stale_row_of_a_leaver_costs_a_reorganised_unit_the_parent_only(
    services: Services, deliver: Deliver
) -> None:
    """It is the newest one of its unit, and no delivery has it any more."""
    deliver(a_row("GONE", "SOUTH", "NORTH", "2024-09-01"))
    reorganised = [
        a_row("S1", "SOUTH", "ACME", "2024-08-01"),
        *(a_row(f"N{n}", "NORTH", "SOUTH", "2024-10-01") for n in range(1, 20)),
    ]
    done = deliver(*reorganised)
    assert (done.added, done.set_aside, done.links_set_aside) == (20, 0, 19)
    people = members(services, "NORTH", date(2024, 11, 1))
    assert {f"N{n}" for n in range(1, 20)} <= people
    again = deliver(*reorganised)
    assert (again.unchanged, again.links_set_aside) == (20, 19)
    # The row is corrected: the same delivery, or a replay, brings the parent in.
    deliver(a_row("GONE", "SOUTH", "ACME", "2024-09-01"))
    assert waiting(services, done.run) == 19
    done = replayed(services, done.run)
    assert (done.changed, done.links_set_aside) == (19, 0)
    assert members(services, "SOUTH", date(2024, 11, 1)) >= people
    assert deliver(*reorganised).unchanged == 20


@pytest.mark.usefixtures("known")
def test_a_record_may_lose_the_manager_too(deliver: Deliver) -> None:
    deliver(a_row("E9", "EAST", "SOUTH", manager="N1"))
    done = deliver(
        a_row("N1", "NORTH", "EAST", "2024-06-01", manager="E9"),
        a_row("N2", "NORTH", "EAST", "2024-06-01"),
    )
    assert (done.added, done.links_set_aside) == (2, 2)
    assert [problem.reason.partition(":")[0] for problem in done.quarantined] == [
        "puts a unit below itself, through other units, "
        "and manager_id closes a circle of managers",
        "puts a unit below itself, through other units",
    ]
    again = deliver(a_row("N1", "NORTH", "EAST", "2024-06-01", manager="E9"))
    assert (again.unchanged, again.links_set_aside) == (1, 1)


def test_a_ledger_without_the_pairs_gets_them_from_its_rows(
    services: Services, deliver: Deliver
) -> None:
    deliver(a_row("N1", "NORTH", "SOUTH"))
    services.analytics().ledger.collections.unit_pairs.delete_many({})
    done = deliver(a_row("S1", "SOUTH", "NORTH", "2024-06-01"))
    assert (done.added, done.links_set_aside) == (1, 1)


def test_a_full_delivery_says_itself_what_holds_no_more(deliver: Deliver) -> None:
    deliver(a_row("N1", "NORTH", "SOUTH"), a_row("S1", "SOUTH", "ACME"))
    full = Terms(mode="full", missing_row="retract", accepted=True)
    rows = [a_row("N1", "NORTH", "ACME", "2024-02-01"), a_row("S1", "SOUTH", "NORTH")]
    done = deliver(*rows, terms=full)
    assert (done.added, done.changed, done.links_set_aside) == (1, 1, 0)


def test_a_refused_delivery_leaves_no_pairs(
    services: Services, deliver: Deliver
) -> None:
    deliver(*(a_row(f"P{n}", "NORTH", "ACME") for n in range(60)))
    with pytest.raises(Refused):
        deliver(a_row("P0", "WEST", "EAST"), terms=Terms(mode="full"))
    pairs = services.analytics().ledger.collections.unit_pairs
    assert {one["_id"]["unit"] for one in pairs.find()} == {"", "NORTH"}


def test_long_chains_and_many_circles_cost_what_they_are(deliver: Deliver) -> None:
    chain = [a_row(f"C{n}", f"U{n}", f"U{n + 1}") for n in range(3000)]
    both = [
        row
        for n in range(1500)
        for row in (a_row(f"X{n}", f"X{n}", f"Y{n}"), a_row(f"Y{n}", f"Y{n}", f"X{n}"))
    ]
    done = deliver(*chain, *both)
    assert (done.added, done.links_set_aside) == (6000, 3000)
