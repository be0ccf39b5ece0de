"""Difference in differences: closed forms, coverage, refusals and cautions."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from statistics import fmean

import numpy as np
import pytest

from analytics.effects.did import difference_in_differences
from analytics.effects.estimate import EffectRefused
from analytics.effects.panel import PanelRow
from lrs.errors import BadRequest


def a_panel(
    people: int = 40, *, seed: int = 1, effect: float = 3.0, clusters: int | None = None
) -> list[PanelRow]:
    """Half the people treated, a row before and after each; noise of size 1."""
    noise = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        treated = person % 2 == 0
        level = 50 + noise.normal()
        cluster = None if clusters is None else (treated, person // 2 % clusters)
        for post in (False, True):
            outcome = level + 2 * post + effect * (treated and post) + noise.normal()
            rows.append(PanelRow(person, outcome, treated, post, cluster))
    return rows


def mean(rows: list[PanelRow], treated: bool, post: bool) -> float:
    return fmean(r.outcome for r in rows if r.treated is treated and r.post is post)


def by_hand(rows: list[PanelRow]) -> float:
    change = mean(rows, True, True) - mean(rows, True, False)
    return change - (mean(rows, False, True) - mean(rows, False, False))


def test_estimate_is_the_difference_of_the_four_means() -> None:
    rows = a_panel()
    assert difference_in_differences(rows).estimate == pytest.approx(by_hand(rows))


def test_estimate_of_an_unbalanced_panel_is_the_difference_of_the_four_means() -> None:
    rows = [row for number, row in enumerate(a_panel(61)) if number % 7]
    assert difference_in_differences(rows).estimate == pytest.approx(by_hand(rows))


def test_group_means_are_the_four_means() -> None:
    rows = a_panel()
    means = difference_in_differences(rows).group_means
    assert means is not None
    assert means.treated_before == pytest.approx(mean(rows, True, False))
    assert means.treated_after == pytest.approx(mean(rows, True, True))
    assert means.control_before == pytest.approx(mean(rows, False, False))
    assert means.control_after == pytest.approx(mean(rows, False, True))


def test_clustered_error_of_a_balanced_panel_is_that_of_the_changes_by_hand() -> None:
    """The sandwich collapses to the spread of each person's change in each arm."""
    from scipy import stats  # here: importing it takes every process of the tests long

    rows = a_panel(40)
    changes: dict[bool, list[float]] = {True: [], False: []}
    for before, after in zip(rows[::2], rows[1::2], strict=True):
        changes[before.treated].append(after.outcome - before.outcome)
    variance = sum(
        sum((c - fmean(arm)) ** 2 for c in arm) / len(arm) ** 2
        for arm in changes.values()
    )
    g, n, k = 40, 80, 4
    expected = math.sqrt(variance * g / (g - 1) * (n - 1) / (n - k))
    result = difference_in_differences(rows)
    assert result.std_error == pytest.approx(expected)
    reach = stats.t.ppf(0.975, g - 1) * expected
    assert result.ci_low == pytest.approx(result.estimate - reach)
    assert result.ci_high == pytest.approx(result.estimate + reach)
    assert result.clusters == g


def test_rows_that_are_each_a_person_get_classical_errors() -> None:
    rows = [
        PanelRow(number, row.outcome, row.treated, row.post)
        for number, row in enumerate(a_panel(40))
    ]
    cells: dict[tuple[bool, bool], list[float]] = {}
    for row in rows:
        cells.setdefault((row.treated, row.post), []).append(row.outcome)
    rest = sum(sum((y - fmean(c)) ** 2 for y in c) for c in cells.values())
    variance = rest / (len(rows) - 4) * sum(1 / len(c) for c in cells.values())
    result = difference_in_differences(rows)
    assert result.std_error == pytest.approx(math.sqrt(variance))
    assert result.clusters is None
    assert (result.n, result.n_treated, result.n_control) == (80, 40, 40)


def shaken(seed: int, *, clusters: bool) -> list[PanelRow]:
    """40 clusters of 6 people whose after-values share a shock; the effect is 1."""
    noise = np.random.default_rng(seed)
    rows = []
    for cluster in range(40):
        treated = cluster % 2 == 0
        shock = noise.normal()
        for number in range(6):
            level = noise.normal()
            for post in (False, True):
                outcome = level + post * (shock + treated) + noise.normal(scale=0.5)
                rows.append(
                    PanelRow(
                        (cluster, number),
                        outcome,
                        treated,
                        post,
                        cluster if clusters else None,
                    )
                )
    return rows


def coverage(*, clusters: bool, runs: int = 200) -> float:
    def hits() -> Iterator[bool]:
        for seed in range(runs):
            result = difference_in_differences(shaken(seed, clusters=clusters))
            yield result.ci_low <= 1 <= result.ci_high

    return sum(hits()) / runs


