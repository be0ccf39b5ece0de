"""Result: the measured outcome of a Statement, with its score.

Spec: xAPI-Data 2.4.5, 2.4.5.1. In: the value of ``result``. Out: Violations.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from lrs.xapi.checks import (
    boolean,
    extensions,
    formatted,
    number,
    properties,
    text,
)
from lrs.xapi.values import is_duration
from lrs.xapi.violations import Violation

_RESULT = "xapi-data:2.4.5"
_SCORE = "xapi-data:2.4.5.1"

_score_properties = properties(
    dict.fromkeys(("scaled", "raw", "min", "max"), number(_SCORE)), _SCORE
)


def score(value: object, prefix: str, key: str, found: list[Violation]) -> None:
    """Demand numbers, and that they agree with each other."""
    before = len(found)
    _score_properties(value, prefix, key, found)
    if len(found) == before and isinstance(value, dict):
        _ranges(value, f"{prefix}{key}.", found)


def _ranges(
    value: Mapping[str, int | float | Decimal], inside: str, found: list[Violation]
) -> None:
    scaled, raw = value.get("scaled"), value.get("raw")
    least, most = value.get("min"), value.get("max")
    if scaled is not None and not -1 <= scaled <= 1:
        message = "This must be between -1 and 1."
        found.append(Violation(f"{inside}scaled", _SCORE, message))
    if least is not None and most is not None and least >= most:
        message = "The minimum must be less than the maximum."
        found.append(Violation(f"{inside}min", _SCORE, message))
    if raw is not None and least is not None and raw < least:
        message = "This must not be less than the minimum."
        found.append(Violation(f"{inside}raw", _SCORE, message))
    if raw is not None and most is not None and raw > most:
        message = "This must not be greater than the maximum."
        found.append(Violation(f"{inside}raw", _SCORE, message))


result = properties(
    {
        "score": score,
        "success": boolean(_RESULT),
        "completion": boolean(_RESULT),
        "response": text(_RESULT),
        "duration": formatted(
            is_duration, "xapi-data:4.6", "This must be an ISO 8601 duration."
        ),
        "extensions": extensions,
    },
    _RESULT,
)
