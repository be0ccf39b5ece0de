"""Checks: the bricks of which the rules of every noun are built.

Spec: xAPI-Data 2.2 (types, nulls, unknown names, letter case), 4.1, 4.2.
A Rule gets a value, the path of its parent with a closing dot (``actor.``, or
nothing for the Statement), its own key, and the list to which it adds
Violations. The full path ``prefix + key`` is only built once a rule is broken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lrs.xapi.values import IRIS, LANGUAGE_TAGS, is_number
from lrs.xapi.violations import Violation

Rule = Callable[[object, str, str, list[Violation]], None]
Rules = Mapping[str, Rule]

FORMATTING = "xapi-data:2.2"
_NAME = re.compile(r"[A-Za-z_]{1,40}").fullmatch
_OF_2_0 = ("contextAgents", "contextGroups")


def refuse(
    found: list[Violation], path: str, value: object, section: str, message: str
) -> None:
    """Add a Violation; null is refused for being null, whatever was expected."""
    if value is None:
        section, message = FORMATTING, "Null is allowed inside extensions only."
    found.append(Violation(path, section, message))


def text(section: str) -> Rule:
    """Demand a string."""

    def check(value: object, prefix: str, key: str, found: list[Violation]) -> None:
        if not isinstance(value, str):
            refuse(found, prefix + key, value, section, "This must be a string.")

    return check


def boolean(section: str) -> Rule:
    """Demand true or false."""

    def check(value: object, prefix: str, key: str, found: list[Violation]) -> None:
        if value is not True and value is not False:
            refuse(found, prefix + key, value, section, "This must be true or false.")

    return check


def number(section: str) -> Rule:
    """Demand a finite number."""

    def check(value: object, prefix: str, key: str, found: list[Violation]) -> None:
        if not is_number(value):
            refuse(found, prefix + key, value, section, "This must be a number.")

    return check


def iri(section: str) -> Rule:
    """Demand an IRI, with its scheme."""

    def check(value: object, prefix: str, key: str, found: list[Violation]) -> None:
        if not isinstance(value, str) or not IRIS[value]:
            message = "This must be an absolute IRI."
            refuse(found, prefix + key, value, section, message)

    return check


def language_tag(section: str) -> Rule:
    """Demand a language tag of RFC 5646."""

    def check(value: object, prefix: str, key: str, found: list[Violation]) -> None:
        if not isinstance(value, str) or not LANGUAGE_TAGS[value]:
            message = "This must be a language tag of RFC 5646."
            refuse(found, prefix + key, value, section, message)

    return check


def formatted(is_valid: Callable[[str], object], section: str, message: str) -> Rule:
    """Demand a string of which ``is_valid`` approves."""

    def check(value: object, prefix: str, key: str, found: list[Violation]) -> None:
        if not isinstance(value, str) or not is_valid(value):
            refuse(found, prefix + key, value, section, message)

    return check


def one_of(allowed: frozenset[str], section: str) -> Rule:
    """Demand one of the listed strings, in this letter case."""
    message = f"This must be one of: {', '.join(sorted(allowed))}."

    def check(value: object, prefix: str, key: str, found: list[Violation]) -> None:
        if not isinstance(value, str) or value not in allowed:
            refuse(found, prefix + key, value, section, message)

    return check


def forbidden(section: str, message: str) -> Rule:
    """Refuse the property, for a reason that deserves its own sentence."""

    def check(value: object, prefix: str, key: str, found: list[Violation]) -> None:
        found.append(Violation(prefix + key, section, message))

    return check


def each(rule: Rule, section: str, *, at_least: int = 0) -> Rule:
    """Demand an array of which every item obeys the rule."""

    def check(value: object, prefix: str, key: str, found: list[Violation]) -> None:
        if not isinstance(value, list):
            refuse(found, prefix + key, value, section, "This must be an array.")
            return
        if len(value) < at_least:
            message = "This array must not be empty."
            found.append(Violation(prefix + key, section, message))
        for index, item in enumerate(value):
            rule(item, prefix, f"{key}[{index}]", found)

    return check


def properties(rules: Rules, section: str, *, required: tuple[str, ...] = ()) -> Rule:
    """Demand an object with these properties, each under its rule, and no others."""

    def check(value: object, prefix: str, key: str, found: list[Violation]) -> None:
        if not isinstance(value, dict):
            refuse(found, prefix + key, value, section, "This must be an object.")
            return
        inside = f"{prefix}{key}."
        for name, item in value.items():
            rule = rules.get(name)
            if rule is None:
                unknown(value, name, rules, prefix + key, found)
            else:
                rule(item, inside, name, found)
        for name in required:
            if name not in value:
                missing(inside + name, section, found)

    return check


def missing(path: str, section: str, found: list[Violation]) -> None:
    """Add the Violation of a property that is required and absent."""
    found.append(Violation(path, section, "This property is required."))


def unknown(
    value: Mapping[str, object],
    name: str,
    rules: Rules,
    path: str,
    found: list[Violation],
) -> None:
    """Add the Violation of a name that the specification does not define.

    Where nothing but the letter case is wrong, the right spelling is told. The name is
    the sender's: it is quoted where it looks like a name, else told by its position.
    """
    position = next(at for at, key in enumerate(value, 1) if key == name)
    called = f"The property {name}" if _NAME(name) else f"Property number {position}"
    spelling = {rule.lower(): rule for rule in rules}.get(name.lower())
    if spelling is not None:
        message = f"{called} must be spelled {spelling}, in this case."
    elif name in _OF_2_0:
        message = f"{called} came with xAPI 2.0; this is read as 1.0.3."
    else:
        message = f"{called} is not defined by the specification."
    found.append(Violation(path, FORMATTING, message))


def language_map(value: object, prefix: str, key: str, found: list[Violation]) -> None:
    """Demand a language map (4.2): strings under language tags."""
    section = "xapi-data:4.2"
    if not isinstance(value, dict):
        message = "This must be a language map, an object."
        refuse(found, prefix + key, value, section, message)
        return
    for position, (tag, item) in enumerate(value.items(), 1):
        if not LANGUAGE_TAGS[tag]:
            message = f"Key number {position} is no language tag."
            found.append(Violation(prefix + key, section, message))
        if not isinstance(item, str):
            message = f"Value number {position} must be a string."
            refuse(found, prefix + key, item, section, message)


def extensions(value: object, prefix: str, key: str, found: list[Violation]) -> None:
    """Demand IRIs as keys (4.1); the values are free JSON and are not looked at."""
    section = "xapi-data:4.1"
    if not isinstance(value, dict):
        refuse(found, prefix + key, value, section, "This must be an object.")
        return
    for position, name in enumerate(value, 1):
        if not IRIS[name]:
            message = f"Extension number {position} must have an IRI as its key."
            found.append(Violation(prefix + key, section, message))
