"""Rates at the door: counted, told in every answer, refused with 429 when over.

draft-ietf-httpapi-ratelimit-headers-10: ``RateLimit-Policy`` (q: quota, w: window in
seconds) and ``RateLimit`` (r: remaining, t: seconds until more is there), an item for
each rate; and, for the many clients that know only these, the three of draft 03 to 06:
``RateLimit-Limit``, ``-Remaining`` and ``-Reset``, of the rate that has least left.
Retry-After (RFC 9110 10.2.3) is never less than what these say.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, g

from lrs.errors import TooManyRequests
from lrs.rates import Counted, Rates

HEADERS = (
    *("RateLimit-Policy", "RateLimit"),
    *("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
)


def hold(rates: Rates, own: str | None, *caller: str) -> None:
    """Count the present request of a caller with these rates of its own, if any.

    Raises TooManyRequests with Retry-After. Costs nothing where no rate is set.
    """
    wanted = rates.of(own)
    if not wanted:
        return
    g.counted = counted = rates.count(wanted, *caller)
    over = [item for item in counted if item.is_over]
    if over:
        longest = max(over, key=lambda item: item.reset)
        rate = longest.rate
        raise TooManyRequests(
            f"No more than {rate.amount} requests in {rate.seconds} s are answered for "
            "this caller.",
            headers={"Retry-After": str(longest.reset)},
        )


def tell(response: Response) -> None:
    """Add the headers to the answer of a request that was counted."""
    counted: Sequence[Counted] = g.get("counted", ())
    if not counted:
        return
    least = min(counted, key=lambda item: (item.remaining, -item.reset))
    values = (
        ", ".join(
            f"{_name(at)};q={at.rate.amount};w={at.rate.seconds}" for at in counted
        ),
        ", ".join(f"{_name(at)};r={at.remaining};t={at.reset}" for at in counted),
        *(str(least.rate.amount), str(least.remaining), str(least.reset)),
    )
    for name, value in zip(HEADERS, values, strict=True):
        response.headers[name] = value


def _name(counted: Counted) -> str:
    return f'"{counted.rate.amount}-in-{counted.rate.seconds}s"'
