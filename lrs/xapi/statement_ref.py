"""StatementRef: a pointer to another Statement, as object or in the context.

Spec: xAPI-Data 2.4.4.3 (Statement References).
In: the value. Out: Violations. Whether the target exists is nobody's question.
"""

from __future__ import annotations

from lrs.xapi.checks import formatted, one_of, properties
from lrs.xapi.values import is_uuid

_SECTION = "xapi-data:2.4.4.3"

statement_ref = properties(
    {
        "objectType": one_of(frozenset({"StatementRef"}), _SECTION),
        "id": formatted(is_uuid, _SECTION, "This must be a UUID."),
    },
    _SECTION,
    required=("objectType", "id"),
)
