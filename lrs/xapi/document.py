"""Document: what the content of a State or Profile document is, and its merge.

Spec: xAPI-Communication 2.2 (the JSON procedure), 3.1 (the ETag); pitfall: 1.0.3 wants
SHA-1. In: content as bytes and its Content-Type. Out: its ETag, whether it is JSON, the
merged content. The content is never re-encoded: what a merge does not replace keeps
every character, numbers such as 1.10 and 1e400 too.
"""

from __future__ import annotations

import hashlib

import orjson

from lrs.xapi.completion import members
from lrs.xapi.text import NotJson, parse

UNTYPED = "application/octet-stream"  # the Content-Type of content that came without
_JSON = "application/json"
_SPACE = " \t\n\r"


def etag(content: bytes) -> str:
    """Return the SHA-1 of the content in lower-case hex, without the quotes."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def is_json(content_type: str) -> bool:
    """Tell whether a Content-Type is application/json, with or without parameters."""
    return content_type.partition(";")[0].strip().lower() == _JSON


def check(content: bytes, content_type: str) -> None:
    """Raise NotJson where the content is declared as JSON and is none."""
    if is_json(content_type):
        parse(content)


def is_object(content: bytes) -> bool:
    """Tell whether well-formed JSON text is an object."""
    return content.lstrip(_SPACE.encode()).startswith(b"{")


def merge(existing: bytes, posted: bytes) -> bytes:
    """Return the existing object with the top-level properties of the posted one.

    Both are well-formed JSON (see ``check``). A property that both have takes the
    posted value, in its old place; what is new stands at the end. Raises NotJson
    where one of them is no object.
    """
    for content, which in ((posted, "sent"), (existing, "stored")):
        if not is_object(content):
            raise NotJson(f"The document that is {which} is no JSON object.")
    old, new = existing.decode().strip(_SPACE), posted.decode().strip(_SPACE)
    values = {name: new[start:end] for name, start, end in members(new, 0)}
    pieces: list[str] = []
    at, empty = 0, True
    for name, start, end in members(old, 0):
        empty = False
        if name in values:
            pieces += (old[at:start], values.pop(name))
            at = end
    pieces.append(old[at:-1])
    added = ",".join(
        f"{orjson.dumps(name).decode()}:{value}" for name, value in values.items()
    )
    if added and not empty:
        pieces.append(",")
    return "".join([*pieces, added, "}"]).encode()
