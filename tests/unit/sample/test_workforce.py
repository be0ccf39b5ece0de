"""The workforce file of the sample: canonical, whole, and true to its own tree."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from analytics.sample.organisation import JOBS, LOCATIONS
from analytics.sample.writing import COLUMNS

from .conftest import Company

Row = dict[str, str]


@pytest.fixture(scope="module")
def history(company: Company) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in company.workforce:
        found[row["employee_id"]].append(row)
    return found


def _on(rows: list[Row], day: str) -> Row | None:
    held = [row for row in rows if row["effective_date"] <= day]
    if not held or (held[-1]["termination_date"] or "9999") < day:
        return None
    return held[-1]


def test_the_columns_are_the_canonical_ones(company: Company) -> None:
    assert tuple(company.workforce[0]) == COLUMNS
    assert len(COLUMNS) == 23


def test_the_tree_is_four_deep_with_one_root(company: Company) -> None:
    parents = {row["org_unit_id"]: row["org_parent_id"] for row in company.workforce}

    def depth(unit: str) -> int:
        return 1 + depth(parents[unit]) if parents[unit] else 1

    assert [unit for unit, parent in parents.items() if not parent] == ["ACME"]
    assert Counter(depth(unit) for unit in parents) == {1: 1, 2: 2, 3: 7, 4: 30}


def test_a_person_has_one_row_a_day_in_order(history: dict[str, list[Row]]) -> None:
    for rows in history.values():
        days = [row["effective_date"] for row in rows]
        assert days == sorted(set(days))
        assert days[0] == rows[0]["hire_date"]


def test_a_rehired_person_keeps_the_original_hire_date(
    history: dict[str, list[Row]],
) -> None:
    again = [r for r in history.values() if len({x["hire_date"] for x in r}) > 1]
    assert len(again) > 20
    for rows in again:
        assert len({row["original_hire_date"] for row in rows}) == 1
        assert rows[-1]["hire_date"] > rows[-1]["original_hire_date"]


def test_every_kind_of_row_occurs(history: dict[str, list[Row]]) -> None:
    rows = [row for found in history.values() for row in found]
    assert {row["status"] for row in rows} == {"active", "leave", "terminated"}
    kinds = {row["worker_type"] for row in rows}
    assert kinds == {"employee", "contractor", "customer", "partner"}
    for row in rows:
        assert bool(row["termination_date"]) == (row["status"] == "terminated")
    moved = [r for r in history.values() if len({x["org_unit_id"] for x in r}) > 1]
    back = [
        one
        for one, two in itertools.pairwise(rows)
        if one["employee_id"] == two["employee_id"]
        and (one["status"], two["status"]) == ("leave", "active")
    ]
    assert len(moved) > 50
    assert len(back) > 50


def test_a_termination_takes_effect_on_its_day_or_the_next(
    company: Company,
) -> None:
    gaps = Counter(
        (
            date.fromisoformat(row["effective_date"])
            - date.fromisoformat(row["termination_date"])
        ).days
        for row in company.workforce
        if row["termination_date"]
    )
    assert set(gaps) == {0, 1}


def test_the_manager_is_the_head_of_the_unit_or_of_the_one_above(
    company: Company, history: dict[str, list[Row]]
) -> None:
    parents = {row["org_unit_id"]: row["org_parent_id"] for row in company.workforce}
    for row in company.workforce:
        manager = row["manager_id"]
        if not manager:
            assert (row["job_code"], row["org_unit_id"]) == ("CEO", "ACME")
            continue
        day = min(row["effective_date"], row["termination_date"] or "9999")
        held = _on(history[manager], day)
        assert held is not None, f"{manager} does not work here on {day}"
        assert held["job_code"] in ("CEO", "DIR", "DMG", "TLD")
        unit = row["org_unit_id"]
        assert held["org_unit_id"] in (unit, parents[unit])


def test_no_day_has_managers_in_a_circle(
    company: Company, history: dict[str, list[Row]]
) -> None:
    for back in (0, 200, 400, 700):
        day = (company.end - timedelta(days=back)).isoformat()
        now = {who: _on(rows, day) for who, rows in history.items()}
        for who, row in now.items():
            steps, above = 0, row
            while above is not None and above["manager_id"]:
                above, steps = now[above["manager_id"]], steps + 1
                assert above is not None, f"the manager above {who} has left"
                assert steps <= 4
            assert row is None or above is not None


def test_some_units_change_their_head(history: dict[str, list[Row]]) -> None:
    promoted = [
        rows for rows in history.values() if {"TLD"} < {row["job_code"] for row in rows}
    ]
    assert len(promoted) == 6


def test_addresses_and_identifiers_belong_to_one_person(company: Company) -> None:
    owner: dict[str, str] = {}
    for row in company.workforce:
        for name in [f"mailto:{row['email']}", *row["identities"].split()]:
            assert owner.setdefault(name, row["employee_id"]) == row["employee_id"]
        assert re.fullmatch(r"[a-z0-9.]+@[a-z.]+", row["email"])
    kinds = {name.split(":", 1)[0] for name in owner}
    assert kinds == {"mailto", "account", "sha1", "openid"}
    listed = {
        r["employee_id"] for r in company.workforce if "account:" in r["identities"]
    }
    assert len(listed) > 1800


def test_names_go_beyond_ascii(company: Company) -> None:
    names = [row["given_name"] + row["family_name"] for row in company.workforce]
    assert sum(not name.isascii() for name in names) > len(names) / 3


def test_the_sites_have_zones_on_several_continents() -> None:
    assert len(LOCATIONS) == 12
    assert len(JOBS) == 30
    zones = {ZoneInfo(site.zone).key.split("/")[0] for site in LOCATIONS}
    assert {"America", "Europe", "Africa", "Asia", "Pacific"} <= zones


def test_exemptions_name_people_requirements_and_approvers(
    company: Company, history: dict[str, list[Row]]
) -> None:
    for row in company.exemptions:
        assert row["employee_id"] in history
        assert row["approver"] in history
        assert row["approver"] != row["employee_id"]
        assert row["from"] <= row["to"]
    running = [row for row in company.exemptions if row["to"] >= "2026-11-20"]
    assert 0 < len(running) < len(company.exemptions)
