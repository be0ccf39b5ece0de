"""Keeping: how long the evidence of a training must be kept, as its file says it.

``retention_years`` is a number or "forever", ``retention_from`` says from when they
count, ``retention_basis`` is the rule in its own words, such as "29 CFR 1910.1030".
"""

from __future__ import annotations

from analytics.requirements.keys import Keys
from analytics.requirements.model import FOREVER, RETAINED_FROM

_MOST_YEARS = 100
_LONGEST = 500  # characters of a rule's name


def retention_of(keys: Keys, *, is_curriculum: bool) -> dict[str, str | None]:
    """Return the three keys, None where nothing is said; raises WrongRequirement."""
    given = keys.values.get("retention_years")
    keys.seen.add("retention_years")
    if given is None:
        for key in ("retention_from", "retention_basis"):
            if keys.values.get(key) is not None:
                raise keys.fail(key, "needs retention_years")
        return {}
    if is_curriculum:
        raise keys.fail("retention_years", "is for the items of a curriculum to say")
    is_years = type(given) is int and 0 <= given <= _MOST_YEARS
    if not is_years and given != FOREVER:
        raise keys.fail(
            "retention_years", f'must be between 0 and {_MOST_YEARS}, or "{FOREVER}"'
        )
    basis: str | None = keys.take("retention_basis", str, None)
    if basis is not None and not 0 < len(basis.strip()) <= _LONGEST:
        raise keys.fail("retention_basis", f"has 1 to {_LONGEST} characters")
    return {
        "retention_years": str(given),
        "retention_from": keys.one_of("retention_from", RETAINED_FROM, "training"),
        "retention_basis": basis,
    }
