"""Asides: what of a record that was set aside speaks of the people in hand.

In: a document of the quarantine and the mapping of its source. A record is read as its
mapping reads it: only so is its number the ledger's. Out: what changes of it.

- Its key is theirs: nothing of it stays, whatever name it has.
- Its key is somebody else's: only the cells that lead to the person go. The record's
  own name stays: a namesake is no proof.
- Its key cannot be read: nothing stays where anything in it leads to the person, the
  name or the number's bare digits too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from analytics.workforce.anonymity.traces import Traces, texts
from analytics.workforce.identifiers import address_keys, identifier_keys
from analytics.workforce.ledger import Document
from analytics.workforce.mapping import FieldError, Mapping
from analytics.workforce.mapping.kept import Kept
from analytics.workforce.staged_rows import EXPELLED

EMPTIED = "loses its content"
_PERSON = "employee_id"
_NAMING = ("manager_id", "approver")
_NAMES = ("given_name", "family_name")
_KEYS = ("email", "identities")
# 00500004 and K500004 are one number, as far as nobody knows better.
_DIGITS = re.compile(r"\D{0,20}?0*([1-9][0-9]*)\D{0,20}\Z")
_LEAST = 4  # of them tell of somebody in any cell
Cells = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of a record: in words, and as MongoDB's update."""

    what: str
    update: Document


class Asides:
    """Judges records; ``known`` tells whether the ledger has an employee number."""

    def __init__(self, traces: Traces, known: Callable[[str], bool]) -> None:
        self._traces, self._known = traces, known
        self._bare = {bare for one in traces.numbers if (bare := _bare(one))}
        self._short = {bare for one in traces.numbers if (bare := _number(one))}

    def change(self, item: Document, mapping: Mapping | None) -> Change | None:
        """Return what is to change of a record; None: it says nothing of them."""
        said = [_loaded(one.get("cells")) for one in item.get("tries", ())]
        first, later = _loaded(item.get("cells")), [one for one in said if one]
        keys = [self._key(item, first, mapping)]
        keys += [mapping.person(one) if mapping else None for one in later]
        if any(key in self._traces.numbers for key in keys):
            return Change(EMPTIED, _emptying(item))
        if any(key is not None and not self._may_be(key) for key in keys):
            return self._cleaned(item, mapping)
        values = item["values"]
        versions = [values if first is None else first, *later]
        if any(self._speaks(one, mapping, values) for one in versions):
            return Change(EMPTIED, _emptying(item))
        return None

    # -- whose it is ----------------------------------------------------------------

    def _key(
        self, item: Document, cells: Cells | None, mapping: Mapping | None
    ) -> str | None:
        found = item["values"].get(_PERSON)
        if _is_expelled(item):
            return found if isinstance(found, str) else None  # as the run read it
        if mapping is None or item.get("fault"):
            return None
        if cells is not None:
            return mapping.person(cells)
        if not isinstance(found, str):  # a former release kept no cells
            return None
        read = list(_read(mapping, _PERSON, found))
        mine = [one for one in (found, *read) if one in self._traces.numbers]
        return next(iter(mine or read), None)

    def _may_be(self, key: str) -> bool:
        """Tell whether nobody has this number, but one of these has its digits.

        Then the mapping is not any more what it was.
        """
        return _bare(key) in self._bare and not self._known(key)

    def _speaks(self, cells: Cells, mapping: Mapping | None, values: Cells) -> bool:
        """Tell whether anything leads to them, in a record without a key."""
        numbers, in_text = self._traces.numbers, self._traces.in_text
        row = {kept.column.name: _value(kept, cells) for kept in _fields(mapping)}
        for one in (row, values):
            names = [one.get(name) for name in _NAMES]
            whole = " ".join(name for name in names if isinstance(name, str))
            if in_text(whole) is not None or self._is_keyed(one):
                return True
            if any(one.get(name) in numbers for name in (_PERSON, *_NAMING)):
                return True
        if mapping is None:  # in these columns a short number tells too
            ids = texts([values.get(name) for name in (_PERSON, *_NAMING)])
            if any(_number(one) in self._short for one in ids):
                return True
        if self._traces.in_any(cells) or self._traces.in_any(values):
            return True
        return any(_bare(text) in self._bare for text in texts([cells, values]))

    def _is_keyed(self, row: Cells) -> bool:
        """Tell whether a row has one of their addresses or accounts."""
        try:
            return not self._traces.keys.isdisjoint(identifier_keys(row))
        except TypeError:  # raw cells
            return False

    # -- somebody else's ------------------------------------------------------------

    def _cleaned(self, item: Document, mapping: Mapping | None) -> Change | None:
        gone: dict[str, None] = {}
        changed: Document = {}

        def clean(holder: Document) -> Document:
            cells = _loaded(holder.get("cells"))
            fields = self._fields(cells, mapping) if cells else []
            if cells is None or not fields:
                return holder
            gone.update(dict.fromkeys(fields))
            left = {name: cell for name, cell in cells.items() if name not in fields}
            return holder | {"cells": orjson.dumps(left).decode()}

        whole = clean(item)
        if whole is not item:
            changed["cells"] = whole["cells"]
        tries = [clean(one) for one in item.get("tries", ())]
        if tries != list(item.get("tries", ())):
            changed["tries"] = tries
        lost = {
            kept.column.name
            for kept in _fields(mapping)
            if any(path.written in gone for path in kept.reading.sources())
        }
        cells = None if _is_expelled(item) else _loaded(item.get("cells"))
        row = {it.column.name: _value(it, cells) for it in _fields(mapping) if cells}
        values = {
            name: cell
            for name, cell in item["values"].items()
            if name not in lost and not self._tells(name, cell, row.get(name), mapping)
        }
        if item.get("fault") and self._speaks(item["values"], mapping, item["values"]):
            values = {}  # in the wrong places
        if values != item["values"]:
            gone.update(dict.fromkeys(item["values"].keys() - values.keys() - lost))
            changed["values"] = values
        if not changed:
            return None
        return Change(f"is another's: loses {', '.join(gone)}", {"$set": changed})

    def _fields(self, cells: Cells, mapping: Mapping | None) -> list[str]:
        """Return the fields of somebody else's record that lead to them."""
        own: set[str] = set()
        readers: dict[str, list[Kept]] = {}
        for kept in _fields(mapping):
            paths = [path.written for path in kept.reading.sources()]
            if kept.column.name == _PERSON:
                own.update(paths)
            for path in paths:
                readers.setdefault(path, []).append(kept)
        found = []
        for name, cell in cells.items():
            if name in own:
                continue
            kepts = readers.get(name, [])
            if any(
                self._tells(kept.column.name, cell, _value(kept, cells), mapping)
                for kept in kepts
            ) or (not kepts and self._tells("", cell, None, mapping)):
                found.append(name)
        return found

    def _tells(
        self, column: str, cell: object, value: object, mapping: Mapping | None
    ) -> bool:
        """Tell whether a cell leads to them; ``value`` is what its column reads."""
        said, traces = list(texts(cell)), self._traces
        if column == _PERSON:
            return False
        if column in _NAMING:
            found = [value] if isinstance(value, str) else said
            if value is None and mapping is not None:
                found += [one for text in said for one in _read(mapping, column, text)]
            return any(
                traces.who(one) is not None or self._may_be(one) for one in found
            )
        if column in _KEYS:
            if value is None:
                keys = [*said, *(key for one in said for key in address_keys(one))]
                return not traces.keys.isdisjoint(keys)
            return self._is_keyed({column: value})
        if column in _NAMES:  # a namesake's
            said = [one for one in said if "@" in one or any(map(str.isdigit, one))]
            return any(map(traces.in_identifier, said))
        if column == "reason":
            return any(map(traces.in_text, said))
        if not column and mapping is None:  # nobody knows what it is
            bare = any(self._may_be(one) for one in said)
            return bare or any(map(traces.in_identifier, said))
        # Digits alone may be a day's or a unit's.
        return any(traces.in_text(one, digits=False) for one in said)


