"""A record of XML as the tree that ElementTree made of it in C; its cells.

Most records are flat and small: their cells are taken as they stand. Any other is told
to an XmlRecord piece by piece, so that it becomes what it would be without a tree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element  # only made by our own reader

from analytics.workforce.mapping import Cell
from analytics.workforce.sources.records import LONGEST_CELL, MOST_FIELDS, Record
from analytics.workforce.sources.xml_record import XmlRecord

DEEPEST = 64  # elements in each other
_NOT_NAMES = re.compile(r"xmlns(:|\Z)")


class Locals(dict[str, str]):
    """By each name that was seen: what it is without its prefix."""

    def __missing__(self, name: str) -> str:
        """Take it off."""
        local = self[name] = name.rpartition(":")[2]
        return local


class UnfitForTreeError(Exception):
    """It is too large or too deep; whoever reads without a tree says what is wrong."""


def record_of(root: Element, line: int, size: int, local: Locals) -> Record:
    """Return the record of an element that takes ``size`` bytes of its file.

    Raises UnfitForTreeError.
    """
    # So few bytes cannot have a cell or a record that is too long.
    if size <= LONGEST_CELL and len(root) < MOST_FIELDS // 2:
        cells: dict[str, Cell] = {}
        for child in root:
            tail = child.tail
            if len(child) or child.keys() or not (tail is None or tail.isspace()):
                break
            cells[local[child.tag]] = child.text
        text = root.text
        if (
            len(cells) == len(root)
            and not root.keys()
            and (text is None or text.isspace())
        ):
            return Record(line, cells)
    record = XmlRecord(line)
    _tell(record, root, local)
    return record.made()


def attributes_of(
    record: XmlRecord, attributes: Iterable[tuple[str, str]], local: Locals
) -> None:
    """Tell a record the attributes of its innermost element."""
    for key, value in attributes:
        if not _NOT_NAMES.match(key):
            record.attribute(local[key], value)


def _tell(record: XmlRecord, element: Element, local: Locals) -> None:
    attributes_of(record, element.items(), local)
    if element.text:
        record.text(element.text)
    for child in element:
        if len(record.way) >= DEEPEST:
            raise UnfitForTreeError
        record.enter(local[child.tag])
        _tell(record, child, local)
        record.leave()
        if child.tail:
            record.text(child.tail)
