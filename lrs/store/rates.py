"""Rates: how many requests a caller has made, counted over all processes and hosts.

In fixed windows by the database's clock: a window begins with the first request after
the one before. All rates of a caller stand in one document and are counted in one
round trip, which also says what is left; the library ``limits`` reads what a rate is,
but would ask three times for each. Documents run out by an index of MongoDB and are
not journaled: one that a crash loses lets somebody through.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

from limits import parse_many
from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

from lrs.errors import BadRequest, SetupError
from lrs.rates import Counted, Rate
from lrs.store.mongo import Document

_COLLECTION = "rate_counts"


def index_rates(database: Database[Document]) -> None:
    """Let counts go when their last window has ended."""
    database[_COLLECTION].create_index("until", expireAfterSeconds=0)


@functools.lru_cache(256)
def parse(text: str) -> tuple[Rate, ...]:
    """Return rates such as ``50/second;1000/minute``; raises BadRequest."""
    try:
        items = parse_many(text)
    except ValueError:
        items = []
    found = [Rate(item.amount, item.get_expiry()) for item in items]
    if not found or any(rate.amount < 1 or rate.seconds < 1 for rate in found):
        raise BadRequest("Rates look like 50/second;1000/minute.")
    return tuple(found)


class MongoRates:
    """The rates of all callers; implements lrs.rates.Rates."""

    def __init__(self, database: Database[Document], default: str | None) -> None:
        """Take the rate of callers that have none of their own; raises SetupError."""
        self._counts = database.get_collection(
            _COLLECTION, write_concern=WriteConcern(w=1)
        )
        try:
            self._default = parse(default) if default else ()
        except BadRequest:
            raise SetupError(
                "LRS_RATE_LIMIT must be rates such as 50/second;1000/minute."
            ) from None

    def of(self, own: str | None) -> Sequence[Rate]:
        """Return the rates of a caller with these of its own; often none."""
        return parse(own) if own else self._default

    def count(self, rates: Sequence[Rate], *caller: str) -> list[Counted]:
        """Count a request of this caller; return where it stands in each window."""
        if not rates:
            return []
        key, change = "/".join(caller), _pipeline(rates)
        try:
            row = self._counted(key, change)
        except DuplicateKeyError:  # two first requests at a time
            row = self._counted(key, change)
        return [
            Counted(rate, row[name]["n"], max(1, math.ceil(row[name]["left"] / 1000)))
            for rate in rates
            for name in [_name(rate)]
        ]

    def _counted(self, key: str, change: list[Document]) -> Document:
        found = self._counts.find_one_and_update(
            {"_id": key}, change, upsert=True, return_document=ReturnDocument.AFTER
        )
        return found or {}


def _name(rate: Rate) -> str:
    return f"{rate.amount}/{rate.seconds}"


def _pipeline(rates: Sequence[Rate]) -> list[Document]:
    """Return the update that counts one request in the window of each rate."""
    counted: Document = {}
    for rate in rates:
        name, length = _name(rate), rate.seconds * 1000
        ends = f"${name}.ends"
        # Over, not begun, or (the clock was set back) ending later than one can.
        runs = {
            "$and": [
                {"$gt": [ends, "$$NOW"]},
                {"$lte": [ends, {"$add": ["$$NOW", length]}]},
            ]
        }
        whole: dict[str, Any] = {"$add": ["$$NOW", length]}
        counted[name] = {
            "n": {"$cond": [runs, {"$add": [f"${name}.n", 1]}, 1]},
            "ends": {"$cond": [runs, ends, whole]},
            "left": {"$cond": [runs, {"$subtract": [ends, "$$NOW"]}, length]},
        }
    last = {"$max": [f"${name}.ends" for name in counted]}
    return [{"$set": counted}, {"$set": {"until": last}}]