def _fields(mapping: Mapping | None) -> tuple[Kept, ...]:
    return mapping.fields if mapping else ()


def _is_expelled(item: Document) -> bool:
    """Tell whether the record's values are those that its run read."""
    reason: str = item["reason"]
    return reason.startswith(EXPELLED)


def _value(kept: Kept, cells: Cells) -> Any:
    try:
        return kept.value(cells)
    except FieldError:
        return None


def _read(mapping: Mapping, column: str, text: str) -> Iterator[str]:
    """Yield what the steps of a column make of a text."""
    for kept in mapping.fields:
        if kept.column.name == column:
            for reading in kept.reading.all():
                try:
                    yield reading.steps.apply(text)
                except ValueError:
                    continue


def _number(text: str) -> str | None:
    found = _DIGITS.match(text.strip())
    return found[1] if found else None


def _bare(text: str) -> str | None:
    found = _number(text)
    return found if found and len(found) >= _LEAST else None


def _loaded(cells: str | None) -> Cells | None:
    return orjson.loads(cells) if cells else None


def _emptying(item: Document) -> Document:
    """Return what takes out all that a record set aside said, corrected or not."""
    changed: Document = {"values": {}}
    if tries := item.get("tries"):
        changed["tries"] = [
            {name: said for name, said in one.items() if name != "cells"}
            for one in tries
        ]
    return {"$set": changed, "$unset": {"cells": "", "fault": ""}}
