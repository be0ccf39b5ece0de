"""Values: the formats that xAPI demands of strings and numbers.

Spec: xAPI-Data 2.4.2.3, 2.4.11, 4.2 to 4.6; RFC 3339, 3987, 4122, 5646, 6068.
In: one JSON value. Out: a yes or no, or a form that can be compared.
IRIs and mailto addresses are judged by best effort, as xAPI-Data 2.2 allows.
"""

from __future__ import annotations

import functools
import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal


class TimestampError(ValueError):
    """The text is not a timestamp that names one point in time."""


class Known(dict[str, bool]):
    """Verdicts on strings that come back often (IRIs, language tags).

    A lookup costs a tenth of the regular expression. Bounded in the number and
    in the length of what it keeps, so that a stranger cannot fill the memory.
    """

    __slots__ = ("_pattern",)

    def __init__(self, pattern: str) -> None:
        super().__init__()
        self._pattern = re.compile(pattern)

    def __missing__(self, text: str) -> bool:
        verdict = self._pattern.fullmatch(text) is not None
        if len(text) <= 256:
            if len(self) >= 8192:
                self.clear()
            self[text] = verdict
        return verdict


# RFC 3987: a scheme, then anything but white space, controls, delimiters that an
# IRI must encode, surrogates, noncharacters and a percent sign that encodes nothing.
_NO_IRI = r"\x00-\x20\x7f-\x9f<>\"{}|\\^`\ud800-\udfff\ufdd0-\ufdef\ufff0-\uffff"
# Possessive, or a long wrong one would be tried in every way it can be cut.
IRIS = Known(rf"[A-Za-z][A-Za-z0-9+.-]*:(?:[^%{_NO_IRI}]++|%[0-9A-Fa-f]{{2}})++")

# RFC 5646 section 2.1, well-formedness only: no look into the registry.
_LANGUAGE = r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})"
_SUBTAGS = (
    r"(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"  # script, region
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"  # variants
    r"(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*"  # extensions
)
_PRIVATE = r"x(?:-[a-z0-9]{1,8})+"
_IRREGULAR = (  # grandfathered tags that the grammar does not cover
    "en-gb-oed|i-ami|i-bnn|i-default|i-enochian|i-hak|i-klingon|i-lux|i-mingo|"
    "i-navajo|i-pwn|i-tao|i-tay|i-tsu|sgn-be-fr|sgn-be-nl|sgn-ch-de"
)
LANGUAGE_TAGS = Known(
    rf"(?ia:{_LANGUAGE}{_SUBTAGS}(?:-{_PRIVATE})?|{_PRIVATE}|{_IRREGULAR})"
)

is_uuid = re.compile(
    r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
).fullmatch
is_sha1 = re.compile(r"[0-9A-Fa-f]{40}").fullmatch
# SHA-224, 256, 384 and 512, hexadecimal.
is_sha2 = re.compile(
    r"(?:[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128})"
).fullmatch

# "mailto:" and one address: no list, no header fields, and letters of all scripts.
_LABEL = r"[0-9A-Za-z_\u00a1-\ud7ff\uf900-\ufdcf\U00010000-\U0001fffd-]+"
is_mailto = re.compile(
    rf"mailto:[^@?#,;:()\[\]{_NO_IRI}]+@"
    rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:.]+\])"
).fullmatch

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - an RFC 9110 token
is_media_type = re.compile(rf"{_TOKEN}/{_TOKEN}(?:[ \t]*;[^\x00-\x1f]*)?").fullmatch

# A fraction may stand on the last component only; weeks stand alone.
_PART = r"[0-9]+(?:[.,][0-9]+(?=[A-Z]\Z))?"
is_duration = re.compile(
    rf"P(?:{_PART}W|(?=[0-9T])(?:{_PART}Y)?(?:{_PART}M)?(?:{_PART}D)?"
    rf"(?:T(?=[0-9])(?:{_PART}H)?(?:{_PART}M)?(?:{_PART}S)?)?)"
).fullmatch
_SECONDS = re.compile(r"[.,]([0-9]+)S\Z")

# ISO 8601 lets an offset do without the colon; an offset of minus zero is refused.
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:([0-9]{2})(?:\.[0-9]+)?"
    r"(?:[Zz]|(?!-00(?::?00)?\Z)[+-][0-9]{2}(?::?[0-5][0-9])?)"
).fullmatch
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UTC_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - prints without an offset
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND


def is_number(value: object) -> bool:
    """Tell whether the value is a finite JSON number; a bool is none."""
    kind = type(value)
    if kind is int:
        return True
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, Decimal) and value.is_finite()


def is_count(value: object) -> bool:
    """Tell whether the value is a whole number of zero or more."""
    if isinstance(value, Decimal):  # int() of 1e999999 would take minutes
        return value.is_finite() and value >= 0 and value == value.to_integral_value()
    if isinstance(value, float):
        return value.is_integer() and value >= 0
    return type(value) is int and value >= 0


def timestamp_us(text: str) -> int:
    """Return the microseconds since 1970-01-01T00:00:00Z, finer digits cut off.

    Accepts RFC 3339 and the shorter offsets of ISO 8601 (``+0100``, ``+01``). A
    leap second counts as the first second after it. Raises TimestampError for all
    else, also for a text without offset, which names no point in time.
    """
    match = _TIMESTAMP(text)
    if match is None:
        raise TimestampError("not an RFC 3339 timestamp with an offset")
    leap = match[1] == "60"
    if leap:
        text = text[:17] + "59" + text[19:]
    if text[-1] == "z":
        text = text[:-1] + "Z"
    try:
        since = datetime.fromisoformat(text) - _EPOCH
    except ValueError as error:
        raise TimestampError("no such date or time of day") from error
    found = since.days * _DAY + since.seconds * _SECOND + since.microseconds
    if not leap:
        return found
    if since.seconds != 86_399:
        raise TimestampError("a leap second comes at 23:59:60 UTC only")
    return (since.days + 1) * _DAY + since.microseconds


def isoformat(microseconds: int) -> str:
    """Return microseconds since 1970 as RFC 3339 in UTC with six decimals."""
    seconds, rest = divmod(microseconds, _SECOND)
    return f"{_second(seconds)}.{rest:06}Z"


@functools.lru_cache(64)
def _second(seconds: int) -> str:
    return (_UTC_EPOCH + timedelta(seconds=seconds)).isoformat()


def is_timestamp(text: str) -> bool:
    """Tell whether the text is a timestamp (xAPI-Data 4.5)."""
    try:
        timestamp_us(text)
    except TimestampError:
        return False
    return True


def is_rfc3339(text: str) -> bool:
    """Tell whether the text is a timestamp in the narrower form that 2.0 asks for."""
    return (text[-1:] in "Zz" or text[-3:-2] == ":") and is_timestamp(text)


def duration_key(text: str) -> str:
    """Return a valid duration as it is compared (xAPI-Data 4.6).

    A duration stays a string, ``PT60S`` is not ``PT1M``. Only what is finer than
    0.01 s is cut off, with the zeros that this leaves behind.
    """
    match = _SECONDS.search(text)
    if match is None:
        return text.replace(",", ".")
    digits = match[1][:2].rstrip("0")
    return f"{text[: match.start()]}{'.' if digits else ''}{digits}S"
