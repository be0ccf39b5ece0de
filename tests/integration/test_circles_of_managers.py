"""Who closes a circle of managers is taken without a manager, and set aside for that.

Nothing else of the record waits; the manager comes in by a replay, or with the next
full delivery, once the circle is gone.
"""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from analytics.workforce.engine.importing import import_file
from analytics.workforce.engine.terms import Terms
from analytics.workforce.history.showing import History
from analytics.workforce.mapping import load_mapping
from analytics.workforce.quarantine import asides
from config.settings import Settings
from lrs.services import Services
from tests.conftest import run_lrs
from tests.integration.delivering import Deliver, deliverer

HEADER = "employee_id,effective_date,hire_date,termination_date,org_unit_id,manager_id"
FULL = Terms(mode="full", missing_row="retract", accepted=True)


def a_row(person: str, day: str, manager: str = "", last: str = "") -> str:
    return f"{person},{day},2020-01-01,{last},OPS,{manager}"


@pytest.fixture
def deliver(services: Services, tmp_path: Path) -> Deliver:
    """Import these rows."""
    return deliverer(services, tmp_path, HEADER)


def managers(services: Services, day: str) -> dict[str, str | None]:
    """Who stands below whom on a day, as known now."""
    parts = services.analytics()
    history = History(parts.ledger, parts.lake)
    rows: list[dict[str, Any]] = history.roster(
        "default", as_of=date.fromisoformat(day)
    ).to_pylist()
    return {row["employee_id"]: row["manager_id"] for row in rows}


def test_the_link_that_closes_the_circle_gives_way_and_nothing_else(
    services: Services, deliver: Deliver
) -> None:
    done = deliver(
        a_row("A", "2020-01-01", "B"),
        a_row("B", "2020-01-01", "C"),
        a_row("C", "2020-01-01"),
        a_row("C", "2020-06-01", "A"),
        a_row("D", "2020-06-01", "A"),
    )
    assert (done.added, done.set_aside, done.links_set_aside) == (5, 0, 1)
    (told,) = done.quarantined
    assert str(told) == (
        "people.csv, record at 5: manager_id closes a circle of managers: "
        "the record was taken without it."
    )
    at_last = {"A": "B", "B": "C", "C": None, "D": "A"}
    assert managers(services, "2020-07-01") == at_last


def test_of_a_circle_that_closes_at_once_no_link_is_taken(
    services: Services, deliver: Deliver
) -> None:
    done = deliver(
        a_row("A", "2020-01-01", "B"),
        a_row("A", "2020-01-01", "B"),  # the same again is one record
        a_row("B", "2020-01-01", "A"),
    )
    assert (done.added, done.unchanged, done.links_set_aside) == (2, 1, 2)
    assert managers(services, "2020-07-01") == {"A": None, "B": None}
    again = deliver(a_row("A", "2020-01-01", "B"), a_row("B", "2020-01-01", "A"))
    assert (again.unchanged, again.changed, again.links_set_aside) == (2, 0, 2)


@pytest.mark.parametrize(
    "rows",
    [
        # They change places on one day.
        [a_row("A", "2020-06-01"), a_row("B", "2020-06-01", "A")],
        # The former manager has left the day before.
        [
            a_row("A", "2020-01-01", "B", last="2020-05-31"),
            a_row("B", "2020-06-01", "A"),
        ],
        # A row that says so takes effect later only.
        [
            a_row("A", "2020-08-01", "B", last="2020-05-31"),
            a_row("B", "2020-06-01", "A"),
        ],
    ],
)
def test_what_holds_on_no_common_day_is_no_circle(
    services: Services, deliver: Deliver, rows: list[str]
) -> None:
    deliver(a_row("A", "2020-01-01", "B"), a_row("B", "2020-01-01"))
    assert deliver(*rows).links_set_aside == 0
    assert managers(services, "2020-07-01")["B"] == "A"


def test_one_day_in_common_is_a_circle(services: Services, deliver: Deliver) -> None:
    deliver(a_row("A", "2020-01-01", "B", last="2020-06-01"), a_row("B", "2020-01-01"))
    assert deliver(a_row("B", "2020-06-01", "A")).links_set_aside == 1
    assert managers(services, "2020-06-01") == {"A": "B", "B": None}


def test_a_delta_is_held_against_what_is_known_at_any_depth(
    services: Services, deliver: Deliver
) -> None:
    chain = pairwise(f"P{n:02}" for n in range(60))
    deliver(*(a_row(one, "2020-01-01", above) for one, above in chain))
    done = deliver(a_row("P59", "2020-03-01", "P00"), a_row("Q", "2020-03-01", "P00"))
    assert (done.added, done.links_set_aside) == (2, 1)
    assert managers(services, "2020-04-01") | {"P59": None, "Q": "P00"} == managers(
        services, "2020-04-01"
    )


def test_a_late_correction_gives_way_to_what_was_known(
    services: Services, deliver: Deliver
) -> None:
    deliver(
        a_row("A", "2020-01-01"),
        a_row("B", "2020-01-01"),
        a_row("B", "2020-06-01", "A"),
    )
    done = deliver(a_row("A", "2020-03-01", "B"))  # it closes on 1 June, by B's row
    assert done.links_set_aside == 1
    assert managers(services, "2020-07-01") == {"A": None, "B": "A"}


