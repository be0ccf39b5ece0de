"""The format of a file, as the ``[format]`` table of a mapping says it.

What is not said is found out: JSON begins with a bracket, XML with ``<``, anything
else is CSV in UTF-8, separated by commas, quoted as RFC 4180 says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lrs.errors import BadRequest

TYPES = ("csv", "json", "xml")
ENCODINGS = ("utf-8", "utf-16", "latin-1", "cp1252")
SEPARATORS = {",": ",", ";": ";", "\t": "\t", "tab": "\t", "|": "|"}
_KEYS = ("type", "encoding", "separator", "quote", "records")
_CSV_KEYS = ("separator", "quote")


@dataclass(frozen=True, slots=True)
class Format:
    """How to read a file; None means: find out, or the usual one.

    ``type`` is one of TYPES, ``encoding`` one of ENCODINGS (utf-16 with its byte order
    mark; XML's own declaration holds where none is given). ``separator`` and ``quote``
    are for CSV; an empty ``quote`` means that nothing is quoted. ``records`` says where
    JSON or XML holds its records, as names with slashes between them: from the
    outermost object down to the array (``d/results``), or the last names on the way
    from the root to the element of a record (``Report_Entry``); namespace prefixes do
    not count.
    """

    type: str | None = None
    encoding: str | None = None
    separator: str = ","
    quote: str = '"'
    records: tuple[str, ...] = ()


DETECTED = Format()


def format_of(table: object, place: str) -> Format:
    """Return the Format that a ``[format]`` table describes.

    ``place`` names the mapping in messages. Raises BadRequest that names the key.
    """
    if not isinstance(table, Mapping):
        raise _refusal(place, "", "is not a table")
    for key in table:
        if key not in _KEYS:
            raise _refusal(place, key, f"is unknown; known: {', '.join(_KEYS)}")
    kind = _choice(table, place, "type", TYPES)
    for key in _CSV_KEYS:
        if key in table and kind not in (None, "csv"):
            raise _refusal(place, key, "is for CSV")
    if "records" in table and kind == "csv":
        raise _refusal(place, "records", "is for JSON and XML")
    separator = _choice(table, place, "separator", tuple(SEPARATORS)) or ","
    return Format(
        # Who says how cells are separated has said that it is CSV.
        type="csv" if kind is None and any(key in table for key in _CSV_KEYS) else kind,
        encoding=_choice(table, place, "encoding", ENCODINGS),
        separator=SEPARATORS[separator],
        quote=_quote(table, place, SEPARATORS[separator]),
        records=_records(table, place),
    )


def _choice(
    table: Mapping[str, object], place: str, key: str, known: tuple[str, ...]
) -> str | None:
    value = table.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or value.lower() not in known:
        told = ", ".join("tab" if item == "\t" else item for item in known)
        raise _refusal(place, key, f"is not one of: {told}")
    return value.lower()


def _quote(table: Mapping[str, object], place: str, separator: str) -> str:
    value = table.get("quote", '"')
    if value == "":
        return ""
    if (
        not isinstance(value, str)
        or len(value) != 1
        or not (value.isascii() and value.isprintable())
        or value.isalnum()
        or value in (separator, " ")
    ):
        raise _refusal(
            place,
            "quote",
            "is neither empty nor one sign that is not the separator",
        )
    return value


def _records(table: Mapping[str, object], place: str) -> tuple[str, ...]:
    value = table.get("records")
    if value is None:
        return ()
    parts = tuple(value.strip("/").split("/")) if isinstance(value, str) else ()
    if not parts or not all(part.strip() for part in parts):
        raise _refusal(place, "records", "is not names with slashes between them")
    return parts


def _refusal(place: str, key: str, reason: str) -> BadRequest:
    name = f"format.{key}" if key else "format"
    return BadRequest(f"{place}, {name} {reason}.")
