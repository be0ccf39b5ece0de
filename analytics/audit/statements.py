"""The Statements of an export: each text as stored, and beside it what the LRS noted.

``statements/statements.ndjson`` holds the texts, a line each, and
``statements/about.ndjson`` a line for each of these lines, in their order. A text that
is spread over lines, as JSON may be, is one line as a JSON string (``text_is``).

Of people who were made anonymous the text is withheld: it would say who they were.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any

import orjson

from analytics.audit.archive import Archive
from analytics.audit.sheets import copy, line
from analytics.reports.session import moment
from lrs.attachments import AttachmentReader, declared
from lrs.errors import LrsError
from lrs.originals import Original
from lrs.xapi.text import parse

_TEXTS = "statements/statements.ndjson"
_ABOUT = "statements/about.ndjson"
_AT_ONCE = 500
Find = Callable[[Sequence[str]], Mapping[str, Original]]
Held = dict[str, tuple[str, int]]  # by SHA-2: where the content is, and its octets


def add_statements(
    archive: Archive,
    batches: Iterable[Sequence[Mapping[str, Any]]],
    originals: Find,
    contents: Callable[[Sequence[str]], Held],
    *,
    anonymous: Set[str],
    with_contents: bool,
) -> tuple[int, Held]:
    """Add the Statements that questions/statements.sql names.

    Returns how many, and where the contents are that came with them (with_contents).
    Raises LrsError where one is not in the store: the lake and the database are not of
    one truth then.
    """
    count, attached = 0, Held()
    with tempfile.TemporaryFile() as waiting:
        with archive.entry(_TEXTS) as out:
            for batch in batches:
                for at in range(0, len(batch), _AT_ONCE):
                    rows = batch[at : at + _AT_ONCE]
                    found = originals([row["statement_id"] for row in rows])
                    held = contents(
                        sorted({it for one in found.values() for it in one.attachments})
                    )
                    for row in rows:
                        one = found.get(row["statement_id"])
                        if one is None:
                            raise _lost(row["statement_id"])
                        count += 1
                        is_hidden = row["person_id"] in anonymous
                        text, said = (b"null", "withheld") if is_hidden else _line(one)
                        out.write(text + b"\n")
                        about = _about(count, said, row, one, held)
                        waiting.write(line(about))
                        if with_contents and not is_hidden:
                            attached |= {it: held[it] for it in one.attachments}
        copy(archive, _ABOUT, waiting)
    return count, attached


def add_attachments(archive: Archive, store: AttachmentReader, held: Held) -> None:
    """Add the contents, each named by its SHA-2."""
    for sha2 in sorted(held):
        with archive.entry(f"attachments/{sha2}") as out:
            for piece in store.read(*held[sha2]):
                out.write(piece)


def _line(original: Original) -> tuple[bytes, str]:
    text = original.text
    if "\n" in text or "\r" in text:
        return orjson.dumps(text), "string"
    return text.encode(), "statement"


def _about(
    number: int,
    text_is: str,
    row: Mapping[str, Any],
    original: Original,
    held: Held,
) -> dict[str, Any]:
    """Return what is said of one Statement.

    The hash is over the text as stored, with what the LRS added; what the client sent
    is there as its hash only.
    """
    stored = original.text.encode()
    return {
        "line": number,
        "text_is": text_is,
        "statement_id": original.statement_id,
        "stored": moment(original.stored),
        "authority": original.authority,
        "sha256_as_stored": hashlib.sha256(stored).hexdigest(),
        "sha256_as_sent": original.digest.hex() if original.digest else None,
        "person_id": row["person_id"],
        "requirements": row["requirements"],
        "voided_by": row["voided_by"],
        "voids": row["voids"],
        "stored_elsewhere": original.former,
        "attachments": [] if text_is == "withheld" else _attachments(original, held),
        "signatures": [] if text_is == "withheld" else list(original.signatures),
    }


def _attachments(original: Original, held: Held) -> list[dict[str, Any]]:
    """Return the attachments declared: hash, type, and the octets that came."""
    if '"attachments"' not in original.text and "\\u" not in original.text:
        return []
    return [
        {
            "sha2": (sha2 := item["sha2"].lower()),
            "content_type": item.get("contentType"),
            "octets_held": held[sha2][1] if sha2 in original.attachments else None,
            "file_url": item.get("fileUrl"),
        }
        for _, item in declared(parse(original.text.encode()))
    ]


def _lost(statement_id: str) -> LrsError:
    return LrsError(
        f"Statement {statement_id} is in the lake and not in the store: they are not "
        "of one truth (lrs enrich --rebuild makes the lake anew)."
    )
