"""Refused: a valve has stopped a delivery whole."""

from __future__ import annotations

from lrs.errors import Conflict


class Refused(Conflict):
    """A valve has stopped the delivery; nothing of it was applied."""
