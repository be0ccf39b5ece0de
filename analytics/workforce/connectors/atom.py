"""Oracle's Atom feeds: what an entry says of whom, from XML or from JSON.

In: the body of a feed's page. Out: its entries, each as the first object of the
``Context`` that its content holds as JSON (PersonId, PersonNumber, EffectiveDate, ...).
"""

from __future__ import annotations

from io import BufferedReader, BytesIO
from typing import Any

from analytics.workforce.connectors.answers import decoded
from analytics.workforce.sources.format import Format
from analytics.workforce.sources.xml_files import read_xml
from lrs.errors import BadRequest

_XML = Format(type="xml", records=("entry",))
_NAMES = ("entries", "entry")
Entry = dict[str, Any]


def entries_of(body: bytes) -> list[Entry]:
    """Return the entries of a page; raises ValueError where it is no feed."""
    if body.lstrip().startswith(b"<"):
        contents = _of_xml(body)
    else:
        contents = _of_json(decoded(body))
    return [_context(content) for content in contents]


def _of_xml(body: bytes) -> list[Any]:
    if b"</feed>" not in body[-200:] and b"<feed" not in body:
        raise ValueError("no feed")
    try:
        _, records = read_xml("feed", lambda: BufferedReader(BytesIO(body)), _XML)
        return [record.cells.get("content") for record in records]
    except BadRequest:
        raise ValueError("no feed") from None


def _of_json(found: Any) -> list[Any]:
    feed = found.get("feed") if isinstance(found, dict) else None
    if not isinstance(feed, dict):
        raise ValueError("no feed")
    entries: Any = next((feed[name] for name in _NAMES if feed.get(name)), [])
    if not isinstance(entries, list):
        raise ValueError("no feed")
    return [entry.get("content") for entry in entries if isinstance(entry, dict)]


def _context(content: Any) -> Entry:
    """Return the context of an entry, empty where it tells none."""
    if isinstance(content, dict) and "Context" not in content:
        content = content.get("content", content.get("value"))
    if isinstance(content, str):
        try:
            content = decoded(content.encode())
        except ValueError:
            return {}
    told = content.get("Context") if isinstance(content, dict) else None
    first = told[0] if isinstance(told, list) and told else told
    return first if isinstance(first, dict) else {}
