"""Delivering: what a delivery says of people who were made anonymous.

A mapping that looks through the veil: a record of somebody anonymous is set aside with
the reason ``anonymised`` and without its content; where somebody else's record names
them as manager or approver, it names the surrogate. So a delivery brings nobody back,
and a full one does not miss the surrogate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from analytics.workforce.anonymity.veil import Veil
from analytics.workforce.mapping import Cell, Cells, FieldError, Mapped, Mapping
from analytics.workforce.model import Row

REASON = "anonymised"
_NAMING = ("manager_id", "approver")


@dataclass(frozen=True, slots=True)
class VeiledMapping(Mapping):
    """A mapping, and the veil of the tenant whose delivery it reads."""

    veil: Veil = field(kw_only=True, compare=False)

    def mapped(self, cells: Cells) -> Mapped:
        """Return what a record becomes; raises FieldError for somebody anonymous."""
        found = Mapping.mapped(self, cells)
        if found.skipped:
            return found
        row = found.row
        if self.veil.surrogate_of(str(row["employee_id"])) is not None:
            label = "employee_id"
            for kept in self.fields:
                if kept.column.name == label:
                    label = kept.label
                    break
            raise FieldError(label, REASON)
        changed: Row = {
            name: stands
            for name in _NAMING
            if isinstance(named := row.get(name), str)
            and (stands := self.veil.surrogate_of(named)) is not None
        }
        return found._replace(row=row | changed) if changed else found

    def person(self, cells: Cells) -> str | None:
        """Return the employee_id of a record, or the surrogate that it is of."""
        found = Mapping.person(self, cells)
        return found and (self.veil.surrogate_of(found) or found)

    def kept(self, cells: Cells) -> dict[str, Cell]:
        """Return a record's cells by column; none where it speaks of the anonymous."""
        found = Mapping.kept(self, cells)
        return {} if self._speaks_of_them(cells, found) else found

    def named(self, cells: Cells) -> dict[str, Cell] | None:
        """Return a record's cells by field; None where it speaks of the anonymous."""
        if self._speaks_of_them(cells, Mapping.kept(self, cells)):
            return None
        return Mapping.named(self, cells)

    def _speaks_of_them(self, cells: Cells, kept: dict[str, Cell]) -> bool:
        numbers: list[str] = []
        for item in self.fields:
            if (name := item.column.name) in ("employee_id", *_NAMING):
                try:
                    value = item.value(cells)
                except FieldError:
                    value = None
                # As the ledger has it; as it stands where the mapping cannot read it.
                raw = [text.strip() for text in _texts(kept.get(name))]
                numbers += [value] if isinstance(value, str) else raw
        if any(map(self.veil.surrogate_of, numbers)):
            return True
        # A shifted row can have an address anywhere.
        words = (word for cell in kept.values() for word in _words(cell))
        return any(self.veil.hides(f"mbox mailto:{word}") for word in words)


def veiled(mapping: Mapping, veil: Veil | None) -> Mapping:
    """Return a mapping that looks through the veil, where there is one."""
    if veil is None:
        return mapping
    own = {
        item.name: getattr(mapping, item.name) for item in fields(mapping) if item.init
    }
    return VeiledMapping(**own, veil=veil)


def _texts(cell: Cell) -> Iterator[str]:
    if isinstance(cell, str):
        yield cell
    elif isinstance(cell, list):
        for item in cell:
            yield from _texts(item)
    elif isinstance(cell, dict):
        for item in cell.values():
            yield from _texts(item)


def _words(cell: Cell) -> Iterator[str]:
    for text in _texts(cell):
        for word in text.replace("mailto:", " ").split():
            if "@" in word:
                yield word.strip("<>,;\"'")
