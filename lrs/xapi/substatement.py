"""SubStatement: a Statement told inside another, and what both have in common.

Spec: xAPI-Data 2.4.4.3 (SubStatements), 2.3.2 (voiding), 2.4.6 (revision and
platform). In: a value and the version of the request. Out: Violations.
"""

from __future__ import annotations

from collections.abc import Mapping

from lrs.xapi.actor import actor
from lrs.xapi.attachment import attachments
from lrs.xapi.checks import Rule, forbidden, formatted, one_of, properties
from lrs.xapi.context import CONTEXTS
from lrs.xapi.object import PLAIN_KINDS, object_of
from lrs.xapi.result import result
from lrs.xapi.values import is_rfc3339, is_timestamp
from lrs.xapi.verb import VOIDED, verb
from lrs.xapi.versions import Version
from lrs.xapi.violations import Violation

_SECTION = "xapi-data:2.4.4.3"

REQUIRED = ("actor", "verb", "object")

TIMESTAMPS: dict[Version, Rule] = {
    Version.V1_0_3: formatted(
        is_timestamp, "xapi-data:4.5", "This must be a timestamp with an offset."
    ),
    Version.V2_0_0: formatted(
        is_rfc3339, "ieee-9274.1.1:s19", "This must be a timestamp of RFC 3339."
    ),
}


def common(version: Version) -> dict[str, Rule]:
    """Return the rules of the properties of Statements and SubStatements alike."""
    return {
        "actor": actor,
        "verb": verb,
        "object": object_of(PLAIN_KINDS),
        "result": result,
        "context": CONTEXTS[version],
        "timestamp": TIMESTAMPS[version],
        "attachments": attachments,
    }


def relations(value: Mapping[str, object], inside: str, found: list[Violation]) -> None:
    """Check the rules that tie one property to another."""
    target = value.get("object")
    if not isinstance(target, dict):
        return
    kind = target.get("objectType", "Activity")
    action = value.get("verb")
    voids = isinstance(action, dict) and action.get("id") == VOIDED
    if voids and kind != "StatementRef":
        message = "The object of a voiding Statement must be a StatementRef."
        found.append(Violation(f"{inside}object", "xapi-data:2.3.2", message))
    context = value.get("context")
    if kind != "Activity" and isinstance(context, dict):
        for name in ("revision", "platform"):
            if name in context:
                message = "This is allowed only where the object is an Activity."
                path = f"{inside}context.{name}"
                found.append(Violation(path, "xapi-data:2.4.6", message))


def _substatement(version: Version) -> Rule:
    rules = common(version)
    rules["objectType"] = one_of(frozenset({"SubStatement"}), _SECTION)
    for name in ("id", "stored", "version", "authority"):
        rules[name] = forbidden(_SECTION, "A SubStatement must not have this property.")
    known = properties(rules, _SECTION, required=("objectType", *REQUIRED))

    def check(value: object, prefix: str, key: str, found: list[Violation]) -> None:
        known(value, prefix, key, found)
        if isinstance(value, dict):
            relations(value, f"{prefix}{key}.", found)

    return check


SUBSTATEMENTS: dict[Version, Rule] = {
    version: _substatement(version) for version in Version
}
