"""Statement: the whole law for one Statement.

Spec: xAPI-Data 2.2 to 2.4. In: a JSON value as ``orjson.loads`` (or the standard
library with ``parse_float=Decimal``) gives it, and the version of the request.
Out: every Violation, none for a valid Statement. Raises nothing; never descends
into extensions, so nothing a client sends can exhaust the stack.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from lrs.xapi.actor import authority
from lrs.xapi.checks import Rule, formatted, missing, refuse, unknown
from lrs.xapi.object import PLAIN_KINDS, object_of
from lrs.xapi.substatement import (
    REQUIRED,
    SUBSTATEMENTS,
    TIMESTAMPS,
    common,
    relations,
)
from lrs.xapi.values import is_uuid
from lrs.xapi.versions import Version, is_statement_version
from lrs.xapi.violations import Enough, Found, Violation

_SECTION = "xapi-data:2.4"


def _rules(version: Version) -> dict[str, Rule]:
    substatement = SUBSTATEMENTS[version]
    return {
        **common(version),
        "object": object_of({**PLAIN_KINDS, "SubStatement": substatement}),
        "id": formatted(is_uuid, "xapi-data:2.4.1", "This must be a UUID."),
        "stored": TIMESTAMPS[version],
        "authority": authority,
        "version": formatted(
            lambda text: is_statement_version(text, version),
            "xapi-data:2.4.10",
            "This must be a version that the request's version can carry.",
        ),
    }


# By version and name: what a property has to be, whatever stands beside it.
RULES: Mapping[Version, Mapping[str, Rule]] = {
    version: _rules(version) for version in Version
}


def validate(statement: object, version: Version) -> list[Violation]:
    """Return the Violations of a Statement that came in under this version.

    All of them, or the first MOST_FOUND.
    """
    found = Found()
    if not isinstance(statement, dict):
        message = "A Statement must be an object."
        refuse(found, "", statement, _SECTION, message)
        return found
    with contextlib.suppress(Enough):
        _check(statement, version, found)
    return found


def _check(
    statement: dict[str, object],
    version: Version,
    found: list[Violation],
) -> None:
    rules = RULES[version]
    for name, value in statement.items():
        rule = rules.get(name)
        if rule is None:
            unknown(statement, name, rules, "", found)
        else:
            rule(value, "", name, found)
    for name in REQUIRED:
        if name not in statement:
            missing(name, _SECTION, found)
    relations(statement, "", found)
