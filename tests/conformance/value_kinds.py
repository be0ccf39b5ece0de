"""Kinds of values: of which JSON type one is, what is right, what is wrong.

Spec: xAPI-Data 2.2, 2.4.2.3, 2.4.5, 2.4.11, 4.1 to 4.6. The bricks of ``data_model``,
which is the table of properties. Examples, no code of the product's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]
Required = Callable[[Json], Collection[str]]


def _nothing(_: Json) -> Collection[str]:
    return ()


@dataclass(frozen=True)
class Kind:
    """What a value may be.

    ``types`` names its JSON types; ``properties`` are those of an object, ``required``
    says which of them one object cannot do without; ``free`` are the right and the
    wrong names of an object whose names are free.
    """

    types: Collection[str]
    right: tuple[Any, ...] = ()
    wrong: tuple[Any, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    required: Required = _nothing
    items: Any = None
    free: tuple[tuple[str, ...], tuple[str, ...]] | None = None


# Where a property is a Kind for each value: which of them is this one?
Choice = Callable[[Any], Kind]


def kind_of(rule: Kind | Choice, value: Any) -> Kind:
    """Return the Kind that binds this value."""
    return rule if isinstance(rule, Kind) else rule(value)


def always(*names: str) -> Required:
    return lambda _: names


def a_string(right: tuple[str, ...], wrong: tuple[str, ...]) -> Kind:
    return Kind({"string"}, right, wrong)


def a_word(*words: str) -> Kind:
    """Return the Kind of one of these words, in this letter case."""
    wrong = [w for word in words for w in (word.upper(), word.capitalize(), word + " ")]
    return a_string(words, ("", *(w for w in wrong if w not in words)))


def a_list(items: Kind | Choice, **more: Any) -> Kind:
    return Kind({"array"}, items=items, **more)


TEXT = a_string(("", "ÄÖ \u4e2d \U0001f600", "x" * 5000), ())
BOOLEAN = Kind({"boolean"}, (True, False))
_UUID_DIGITS = "0d5f2b1e-76c9-4c3a-9d44-2f6f6f0a8b11"
UUID = a_string(
    (_UUID_DIGITS, _UUID_DIGITS.upper(), "c232ab00-9414-11ec-b3c8-9f68deced846"),
    (
        "",
        "no uuid",
        _UUID_DIGITS[:-1],
        _UUID_DIGITS + "1",
        _UUID_DIGITS.replace("-", ""),
        "g" + _UUID_DIGITS[1:],
        "{" + _UUID_DIGITS + "}",
        "urn:uuid:" + _UUID_DIGITS,
    ),
)
IRI = a_string(
    (
        "https://example.org/",
        "urn:isbn:0451450523",
        "tag:example.org,2013:xapi",
        "http://пример.example/路径?q=%C3%A9#ß",
    ),
    (
        "",
        "no scheme",
        "/path/only",
        "//host/path",
        "example.org/path",
        "1a:b",
        "a=b://c",
        "http://a b.example/",
        "http://x.example/<a>",
    ),
)
MBOX = a_string(
    ("mailto:a.b+c'd@sub.example.co", "mailto:x_1@localhost"),
    ("", "mailto:", "mailto:lena", "lena@example.org", "mailto:a b@example.org"),
)
SHA1 = a_string(("0" * 40, "ABCDEF0123" * 4), ("", "0" * 39, "0" * 41, "g" * 40))
SHA2 = a_string(("0" * 64, "AB" * 32, "c" * 128), ("", "0" * 63, "z" * 64, "0" * 40))
_TAGS = (
    ("en", "de-CH", "zh-Hant", "sr-Latn-RS", "cmn", "es-419", "x-klingon", "sl-rozaj"),
    ("", "something", "a12345678", "en_US", "e", "en-", "-en", "en-x", "english-US-"),
)
LANGUAGE = a_string(*_TAGS)
LANGUAGE_MAP = Kind(
    {"object"}, ({},), ({"en": 1}, {"en": None}, {"en": {}}), free=_TAGS
)
EXTENSIONS = Kind(
    {"object"},
    ({}, *({"x:y": item} for item in (None, "", {}, [], 0, False, {"": None}))),
    free=(IRI.right, IRI.wrong),
)
DURATION = a_string(
    ("PT1H0M0.1S", "PT16559.14S", "P3Y1M29DT4H35M59.14S", "P3Y", "P4W", "P1DT0.12567S"),
    ("", "P", "PT", "P1DT", "PA1H0M0S", "P4W1D", "1H", "pt1h", "PT1H2", "P1H", "4"),
)
MEDIA_TYPE = a_string(
    ("text/plain; charset=ascii", "application/vnd.x+json", "a/b"),
    ("", "text", "text/", "/plain", "text plain/x"),
)
COUNT = Kind({"number"}, (0, 27, 2**40), (-1, 0.5, 1e-9))


def a_number(right: tuple[float, ...], wrong: tuple[float, ...]) -> Kind:
    return Kind({"number"}, right, wrong)
