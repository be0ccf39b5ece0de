"""Accept-Language (RFC 2616 14.4): which languages a client wants, the first one first.

A header that nobody can make sense of asks for nothing; it is never an error. Its
length is bounded, since every language map of a page is held against all of it.
"""

from __future__ import annotations

from werkzeug import Request

_MOST = 32
_LONGEST = 64  # characters; the longest tags in use have half of that


def languages(request: Request) -> tuple[str, ...]:
    """Return the language ranges of a request; those with q=0 are left out."""
    wanted = [
        tag
        for tag, weight in request.accept_languages
        if weight and 0 < len(tag) <= _LONGEST
    ]
    return tuple(wanted[:_MOST])