def test_the_interval_covers_the_truth_about_95_times_in_100() -> None:
    assert 0.91 <= coverage(clusters=True) <= 0.985


def test_the_interval_misses_too_often_when_the_clusters_are_kept_from_it() -> None:
    """Shows that the coverage test can fail."""
    assert coverage(clusters=False, runs=100) < 0.85


def panel_of(treated: int, control: int) -> list[PanelRow]:
    rows = a_panel(2 * max(treated, control), seed=3)
    return [
        row
        for row in rows
        if row.person // 2 < (treated if row.treated else control)  # type: ignore[operator]
    ]


@pytest.mark.parametrize(("treated", "control"), [(9, 40), (40, 9)])
def test_nine_people_in_a_group_are_refused(treated: int, control: int) -> None:
    with pytest.raises(EffectRefused, match="has 9 people"):
        difference_in_differences(panel_of(treated, control))


def test_refusal_is_a_bad_request_of_its_own_type() -> None:
    assert issubclass(EffectRefused, BadRequest)
    assert EffectRefused.type != BadRequest.type


def test_nine_people_with_many_rows_are_refused() -> None:
    """People count, not rows."""
    rows = panel_of(9, 40)
    with pytest.raises(EffectRefused):
        difference_in_differences(rows * 5)


def test_ten_people_in_a_group_are_accepted_with_a_caution() -> None:
    result = difference_in_differences(panel_of(10, 40))
    assert result.n_treated == 10
    assert any("treated group has 10 people" in said for said in result.warnings)
    assert not any("comparison group" in said for said in result.warnings)


def test_thirty_people_in_each_group_bring_no_caution_about_people() -> None:
    result = difference_in_differences(panel_of(30, 30))
    assert not any("people" in said for said in result.warnings)


@pytest.mark.parametrize(("clusters", "cautioned"), [(14, True), (15, False)])
def test_caution_is_given_under_thirty_clusters(clusters: int, cautioned: bool) -> None:
    result = difference_in_differences(a_panel(120, clusters=clusters))
    assert result.clusters == 2 * clusters
    assert any("clusters;" in said for said in result.warnings) is cautioned


def test_a_single_treated_cluster_is_refused() -> None:
    with pytest.raises(EffectRefused, match="single cluster"):
        difference_in_differences(a_panel(40, clusters=1))


def test_a_person_in_both_arms_is_refused() -> None:
    rows = a_panel()
    rows.append(PanelRow(0, 50.0, False, True))
    with pytest.raises(EffectRefused, match="both arms"):
        difference_in_differences(rows)


def test_an_arm_without_rows_before_is_refused() -> None:
    rows = [row for row in a_panel() if row.post or not row.treated]
    with pytest.raises(EffectRefused, match="no rows before"):
        difference_in_differences(rows)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_an_outcome_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(EffectRefused, match="finite"):
        difference_in_differences([*a_panel(), PanelRow(99, value, True, True)])


def test_an_outcome_without_spread_is_refused() -> None:
    rows = [PanelRow(r.person, 7.0, r.treated, r.post) for r in a_panel()]
    with pytest.raises(EffectRefused, match="hardly varies"):
        difference_in_differences(rows)


def test_people_seen_only_before_or_only_after_are_reported() -> None:
    rows = [row for row in a_panel() if not (row.person in (0, 2) and row.post)]
    said = difference_in_differences(rows).warnings
    assert any("2 of 20 people of the treated group" in line for line in said)


def months(drift: float) -> list[PanelRow]:
    """Four months before and two after; the treated drift apart by ``drift``."""
    noise = np.random.default_rng(5)
    return [
        PanelRow(
            person,
            drift * month * (person % 2) + noise.normal(),
            person % 2 == 1,
            month >= 4,
            None,
            month,
        )
        for person in range(80)
        for month in range(6)
    ]


def test_a_gap_that_moves_before_the_roll_out_puts_parallel_trends_in_doubt() -> None:
    said = difference_in_differences(months(0.5)).warnings
    assert any("Parallel trends are in doubt" in line for line in said)


def test_a_steady_gap_before_the_roll_out_brings_no_warning() -> None:
    said = difference_in_differences(months(0.0)).warnings
    assert not any("Parallel trends" in line for line in said)


def test_one_period_before_says_that_trends_could_not_be_checked() -> None:
    said = difference_in_differences(a_panel()).warnings
    assert any("could not be checked" in line for line in said)


def test_json_has_the_fields_of_the_interface_and_nothing_json_cannot_say() -> None:
    answer = difference_in_differences(a_panel()).as_json()
    wanted = ["estimate", "std_error", "ci_low", "ci_high", "p_value"]
    wanted += ["n", "n_treated", "n_control", "method", "assumptions", "warnings"]
    assert list(answer)[: len(wanted)] == wanted
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    assert answer["assumptions"]


def test_importing_the_module_does_not_load_statsmodels() -> None:
    code = "import sys, analytics.effects.did as d; print('statsmodels' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
