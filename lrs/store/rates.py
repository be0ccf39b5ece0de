"""Rates: how many requests a caller has made, counted over all processes and hosts.

By the library ``limits`` in fixed windows, over the connection that is there anyway.
The counters run out by an index of MongoDB and are not journaled: one that a crash
loses lets somebody through.
"""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, parse_many
from limits.storage import MongoDBStorage
from limits.strategies import FixedWindowRateLimiter
from pymongo import MongoClient

from lrs.errors import SetupError, TooManyRequests
from lrs.store.mongo import Document


class _Storage(MongoDBStorage):
    """The library's storage over a client that somebody else opened."""

    def __init__(self, client: MongoClient[Document], database: str) -> None:
        self._client = client
        super().__init__(
            "mongodb://",
            database_name=database,
            counter_collection_name="rates",
            window_collection_name="rate_windows",
        )

    def _init_mongo_client(
        self, uri: str | None, **options: int | str | bool
    ) -> MongoClient[Document]:
        return self._client

    def __del__(self) -> None:
        """Leave the client open: the library would close it, and connect for that."""


class MongoRates:
    """The rates of all callers; implements lrs.http.door.Rates."""

    def __init__(
        self, client: MongoClient[Document], database: str, rates: str
    ) -> None:
        """Take rates such as ``50/second;1000/minute``; raises SetupError."""
        try:
            self._rates: list[RateLimitItem] = parse_many(rates)
        except ValueError:
            raise SetupError(
                "LRS_RATE_LIMIT must be rates such as 50/second;1000/minute."
            ) from None
        self._limiter = FixedWindowRateLimiter(_Storage(client, database))

    def count(self, *caller: str) -> None:
        """Count a request of this caller; raises TooManyRequests with Retry-After."""
        for rate in self._rates:
            if self._limiter.hit(rate, *caller):
                continue
            ends = self._limiter.get_window_stats(rate, *caller).reset_time
            wait = max(1, math.ceil(ends - time.time()))
            raise TooManyRequests(
                f"No more than {rate} are answered for this caller.",
                headers={"Retry-After": str(wait)},
            )