def test_a_full_delivery_says_itself_what_holds_no_more(
    services: Services, deliver: Deliver
) -> None:
    deliver(
        a_row("A", "2020-01-01"),
        a_row("A", "2020-02-01", "B"),
        a_row("B", "2020-01-01"),
    )
    rows = [a_row("A", "2020-01-01"), a_row("B", "2020-01-01", "A")]
    kept = deliver(*rows, terms=Terms(mode="full"))
    assert kept.links_set_aside == 1
    done = deliver(*rows, terms=FULL)  # the row of February is taken back by it
    assert (done.links_set_aside, done.changed) == (0, 1)
    assert managers(services, "2020-07-01") == {"A": None, "B": "A"}


def test_who_is_missing_manages_nobody_from_that_day(
    services: Services, deliver: Deliver
) -> None:
    deliver(
        a_row("A", "2020-01-01", "B"),
        a_row("B", "2020-01-01", "C"),
        a_row("C", "2020-01-01"),
    )
    terms = Terms(mode="full", day=date(2020, 6, 1), accepted=True)
    rows = [a_row("A", "2020-01-01", "B"), a_row("C", "2020-01-01")]
    done = deliver(*rows, a_row("C", "2020-06-01", "A"), terms=terms)
    assert done.links_set_aside == 0
    keep = Terms(mode="full", missing_person="keep", accepted=True)
    back = deliver(a_row("B", "2020-06-01", "C"), terms=keep)
    assert back.links_set_aside == 1


def test_it_comes_in_by_a_replay_when_the_circle_is_gone(
    settings: Settings, services: Services, deliver: Deliver
) -> None:
    deliver(a_row("A", "2020-01-01", "B"), a_row("B", "2020-01-01"))
    run = deliver(a_row("B", "2020-06-01", "A")).run
    listed = run_lrs(settings, "workforce", "quarantine", run[:12]).stdout
    assert listed == (
        "2: manager_id closes a circle of managers: the record was taken without it "
        "[waiting: replay when another manager of the circle was mended, or correct "
        "it]\n"
    )
    told = run_lrs(settings, "workforce", "runs").stdout
    assert "1 added, 1 links_set_aside (1 still waiting)" in told
    early = run_lrs(settings, "workforce", "replay", run, check=False)
    assert early.returncode == 1
    assert "Nothing could be taken." in early.stderr
    deliver(a_row("A", "2020-06-01"))
    done = run_lrs(settings, "workforce", "replay", run)
    assert "1 read: 0 new, 1 changed, 0 as before, 0 set aside." in done.stderr
    assert managers(services, "2020-07-01") == {"A": None, "B": "A"}
    (aside,) = asides(services.analytics().ledger, "default", run)
    assert aside.state == "taken"
    shown = run_lrs(settings, "workforce", "runs", "--format", "json").stdout
    assert not any(one["waiting"] for one in json.loads(shown))


def test_of_two_that_close_it_together_one_can_be_chosen_or_corrected(
    settings: Settings, services: Services, deliver: Deliver, tmp_path: Path
) -> None:
    run = deliver(a_row("A", "2020-01-01", "B"), a_row("B", "2020-01-01", "A")).run
    run_lrs(settings, "workforce", "replay", run, "--record", "3")
    assert managers(services, "2020-07-01") == {"A": None, "B": "A"}
    wrong = tmp_path / "wrong.csv"
    run_lrs(settings, "workforce", "quarantine", run, "--export", str(wrong))
    assert wrong.read_text().count("\n") == 2
    wrong.write_text(wrong.read_text().replace(",B,,,", ",C,,,"))
    signed = ("--by", "ann@acme.example", "--reason", "It is C")
    run_lrs(settings, "workforce", "replay", run, "--corrected", str(wrong), *signed)
    assert managers(services, "2020-07-01") == {"A": "C", "B": "A"}


def test_the_next_full_delivery_without_the_circle_says_it_all(
    services: Services, deliver: Deliver
) -> None:
    deliver(a_row("A", "2020-01-01", "B"), a_row("B", "2020-01-01", "A"), terms=FULL)
    done = deliver(a_row("A", "2020-01-01", "B"), a_row("B", "2020-01-01"), terms=FULL)
    assert (done.changed, done.links_set_aside) == (1, 0)
    assert managers(services, "2020-07-01") == {"A": "B", "B": None}


def test_of_a_sequence_only_the_last_record_is_taken_and_set_aside(
    services: Services, tmp_path: Path
) -> None:
    mapping = tmp_path / "acme.toml"
    mapping.write_text(
        'name = "acme"\n[fields]\nseq = "sequence"\n'
        + "".join(f'{name} = "{name}"\n' for name in HEADER.split(","))
    )
    path = tmp_path / "people.csv"
    rows = [a_row("A", "2020-01-01", "B"), a_row("A", "2020-01-01")]
    lines = [f"{rows[0]},2", f"{rows[1]},1", f"{a_row('B', '2020-01-01', 'A')},1"]
    path.write_text("\n".join([f"{HEADER},seq", *lines]) + "\n")
    ledger = services.analytics().ledger
    done = import_file(
        ledger, "default", "workforce", path, load_mapping(mapping), terms=Terms()
    )
    assert (done.read, done.added, done.unchanged) == (3, 2, 1)
    assert sorted(one.line for one in done.quarantined) == [2, 4]
    assert ledger.collections.rows.count_documents({}) == 2


def test_who_is_missing_but_whose_end_is_known_still_manages_until_then(
    services: Services, deliver: Deliver
) -> None:
    deliver(a_row("A", "2020-01-01", "B", last="2030-12-31"), a_row("B", "2020-01-01"))
    terms = Terms(mode="full", day=date(2024, 6, 1), accepted=True)
    rows = [a_row("B", "2020-01-01"), a_row("B", "2025-01-01", "A")]
    assert deliver(*rows, terms=terms).links_set_aside == 1
    assert managers(services, "2026-01-01") == {"A": "B", "B": None}
