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


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record for the quarantine: where it stood, what is wrong, what it held.

    ``cells`` are those that the mapping looks at, where the record can be mapped again.
    """

    line: int
    field: str
    reason: str
    values: Mapping[str, object]
    cells: Mapping[str, object] | None = None
