"""What is staged: a good record as an Entry, a bad one as a SetAside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analytics.workforce.model import Row


@dataclass(frozen=True, slots=True)
class Entry:
    """A canonical row on its way in: its key and the digest of its values.

    ``retracted``: the row of this key holds no more; ``values`` has the key's columns.
    """

    key: str
    digest: bytes
    values: Row
    retracted: bool = False


CONTRADICTS = "contradicts another record of the same"
CIRCLE_OF_UNITS = "puts a unit below itself, through other units"
CIRCLE_OF_MANAGERS = "closes a circle of managers"
EXPELLED = (CONTRADICTS, CIRCLE_OF_UNITS, CIRCLE_OF_MANAGERS)
"""How the reasons begin of records that were good as far as they go."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record for the quarantine: where it stood, what is wrong, what it held.

    ``cells`` are those that the mapping looks at; None where they mean nothing to any
    mapping (``fault``), or speak of somebody anonymous. ``file`` is where it stood, in
    a delivery of several; ``beside`` are the lines of those that it contradicts.
    """

    line: int
    field: str
    reason: str
    values: Mapping[str, object]
    cells: Mapping[str, object] | None = None
    file: str | None = None
    fault: bool = False
    beside: tuple[int, ...] = ()
