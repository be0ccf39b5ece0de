"""A figure and its links as data blocks of a page.

A script element of type application/json holds data: no browser runs it, so the
policy without inline scripts holds. ``<``, ``>`` and ``&`` are written as escapes, so
that no text in it can end the element.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Protocol

from markupsafe import Markup

_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


class Drawable(Protocol):
    """A plotly Figure, as far as a page needs to know it."""

    def to_json(self) -> str | None:
        """Return data and layout as JSON."""


def figure_block(figure: Drawable) -> Markup:
    """Return the figure's JSON, safe inside a script element."""
    return _block(figure.to_json() or "null")


def links_block(links: Mapping[str, str]) -> Markup:
    """Return the address behind each customdata of a figure, as JSON."""
    return _block(json.dumps(links))


def _block(text: str) -> Markup:
    return Markup(text.translate(_ESCAPES))  # noqa: S704 - escaped the line above
