"""Values: the formats that xAPI demands of strings and numbers.

Spec: xAPI-Data 2.4.2.3, 4.2 to 4.6; RFC 3987, 4122, 5646, 6068; ISO 8601.
In: one JSON value. Out: a yes or no, or a form fit for comparison.
IRIs and mailto addresses are judged by best effort, as xAPI-Data 2.2 allows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal

_NUMBERS = frozenset({int, float, Decimal})  # exact types: a bool is not a number


def is_number(value: object) -> bool:
    """Tell whether the value is a finite JSON number."""
    kind = type(value)
    if kind is int:
        return True
    if kind is float:
        return math.isfinite(value)  # type: ignore[arg-type]
    return isinstance(value, Decimal) and value.is_finite()


def is_count(value: object) -> bool:
    """Tell whether the value is a whole number of zero or more."""
    if type(value) is int:
        return value >= 0
    if not is_number(value):
        return False
    assert isinstance(value, float | Decimal)  # noqa: S101 - narrows for mypy
    return value >= 0 and value == int(value)
