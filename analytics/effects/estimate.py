"""What every effect method answers with: an Estimate, or a refusal.

An Estimate never travels without the assumptions under which it is an effect, and
the warnings that the data gave cause for. Groups too small to say anything raise
EffectRefused instead of coming back as a number with a footnote.
"""

from __future__ import annotations

from dataclasses import dataclass

from lrs.errors import BadRequest

REFUSE_BELOW = 10  # people an arm: no estimate at all
CAUTION_BELOW = 30  # people an arm: an estimate with a caution
CAUTION_CLUSTERS = 30  # clusters: their robust errors come out too small


class EffectRefused(BadRequest):
    """The data cannot carry an estimate; the message says why (400)."""

    type = "urn:lrs:problem:effect-refused"
    title = "No estimate can be given"


@dataclass(frozen=True, slots=True)
class GroupMeans:
    """The four mean outcomes behind a difference in differences, in its unit."""

    treated_before: float
    treated_after: float
    control_before: float
    control_after: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """An effect under the assumptions named, with its 95 % interval.

    ``estimate``, ``std_error`` and the interval are in the outcome's unit; ``n``
    counts rows, ``n_treated`` and ``n_control`` count people; ``clusters`` is None
    where the errors are not clustered.
    """

    estimate: float
    std_error: float
    ci_low: float
    ci_high: float
    p_value: float
    n: int
    n_treated: int
    n_control: int
    method: str
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]
    clusters: int | None = None
    group_means: GroupMeans | None = None

    def as_json(self) -> dict[str, object]:
        """Return the object of the interface: plain numbers, strings and lists."""
        answer: dict[str, object] = {
            name: getattr(self, name)
            for name in (
                "estimate",
                "std_error",
                "ci_low",
                "ci_high",
                "p_value",
                "n",
                "n_treated",
                "n_control",
                "method",
            )
        }
        answer["assumptions"] = list(self.assumptions)
        answer["warnings"] = list(self.warnings)
        answer["clusters"] = self.clusters
        if self.group_means is not None:
            means = self.group_means
            answer["group_means"] = {
                name: getattr(means, name) for name in means.__slots__
            }
        return answer
