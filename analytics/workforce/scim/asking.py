"""The parameters of a query, read (RFC 7644 3.4.2, 3.9); what is wrong is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scim2_models import ResponseParameters, SearchRequest

from analytics.workforce.scim.refusals import Refusal
from analytics.workforce.scim.schema import POLICY, User
from analytics.workforce.scim.settling import refusing

_LONGEST = 2048  # characters of a filter, and of a list of attributes
_ORDERS = {
    "id": "_id.id",
    "username": "name",
    "externalid": "external",
    "meta.created": "created",
    "meta.lastmodified": "modified",
}


def number_in(asked: Mapping[str, str], name: str, default: int) -> int:
    """Return a whole number."""
    written = asked.get(name)
    if written is None:
        return default
    sign = written.removeprefix("-")
    if not (sign.isascii() and sign.isdigit() and len(sign) < 10):
        raise Refusal(400, f"{name} is a whole number.", "invalidValue")
    return int(written)


def search_request(asked: Mapping[str, str]) -> SearchRequest[User]:
    """Return filter and order."""
    given: dict[str, Any] = {}
    if asked.get("filter"):
        given["filter"] = asked["filter"]
        if len(asked["filter"]) > _LONGEST:
            detail = f"A filter has at most {_LONGEST} characters."
            raise Refusal(400, detail, "invalidFilter")
    if asked.get("sortBy"):
        given["sort_by"] = asked["sortBy"]
    if asked.get("sortOrder"):
        given["sort_order"] = asked["sortOrder"].lower()
    with refusing():
        return SearchRequest[User].model_validate(given, scim_policy=POLICY)


def order_of(request: SearchRequest[User]) -> tuple[str, int]:
    """Return the field that the database orders by, and 1 or -1."""
    if request.sort_by is None:
        return "born", 1
    field = _ORDERS.get(str(request.sort_by).rpartition(":")[2].lower())
    if field is None:
        known = "id, userName, externalId, meta.created and meta.lastModified"
        raise Refusal(400, f"Users are sorted by {known}.", "invalidValue")
    return field, -1 if request.sort_order == "descending" else 1


def wanted_in(asked: Mapping[str, str]) -> ResponseParameters[User] | None:
    """Return which attributes are to be shown; None: as usual."""
    names = {"attributes": "attributes", "excludedAttributes": "excluded_attributes"}
    given = {ours: asked[name] for name, ours in names.items() if asked.get(name)}
    if not given:
        return None
    if any(len(written) > _LONGEST for written in given.values()):
        detail = f"A list of attributes has at most {_LONGEST} characters."
        raise Refusal(400, detail, "invalidValue")
    with refusing():
        return ResponseParameters[User].model_validate(given, scim_policy=POLICY)
