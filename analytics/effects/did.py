"""Difference in differences, 2x2: the change of one group less that of the other.

Rows in, an Estimate out. Ordinary least squares of the outcome on treated, after and
their product; the product's coefficient is the difference of the four means. Errors
are robust to clusters and the interval is Student's t with one degree of freedom
fewer than clusters (Bertrand, Duflo, Mullainathan 2004; Cameron, Miller 2015). Rows
that are each a person of their own (two cross-sections) get classical errors.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

from analytics.effects.estimate import EffectRefused, Estimate, GroupMeans
from analytics.effects.panel import PanelRow, cautions, check, groups, people

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHOD = "did"
PRE_TREND_ALARM = 0.10  # p of the leads below which parallel trends are in doubt
_NO_SPREAD = 1e-9  # standard error as a share of the outcomes' size

ASSUMPTIONS = (
    "Parallel trends: without the training, both groups would have changed by the "
    "same amount.",
    "No anticipation: nobody's figures changed ahead of the roll-out because of it.",
    "No spill-over: training one group left the other group's figures alone.",
    "Nothing else that moves the figures reached only one group at the same time.",
    "Groups are as assigned, not as completed, and assignment did not follow a "
    "passing high or low of the figures.",
)


def difference_in_differences(rows: Sequence[PanelRow]) -> Estimate:
    """Return the effect under the assumptions named, in the outcome's unit.

    ``rows``: one per person and period, or one per person. Raises EffectRefused
    (400) when an arm has under 10 people, lacks rows before or after, is a single
    cluster, or when the outcome does not vary.
    """
    import numpy as np

    check(rows)
    by = groups(rows)
    outcome = np.array([row.outcome for row in rows], dtype=float)
    treated = np.array([row.treated for row in rows], dtype=float)
    post = np.array([row.post for row in rows], dtype=float)
    design = np.column_stack([np.ones(len(rows)), treated, post, treated * post])
    fit = _fit(outcome, design, by)
    error = float(fit.bse[3])
    if not error > _NO_SPREAD * max(1.0, float(np.abs(outcome).max())):
        raise EffectRefused(
            "The outcome hardly varies within the groups, so no interval can be given."
        )
    low, high = (float(bound) for bound in fit.conf_int()[3])
    return Estimate(
        estimate=float(fit.params[3]),
        std_error=error,
        ci_low=low,
        ci_high=high,
        p_value=float(fit.pvalues[3]),
        n=len(rows),
        n_treated=len(people(rows, treated=True)),
        n_control=len(people(rows, treated=False)),
        method=METHOD,
        assumptions=(*ASSUMPTIONS, _independence(by)),
        warnings=(*cautions(rows), *_pre_trend(rows)),
        clusters=None if by is None else len(set(by)),
        group_means=_means(fit.params),
    )


def _fit(
    outcome: NDArray[Any], design: NDArray[Any], by: Sequence[Hashable] | None
) -> Any:
    """Fit by least squares; errors clustered by ``by``, classical when None."""
    from statsmodels.regression.linear_model import OLS

    model = OLS(outcome, design)
    if by is None:
        return model.fit(use_t=True)
    numbers = {key: number for number, key in enumerate(dict.fromkeys(by))}
    import numpy as np

    codes = np.array([numbers[key] for key in by])
    return model.fit(cov_type="cluster", cov_kwds={"groups": codes}, use_t=True)


def _means(params: Sequence[float]) -> GroupMeans:
    base, arm, change, extra = (float(value) for value in params)
    return GroupMeans(
        treated_before=base + arm,
        treated_after=base + arm + change + extra,
        control_before=base,
        control_after=base + change,
    )


def _independence(by: Sequence[Hashable] | None) -> str:
    if by is None:
        return "Every row is a person of its own, independent of the others."
    return f"The {len(set(by))} clusters are independent of each other."


def _pre_trend(rows: Sequence[PanelRow]) -> list[str]:
    """Test the leads jointly: whether the gap moved before the roll-out.

    Returns no sentence when the gap was steady, else one that says what is in doubt.
    """
    before = [row for row in rows if not row.post and row.period is not None]
    periods = sorted({row.period for row in before if row.period is not None})
    leads = periods[:-1]
    by = groups(before)
    arms = {(row.treated, row.period) for row in before}
    if not leads:
        return ["Parallel trends could not be checked: one period before the change."]
    if len(arms) < 2 * len(periods) or len(leads) >= len(set(by or before)) - 1:
        return ["Parallel trends could not be checked: too few groups by period."]
    import numpy as np

    treated = np.array([row.treated for row in before], dtype=float)
    at = [np.array([row.period == lead for row in before], float) for lead in leads]
    design = np.column_stack(
        [np.ones(len(before)), treated, *at, *(treated * lead for lead in at)]
    )
    fit = _fit(np.array([row.outcome for row in before], float), design, by)
    wanted = np.eye(design.shape[1])[-len(leads) :]
    p_value = float(fit.f_test(wanted).pvalue)
    if p_value < PRE_TREND_ALARM:
        return [
            "Parallel trends are in doubt: the gap between the groups already moved "
            f"before the change (joint test of {len(leads)} leads, p = {p_value:.3f})."
        ]
    return []
