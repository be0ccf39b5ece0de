"""The parameters of GET statements (xAPI-Communication 2.1.3), from text to a query.

A name that the specification does not have, one that stands twice, and a value that
is not of its type are refused, each with the parameter's name.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from typing import Any

import orjson

from lrs.errors import BadRequest
from lrs.http import parameters
from lrs.http.parameters import shown
from lrs.retrieval import Place, StatementQuery

SINGLE = frozenset({"statementId", "voidedStatementId"})
WITH_SINGLE = SINGLE | {"format", "attachments"}
_LONGEST_QUERY = 1 << 20  # characters; what a more address may unpack to
_FORMATS = ("ids", "exact", "canonical")
_PACKED = 6  # of zlib's nine: more hardly makes it shorter
_MOST = 10_000
_LAST_MOMENT = 2**63 - 1  # the largest integer that the store compares


def query(
    given: Mapping[str, str], *, max_page: int, languages: tuple[str, ...] = ()
) -> StatementQuery:
    """Return the query that these parameters ask for; raises BadRequest."""
    fields: dict[str, Any] = {"limit": max_page, "languages": languages}
    for name, value in given.items():
        rule = _RULES.get(name)
        if rule is None:
            raise BadRequest(f"Unknown parameter {shown(name)}.")
        field, parse = rule
        fields[field] = parse(name, value)
    fields["limit"] = min(fields["limit"] or max_page, max_page)
    return StatementQuery(**fields)


def more_token(given: Mapping[str, str], after: Place) -> str:
    """Return what a ``more`` address carries: the query and where it goes on."""
    # Packed, so that it fits into a request line where the query did.
    packed = zlib.compress(orjson.dumps([given, *after]), _PACKED)
    return base64.urlsafe_b64encode(packed).decode()


def read_more(token: str) -> tuple[dict[str, str], Place]:
    """Return the parameters and the place in a ``more`` address; raises BadRequest."""
    try:
        decoded = base64.b64decode(token, altchars=b"-_", validate=True)
        unpacked = zlib.decompressobj().decompress(decoded, _LONGEST_QUERY)
        given, stored, passed = orjson.loads(unpacked)
        if isinstance(passed, str):  # the last id, as the release before had it
            passed = 0
        strings = all(isinstance(value, str) for value in given.values())
        numbers = type(stored) is int and type(passed) is int
        if strings and numbers and 0 <= stored <= _LAST_MOMENT and 0 <= passed <= _MOST:
            return given, (stored, passed)
    except (binascii.Error, zlib.error, ValueError, TypeError, AttributeError):
        pass
    raise BadRequest("This more address is not one that this server gave.")


def _boolean(name: str, value: str) -> bool:
    # The client on PyPI writes True and False, as Python does.
    if value not in ("true", "false", "True", "False"):
        raise BadRequest(f"The parameter {name} must be true or false.")
    return value in ("true", "True")


def _limit(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise BadRequest(f"The parameter {name} must be a whole number, 0 or more.")
    return int(value)


def _format(name: str, value: str) -> str:
    if value not in _FORMATS:
        raise BadRequest(f"The parameter {name} must be ids, exact or canonical.")
    return value


_RULES: dict[str, tuple[str, parameters.Parse]] = {
    "agent": ("agent", parameters.agent_or_group),
    "verb": ("verb", parameters.iri),
    "activity": ("activity", parameters.iri),
    "registration": ("registration", parameters.uuid),
    "related_activities": ("related_activities", _boolean),
    "related_agents": ("related_agents", _boolean),
    "since": ("since", parameters.timestamp),
    "until": ("until", parameters.timestamp),
    "limit": ("limit", _limit),
    "format": ("format", _format),
    "attachments": ("attachments", _boolean),
    "ascending": ("ascending", _boolean),
}
