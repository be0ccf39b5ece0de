"""Attachment: the headers of a Statement's attachments.

Spec: xAPI-Data 2.4.11. In: the value of ``attachments``. Out: Violations.
The bytes, and whether they match ``sha2`` and ``length``, are not judged here.
"""

from __future__ import annotations

from lrs.xapi.checks import each, formatted, iri, language_map, properties, refuse
from lrs.xapi.values import is_count, is_media_type, is_sha2
from lrs.xapi.violations import Violation

_SECTION = "xapi-data:2.4.11"


def _length(value: object, prefix: str, key: str, found: list[Violation]) -> None:
    if not is_count(value):
        message = "This must be a whole number of octets."
        refuse(found, prefix + key, value, _SECTION, message)


attachment = properties(
    {
        "usageType": iri(_SECTION),
        "display": language_map,
        "description": language_map,
        "contentType": formatted(
            is_media_type, _SECTION, "This must be an Internet media type."
        ),
        "length": _length,
        "sha2": formatted(
            is_sha2, _SECTION, "This must be a SHA-2 hash in hexadecimal digits."
        ),
        "fileUrl": iri(_SECTION),
    },
    _SECTION,
    required=("usageType", "display", "contentType", "length", "sha2"),
)

attachments = each(attachment, _SECTION)
