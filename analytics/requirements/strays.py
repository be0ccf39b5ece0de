"""Strays: exemptions from what is no requirement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from analytics.requirements.model import Requirement


def strays(
    exemptions: Iterable[Mapping[str, Any]], requirements: Iterable[Requirement]
) -> list[str]:
    """Return a sentence for each code that exemptions name and no requirement has."""
    codes = {item.code for item in requirements}
    named = Counter(
        row["requirement"] for row in exemptions if row["requirement"] not in codes
    )
    return [
        f"{count} exemptions are from {code}, which is no requirement."
        for code, count in sorted(named.items())
    ]
