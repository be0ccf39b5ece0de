"""Tries: what may pass is tried again, with growing waits or those that are asked for.

In: a step that may be taken twice and raises Interruption where it may go better later.
Out: what it returns, or Unavailable when the tries of the Reach are used up, or the
system asks for a longer wait than it allows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential_jitter,
)

from analytics.workforce.connectors.answers import Interruption, given_up
from analytics.workforce.connectors.reach import Reach

_LONGEST = 60.0  # seconds of a wait that nobody asked for
_T = TypeVar("_T")


def until_well(reach: Reach, once: Callable[[], _T], place: str) -> _T:
    """Try until it goes well, or raise Unavailable that names the ``place``."""
    grow = wait_exponential_jitter(
        multiplier=reach.backoff, max=_LONGEST, jitter=reach.backoff
    )

    def wait(state: RetryCallState) -> float:
        asked = _interruption(state).after
        return float(grow(state)) if asked is None else asked

    def too_long(state: RetryCallState) -> bool:
        return (_interruption(state).after or 0.0) > reach.longest_wait

    last_try = stop_after_attempt(reach.tries)
    tries = Retrying(
        retry=retry_if_exception_type(Interruption),
        stop=lambda state: last_try(state) or too_long(state),
        wait=wait,
        reraise=True,
    )
    try:
        return tries(once)
    except Interruption as error:
        number = tries.statistics.get("attempt_number", 1)
        raise given_up(reach.system, place, error, number) from None


def _interruption(state: RetryCallState) -> Interruption:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, Interruption) else Interruption("fails")
