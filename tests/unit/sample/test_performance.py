"""The true effect can be found again, and a naive comparison misses it."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from .conftest import Company

T_29 = 2.045  # two-sided 95 %, 30 teams less one


@pytest.fixture(scope="module")
def team(company: Company) -> dict[str, str]:
    """Return the unit of each person on the day of the roll-out."""
    found = {}
    for row in company.workforce:
        if row["effective_date"] <= company.answers["true_effect"]["rollout"]:
            found[row["employee_id"]] = row["org_unit_id"]
    return found


def _means(company: Company, metric: str) -> dict[str, tuple[float, float]]:
    rollout = company.answers["true_effect"]["rollout"]
    figures: dict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    for row in company.kpi:
        if row["metric"] == metric:
            after = row["period_start"] > rollout
            figures[row["employee_id"]][after].append(float(row["value"]))
    return {
        who: (float(np.mean(before)), float(np.mean(after)))
        for who, (before, after) in figures.items()
        if before and after
    }


def _did(company: Company, team: dict[str, str], metric: str) -> tuple[float, float]:
    """Return the difference in differences and its error, clustered by team."""
    answer = company.answers["true_effect"]
    treated, others = set(answer["treated_units"]), set(answer["comparison_units"])
    rows = [
        (after - before, team[who] in treated, team[who])
        for who, (before, after) in _means(company, metric).items()
        if team[who] in treated | others
    ]
    change = np.array([row[0] for row in rows])
    design = np.array([[1.0, row[1]] for row in rows])
    teams = np.array([row[2] for row in rows])
    bread = np.linalg.inv(design.T @ design)
    fit = bread @ design.T @ change
    left = change - design @ fit
    names = sorted(set(teams))
    scores = [design[teams == name].T @ left[teams == name] for name in names]
    meat = sum(np.outer(score, score) for score in scores)
    size = len(names) / (len(names) - 1)
    return float(fit[1]), float(np.sqrt((bread @ meat @ bread)[1, 1] * size))


def test_the_true_effect_lies_in_the_interval(
    company: Company, team: dict[str, str]
) -> None:
    effect = company.answers["true_effect"]["effect"]
    found, error = _did(company, team, "tickets_per_day")
    assert abs(found - effect) < T_29 * error
    assert error < 0.15


def test_the_second_figure_has_no_effect(
    company: Company, team: dict[str, str]
) -> None:
    found, error = _did(company, team, "first_time_right")
    assert abs(found) < 2.2 * error


def test_comparing_the_arms_afterwards_only_is_biased(
    company: Company, team: dict[str, str]
) -> None:
    treated = set(company.answers["true_effect"]["treated_units"])
    after = {who: pair[1] for who, pair in _means(company, "tickets_per_day").items()}
    ours = np.mean([value for who, value in after.items() if team[who] in treated])
    rest = np.mean([value for who, value in after.items() if team[who] not in treated])
    assert ours - rest > 2.6


def test_the_arms_have_fifteen_teams_and_hundreds_of_people(
    company: Company, team: dict[str, str]
) -> None:
    answer = company.answers["true_effect"]
    for arm in ("treated_units", "comparison_units"):
        assert len(answer[arm]) == 15
        assert sum(unit in answer[arm] for unit in team.values()) > 400


def test_the_trained_completed_the_course_and_nobody_else_did(
    company: Company, team: dict[str, str]
) -> None:
    answer = company.answers["true_effect"]
    treated = set(answer["treated_units"])
    done = [
        one
        for one in company.statements
        if one["object"]["id"] == answer["activity"]
        and one.get("result", {}).get("success")
    ]
    assert min(one["timestamp"] for one in done) >= answer["rollout"]
    with_figures = set(_means(company, "tickets_per_day"))
    assert with_figures & set(answer["treated_people"]) == {
        who for who in with_figures if team[who] in treated
    }
    # Joiners bring a few more; a person passes once.
    assert len({one["id"] for one in done}) == len(answer["treated_people"])


def test_figures_are_of_whole_months_and_known_people(company: Company) -> None:
    known = {row["employee_id"] for row in company.workforce}
    keys = set()
    for row in company.kpi:
        assert row["employee_id"] in known
        assert row["period_start"].endswith("-01")
        assert row["period_start"][:7] == row["period_end"][:7]
        keys.add((row["employee_id"], row["metric"], row["period_start"]))
    assert len(keys) == len(company.kpi)
