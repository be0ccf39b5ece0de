"""Valves: what stops a delivery whole, before anything of it can be seen.

In: what a run would change. Out: nothing, or Refused, which says the figures; the
import adds how to let it through after a look.
"""

from __future__ import annotations

from collections.abc import Mapping

from analytics.workforce.engine.missing import Gone
from analytics.workforce.engine.terms import Terms
from analytics.workforce.refused import Refused

__all__ = ["Refused", "check_fill", "check_leavers"]


def check_leavers(
    ended: int, opened: int, gone: Gone, source: str, terms: Terms
) -> None:
    """Raise Refused where too many leave: of everybody, or of one source's people."""
    _check_terminations(ended, opened, terms)
    _check_missing(source, gone.ended, len(gone.present), terms)


def _check_terminations(ended: int, opened: int, terms: Terms) -> None:
    """Raise Refused where too many of ``opened`` employments would end."""
    if terms.accepted or ended <= terms.always_allowed or not opened:
        return
    share = ended / opened
    if share > terms.max_terminated_share:
        raise Refused(
            f"This delivery would end {ended} of {opened} employments "
            f"({share:.1%}; at most {terms.max_terminated_share:.0%} are let through). "
            "Nothing was applied."
        )


def _check_missing(source: str, ended: int, present: int, terms: Terms) -> None:
    """Raise Refused where a full delivery lacks too many people of its own source.

    Beside a large company the people of one source are few: of all employments the
    share would stay small if every one of them left. ``present``: those of them that
    the delivery has.
    """
    if terms.accepted or not ended:
        return
    share = ended / (ended + present)
    few = ended <= terms.always_allowed or share <= terms.max_terminated_share
    if few and present:
        return
    raise Refused(
        f"This full delivery would end {ended} of the {ended + present} employments "
        f"that {source} has told of ({share:.1%}; at most "
        f"{terms.max_terminated_share:.0%} are let through, and never all). "
        "Nothing was applied."
    )


def check_fill(
    before: Mapping[str, float], now: Mapping[str, float], terms: Terms
) -> None:
    """Raise Refused where a column is filled far less often than it was."""
    if terms.accepted or not (before and now):
        return
    fallen = {
        name: (was, now.get(name, 0.0))
        for name, was in before.items()
        if was - now.get(name, 0.0)
        > terms.fill_rate_drops.get(name, terms.max_fill_rate_drop)
    }
    if fallen:
        told = ", ".join(
            f"{name} from {was:.0%} to {is_:.0%} of the rows"
            for name, (was, is_) in sorted(fallen.items())
        )
        raise Refused(
            f"In this delivery columns are filled far less often than before: {told}. "
            "Nothing was applied."
        )
