"""Parameters of an address: each name once, each value of its type.

Spec: xAPI-Communication 1.4 (UTF-8), 3.2 (what is unknown or wrong is refused). In: the
text of a parameter. Out: the value that the query or the key works with. Everything
here raises BadRequest, which names the parameter and never quotes its value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from werkzeug import Request

from lrs.errors import BadRequest
from lrs.xapi import actor, text, values
from lrs.xapi.checks import Rule
from lrs.xapi.keys import ifi_key
from lrs.xapi.violations import Violation

_NAME = re.compile(r"[$A-Za-z_]?[A-Za-z0-9_]{0,40}").fullmatch
Parse = Callable[[str, str], Any]  # (name, text) to the value


def given(request: Request) -> dict[str, str]:
    """Return the parameters, each once and in UTF-8, or raise BadRequest."""
    try:
        pairs = parse_qsl(
            request.query_string.decode(), keep_blank_values=True, errors="strict"
        )
    except ValueError:
        raise BadRequest("The parameters are not UTF-8.") from None
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadRequest(f"The parameter {shown(twice)} stands more than once.")
    return found


def shown(name: str) -> str:
    """Return a name as a message quotes it; what is no name can be content."""
    return repr(name) if _NAME(name) else "of an odd name"


def uuid(name: str, value: str) -> str:
    """Return a Statement id or registration in lower case."""
    if not values.is_uuid(value):
        raise BadRequest(f"The parameter {name} must be a UUID.")
    return value.lower()


def iri(name: str, value: str) -> str:
    """Return an absolute IRI, as it is."""
    if not values.IRIS[value]:
        raise BadRequest(f"The parameter {name} must be an IRI.")
    return value


def timestamp(name: str, value: str) -> int:
    """Return a timestamp as microseconds since 1970."""
    try:
        return values.timestamp_us(value)
    except ValueError:
        raise BadRequest(
            f"The parameter {name} must be an RFC 3339 timestamp (in an address a + "
            "is written %2B)."
        ) from None


def agent(name: str, value: str) -> str:
    """Return the IFI key of an Agent; a Group is refused."""
    return _ifi(name, value, actor.agent, "an Agent")


def agent_or_group(name: str, value: str) -> str:
    """Return the IFI key of an Agent or of an identified Group."""
    return _ifi(name, value, actor.actor, "an Agent or an identified Group")


def _ifi(name: str, value: str, rule: Rule, wanted: str) -> str:
    try:
        given = text.parse(value.encode())
    except text.NotJson as error:
        told = str(error).replace("The body", "its value")
        raise BadRequest(f"The parameter {name}: {told}") from None
    violations: list[Violation] = []
    rule(given, "", name, violations)
    key = None if violations else ifi_key(given)
    if key is None:
        raise BadRequest(
            f"The parameter {name} must be {wanted}.", violations=violations
        )
    return key
