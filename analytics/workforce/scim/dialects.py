"""PATCH as identity providers send it, made what RFC 7644 3.5.2 says.

Microsoft Entra names targets of several changes as keys of one value without a path,
``emails[type eq "work"].value`` among them, and wraps a single value into a list. In:
the body of a PATCH, read as JSON. Out: the body with each such key an operation of its
own. ``op`` in any case, "False" for false and a bare manager are taken further on.
"""

from __future__ import annotations

from typing import Any

from analytics.workforce.scim.refusals import Refusal

MOST_OPERATIONS = 200
_LONGEST_PATH = 1024


def as_specified(body: Any) -> Any:
    """Return a PATCH's body; raises Refusal where it is more than anybody sends."""
    if not isinstance(body, dict):
        return body
    name = next((key for key in body if key.lower() == "operations"), None)
    operations = body.get(name) if name else None
    if not isinstance(operations, list):
        return body
    made = [one for operation in operations for one in _operations(operation)]
    if len(made) > MOST_OPERATIONS:
        raise Refusal(
            413, f"At most {MOST_OPERATIONS} operations are taken in one request."
        )
    return {**body, name: made}


def _operations(operation: Any) -> list[Any]:
    if not isinstance(operation, dict):
        return [operation]
    fields = {key.lower(): key for key in operation}
    path = operation.get(fields.get("path", "path"))
    value = operation.get(fields.get("value", "value"))
    if isinstance(path, str) and len(path) > _LONGEST_PATH:
        detail = f"A path has at most {_LONGEST_PATH} characters."
        raise Refusal(400, detail, "invalidPath")
    if path:
        return [_unwrapped(operation, fields, path, value)]
    if not isinstance(value, dict):
        return [operation]
    selecting = [key for key in value if "[" in key]
    rest = {key: item for key, item in value.items() if key not in selecting}
    op = operation.get(fields.get("op", "op"))
    alone = [{"op": op, "path": key, "value": value[key]} for key in selecting]
    if not rest and alone:
        return alone
    return [{**operation, fields.get("value", "value"): rest}, *alone]


_SINGLE = {
    *("active", "username", "displayname", "title", "externalid", "nickname"),
    *("usertype", "preferredlanguage", "locale", "timezone"),
}


def _unwrapped(
    operation: dict[str, Any], fields: dict[str, str], path: Any, value: Any
) -> dict[str, Any]:
    """Return ``[{"value": x}]`` for an attribute of one value as x."""
    plain = isinstance(path, str) and path.rpartition(":")[2].lower() in _SINGLE
    if plain and isinstance(value, list) and len(value) == 1:
        only = value[0]
        only = only.get("value") if isinstance(only, dict) else only
        return {**operation, fields["value"]: only}
    return operation
