"""If-Match and If-None-Match, from the headers to Preconditions (RFC 9110 13.1).

A header that is neither ``*`` nor a list of entity tags is refused rather than guessed
at. An entity tag may come without its quotes: some clients forget them.
"""

from __future__ import annotations

import re

from werkzeug import Request
from werkzeug.http import parse_etags

from lrs.errors import BadRequest
from lrs.preconditions import EntityTags, Preconditions

_TAG = r'(?:W/)?"[^"]*"|[0-9A-Za-z_-]+'
_LIST = re.compile(rf"\*|(?:{_TAG})(?:[ \t]*,[ \t]*(?:{_TAG}))*").fullmatch


def preconditions(request: Request) -> Preconditions:
    """Return what a request's headers ask for; raises BadRequest."""
    return Preconditions(
        _entity_tags(request, "If-Match"), _entity_tags(request, "If-None-Match")
    )


def _entity_tags(request: Request, name: str) -> EntityTags | None:
    value = request.headers.get(name)
    if value is None:
        return None
    if not _LIST(value.strip()):
        raise BadRequest(f'{name} must be * or entity tags in quotes, such as "abc".')
    found = parse_etags(value.strip())
    strong = frozenset(found.as_set())
    return EntityTags(
        found.star_tag, strong, frozenset(found.as_set(include_weak=True)) - strong
    )
