"""Filters: what the database can find of them, and if that is all (RFC 7644 3.4.2.2).

In: a filter's syntax tree. Out: a Found, whose query finds all users that the filter
means, and perhaps others. Where it is not exact, who asks holds each against the filter
itself. Identity providers ask for equality and for what has changed; of anything else
the query finds everybody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
    Not,
    ValuePath,
)

from analytics.workforce.scim.identity import ENTERPRISE, exactly, without_case
from analytics.workforce.scim.schema import CORE

Document = dict[str, Any]
_ORDERS = {
    CompareOperator.gt: "$gt",
    CompareOperator.ge: "$gte",
    CompareOperator.lt: "$lt",
    CompareOperator.le: "$lte",
}
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Found:
    """A query, and whether it finds nobody whom the filter does not mean."""

    query: Document
    exact: bool


EVERYBODY = Found({}, exact=True)
_SOME = Found({}, exact=False)


def found_by(node: FilterNode, tenant: str) -> Found:
    """Return what the database can find of a filter."""
    if isinstance(node, Comparison):
        return _comparison(_name(node.attr_path), node, tenant)
    if isinstance(node, ValuePath):
        # One of the values must hold all: it is among those that hold each.
        return Found(_inside(node.val_filter, _name(node.attr_path), tenant), False)
    if isinstance(node, Not):
        inner = found_by(node.expr, tenant)
        return Found({"$nor": [inner.query]}, True) if inner.exact else _SOME
    if isinstance(node, LogicalExpr):
        parts = [found_by(term, tenant) for term in node.terms]
        exact = all(part.exact for part in parts)
        if node.op == LogicalOperator.and_:
            return Found({"$and": [part.query for part in parts]}, exact)
        return Found({"$or": [part.query for part in parts]}, exact)
    return _SOME


def _inside(node: FilterNode, parent: str, tenant: str) -> Document:
    if isinstance(node, Comparison):
        name = f"{parent}.{_name(node.attr_path)}"
        return _comparison(name, node, tenant).query
    if isinstance(node, LogicalExpr):
        parts = [_inside(term, parent, tenant) for term in node.terms]
        return {"$and" if node.op == LogicalOperator.and_ else "$or": parts}
    return {}


def _name(path: AttrPath) -> str:
    """Return an attribute's name in lower case, its schema before it if not core."""
    name = path.attr if path.sub_attr is None else f"{path.attr}.{path.sub_attr}"
    schema = "" if path.uri is None or path.uri.lower() == CORE.lower() else path.uri
    return f"{schema}:{name}".removeprefix(":").lower()


def _comparison(name: str, node: Comparison, tenant: str) -> Found:
    if name in _MOMENTS:
        return _moment(_MOMENTS[name], node)
    read = _EQUALS.get(name)
    if read is None or node.op != CompareOperator.eq:
        return _SOME
    query = read(node.value, tenant)
    return _SOME if query is None else Found(query, exact=True)


def _text(field: str, key: Callable[[str], str]) -> Callable[[Any, str], Any]:
    def read(value: Any, _tenant: str) -> Document | None:
        return {field: key(value)} if isinstance(value, str) and value else None

    return read


def _id(value: Any, tenant: str) -> Document | None:
    return {"_id": {"t": tenant, "id": value}} if isinstance(value, str) else None


def _active(value: Any, _tenant: str) -> Document | None:
    word = str(value).lower()
    return {"active": word == "true"} if word in ("true", "false") else None


_EQUALS: dict[str, Callable[[Any, str], Document | None]] = {
    "id": _id,
    "username": _text("name", without_case),
    "externalid": _text("external", exactly),
    "emails": _text("mails", without_case),
    "emails.value": _text("mails", without_case),
    "active": _active,
    f"{ENTERPRISE.lower()}:employeenumber": _text("number", without_case),
}
_MOMENTS = {"meta.lastmodified": "modified", "meta.created": "created"}


def _moment(field: str, node: Comparison) -> Found:
    """Return what is found by a moment; those here are whole milliseconds."""
    order = _ORDERS.get(node.op)
    if order is None:
        return _SOME
    try:
        moment = datetime.fromisoformat(str(node.value))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        moment = moment.astimezone(UTC)
        spare = timedelta(microseconds=moment.microsecond % 1000)
        next_one = moment - spare + _MILLISECOND
    except (ValueError, OverflowError):  # before or after all calendars
        return _SOME
    if not spare:
        return Found({field: {order: moment}}, exact=True)
    # Between two of them: above it begins what is at least the next one.
    if order in ("$gt", "$gte"):
        return Found({field: {"$gte": next_one}}, exact=True)
    return Found({field: {"$lt": next_one}}, exact=True)
