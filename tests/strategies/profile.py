"""How much is generated: the same few examples in every run, or more of others.

``HYPOTHESIS=20 pytest tests/...`` tries twenty times as many, new ones each time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings

TIMES = int(os.environ.get("HYPOTHESIS", "1"))
STEADY = "steady"
settings.register_profile(
    STEADY,
    max_examples=100 * TIMES,
    derandomize=TIMES == 1,
    database=None,
    deadline=None,  # a busy machine must not fail a test
)


def examples(count: int, *, slow: bool = False) -> Callable[[Any], Any]:
    """Let a test have so many examples, each as long as it needs.

    What fails in a ``slow`` test is told as it is: to look for a smaller example would
    take minutes. With HYPOTHESIS set, it is looked for.
    """
    phases = set(Phase) - ({Phase.shrink} if slow and TIMES == 1 else set())
    return settings(
        phases=tuple(phases),
        max_examples=count * TIMES,
        derandomize=TIMES == 1,
        database=None,
        deadline=None,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.function_scoped_fixture,
        ],
    )
