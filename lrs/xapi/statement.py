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
_REPEATED = frozenset({"actor", "verb", "object"})
_MOST_KNOWN, _LONGEST_KNOWN = 10_000, 2_000  # texts, and octets of one


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


_RULES: dict[Version, dict[str, Rule]] = {
    version: _rules(version) for version in Version
}


class KnownParts:
    """Texts of properties that were found valid, so that they need no second look.

    The same people, verbs and Activities come over and over. Whether one of these is
    valid depends on nothing but its own text and the version.
    """

    def __init__(self, most: int = _MOST_KNOWN) -> None:
        self._most = most
        self._texts: set[tuple[Version, str, bytes]] = set()

    def has(self, version: Version, name: str, text: bytes) -> bool:
        """Tell whether this text of a property was found valid."""
        return (version, name, text) in self._texts

    def add(self, version: Version, name: str, text: bytes) -> None:
        """Remember one."""
        if len(text) <= _LONGEST_KNOWN:
            if len(self._texts) >= self._most:
                self._texts.clear()  # cheaper than to know which one is the oldest
            self._texts.add((version, name, text))


_KNOWN = KnownParts()


def validate(
    statement: object, version: Version, parts: Mapping[str, bytes] | None = None
) -> list[Violation]:
    """Return the Violations of a Statement that came in under this version.

    All of them, or the first MOST_FOUND. ``parts`` are the texts of its properties;
    with them those that were found valid before are not looked at again.
    """
    found = Found()
    if not isinstance(statement, dict):
        message = "A Statement must be an object."
        refuse(found, "", statement, _SECTION, message)
        return found
    with contextlib.suppress(Enough):
        _check(statement, version, found, parts or {})
    return found


def _check(
    statement: dict[str, object],
    version: Version,
    found: list[Violation],
    parts: Mapping[str, bytes],
) -> None:
    rules = _RULES[version]
    for name, value in statement.items():
        rule = rules.get(name)
        if rule is None:
            unknown(statement, name, rules, "", found)
        elif name in _REPEATED and name in parts:
            if not _KNOWN.has(version, name, parts[name]):
                before = len(found)
                rule(value, "", name, found)
                if len(found) == before:
                    _KNOWN.add(version, name, parts[name])
        else:
            rule(value, "", name, found)
    for name in REQUIRED:
        if name not in statement:
            missing(name, _SECTION, found)
    relations(statement, "", found)
