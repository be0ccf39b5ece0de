"""Units in a circle, where one half of it was known before: the new records wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from analytics.workforce.engine.importing import ImportResult, import_file
from analytics.workforce.engine.terms import Terms
from analytics.workforce.history.showing import History
from analytics.workforce.refused import Refused
from lrs.services import Services

HEADER = "employee_id,effective_date,hire_date,org_unit_id,org_parent_id,job_code"
Deliver = Callable[..., ImportResult]


def a_row(
    person: str, unit: str, parent: str = "", day: str = "2024-01-01", job="A"
) -> str:
    return f"{person},{day},2024-01-01,{unit},{parent},{job}"


@pytest.fixture
def deliver(services: Services, tmp_path: Path) -> Deliver:
    """Import these rows."""

    def taken(*rows: str, terms: Terms | None = None) -> ImportResult:
        path = tmp_path / "people.csv"
        path.write_text("\n".join([HEADER, *rows]) + "\n")
        ledger = services.analytics().ledger
        return import_file(ledger, "default", "workforce", path, terms=terms)

    return taken


def members(services: Services, unit: str, day: date) -> set[str]:
    parts = services.analytics()
    rows = History(parts.ledger, parts.lake).roster("default", unit=unit, as_of=day)
    return {row["employee_id"] for row in rows.to_pylist()}


@pytest.fixture
def known(deliver: Deliver) -> None:
    deliver(
        a_row("BOSS", "ACME"),
        a_row("N1", "NORTH", "ACME"),
        a_row("S1", "SOUTH", "NORTH"),
        a_row("E1", "EAST", "SOUTH"),
    )


@pytest.mark.usefixtures("known")
def test_a_delta_that_closes_the_circle_is_set_aside_and_the_tree_stands(
    services: Services, deliver: Deliver
) -> None:
    done = deliver(
        a_row("N1", "NORTH", "EAST", "2024-06-01"), a_row("N2", "WEST", "ACME")
    )
    assert (done.added, done.set_aside) == (1, 1)
    (told,) = done.quarantined
    assert str(told).endswith(
        "org_parent_id puts a unit below itself, through other units."
    )
    assert members(services, "NORTH", date(2024, 7, 1)) == {"N1", "S1", "E1"}
    # It was named, so every later delivery is looked at more closely: and is taken.
    again = deliver(a_row("E2", "EAST", "SOUTH", "2024-06-02"))
    assert (again.added, again.set_aside) == (1, 0)


@pytest.mark.usefixtures("known")
def test_units_may_change_places_in_a_delta(
    services: Services, deliver: Deliver
) -> None:
    done = deliver(
        a_row("S1", "SOUTH", "ACME", "2024-06-01"),
        a_row("N1", "NORTH", "SOUTH", "2024-06-01"),
    )
    assert (done.added, done.set_aside) == (2, 0)
    assert members(services, "SOUTH", date(2024, 7, 1)) == {"N1", "S1", "E1"}
    assert members(services, "SOUTH", date(2024, 5, 1)) == {"S1", "E1"}
    # Both ways were named now, each on days of its own.
    done = deliver(a_row("S2", "SOUTH", "ACME", "2024-07-01"))
    assert (done.added, done.set_aside) == (1, 0)
    done = deliver(a_row("S3", "SOUTH", "NORTH", "2024-07-02"))
    assert (done.added, done.set_aside) == (0, 1)


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
    assert (done.added, done.set_aside) == (0, 1)
    assert members(services, "SOUTH", date(2024, 10, 1)) == {"N1", "S1", "E1"}


@pytest.mark.usefixtures("known")
def test_what_was_known_and_comes_again_is_not_set_aside(deliver: Deliver) -> None:
    done = deliver(
        a_row("S1", "SOUTH", "NORTH"),
        a_row("N1", "NORTH", "ACME", job="B"),
        a_row("A1", "ACME", "SOUTH", "2024-06-01"),
    )
    assert (done.unchanged, done.changed, done.set_aside) == (1, 1, 1)


def test_a_ledger_without_the_pairs_gets_them_from_its_rows(
    services: Services, deliver: Deliver
) -> None:
    deliver(a_row("N1", "NORTH", "SOUTH"))
    services.analytics().ledger.collections.unit_pairs.delete_many({})
    done = deliver(a_row("S1", "SOUTH", "NORTH", "2024-06-01"))
    assert (done.added, done.set_aside) == (0, 1)


def test_a_full_delivery_says_itself_what_holds_no_more(deliver: Deliver) -> None:
    deliver(a_row("N1", "NORTH", "SOUTH"), a_row("S1", "SOUTH", "ACME"))
    full = Terms(mode="full", missing_row="retract", accepted=True)
    rows = [a_row("N1", "NORTH", "ACME", "2024-02-01"), a_row("S1", "SOUTH", "NORTH")]
    done = deliver(*rows, terms=full)
    assert (done.added, done.changed, done.set_aside) == (1, 1, 0)


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
    assert (done.added, done.set_aside) == (3000, 3000)
