"""XML: an element a record; its attributes and the elements in it are the fields.

Read by expat in pieces, to its end before the first record comes out. A field that
comes again makes a list of text; an element within a field is named by its way
(``Worker/ID``), an attribute of one by ``Worker/@Type``. Namespace prefixes do not
count. A document type is refused, and with it every entity but those of XML itself: no
bomb and no file from elsewhere can be named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

from analytics.workforce.sources.format import Format
from analytics.workforce.sources.records import MOST_FIELDS, Record
from analytics.workforce.sources.spooling import spooled
from analytics.workforce.sources.text import Opener
from analytics.workforce.sources.xml_record import XmlRecord
from lrs.errors import BadRequest

_PIECE = 1 << 16  # bytes
_LONGEST_MARK = 4 << 20  # bytes of one tag or comment, which expat holds as a whole
_DEEPEST = 64
_NOT_NAMES = re.compile(r"xmlns(:|\Z)")


def read_xml(
    name: str, opened: Opener, form: Format
) -> tuple[tuple[str, ...], Iterator[Record]]:
    """Return the fields of all records, and the records. Raises BadRequest."""
    return spooled(name, _records(name, opened, form))


def _records(name: str, opened: Opener, form: Format) -> Iterator[Record]:
    reader = _Reader(name, form)
    with opened() as stream:
        while piece := stream.read(_PIECE):
            yield from reader.feed(piece)
    yield from reader.feed(b"", last=True)


class _Reader:
    """What expat tells, put together as records."""

    def __init__(self, name: str, form: Format) -> None:
        self._name = name
        self._path = form.records
        self._open: list[str] = []  # the elements around this place, outside records
        self._record: XmlRecord | None = None
        self._kind: str | None = None  # the one element name of records below the root
        self._parent_seen = len(form.records) < 2
        self._made: list[Record] = []
        self._fed = 0  # bytes
        self._names: dict[str, str] = {}  # what expat has seen, and keeps
        self._local: dict[str, str] = {}  # without their prefixes
        self._parser = expat.ParserCreate(form.encoding, intern=self._names)
        self._parser.ordered_attributes = True
        self._parser.buffer_text = True
        self._parser.buffer_size = _PIECE
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, piece: bytes, *, last: bool = False) -> list[Record]:
        """Return the records that end in this piece."""
        self._made = []
        self._fed += len(piece)
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            told = expat.ErrorString(error.code)
            raise self._wrong(f"not XML: {told}.", error.lineno) from None
        except (ValueError, LookupError):  # an encoding that Python does not have
            raise self._wrong("not XML in an encoding that is known.") from None
        # Where expat stands is where the tag or comment begins that it waits for.
        if self._fed - self._parser.CurrentByteIndex > _LONGEST_MARK:
            raise self._wrong(f"a tag or comment of over {_LONGEST_MARK >> 20} MiB.")
        if len(self._names) > 2 * MOST_FIELDS:
            raise self._wrong("too many different names of elements and attributes.")
        if last and not self._parent_seen:
            raise BadRequest(
                f"{self._name} has no element that format.records names as the one "
                "around its records."
            )
        return self._made

    def _wrong(self, said: str, line: int | None = None) -> BadRequest:
        place = f"line {line or self._parser.CurrentLineNumber}"
        return BadRequest(f"{self._name}, {place}: {said}")

    def _doctype(self, *_told: object) -> None:
        raise self._wrong("a document type (DOCTYPE), which is never read.")

    def _start(self, name: str, attributes: list[str]) -> None:
        local = self._local.get(name)
        if local is None:
            local = self._local[name] = name.rpartition(":")[2]
        record = self._record
        way = self._open if record is None else record.way
        if len(way) >= _DEEPEST:
            raise self._wrong(f"elements in each other over {_DEEPEST} deep.")
        if record is not None:
            record.enter(local)
        else:
            way.append(local)
            if not self._begins_record():
                return
            record = self._record = XmlRecord(self._parser.CurrentLineNumber)
            self._parser.CharacterDataHandler = record.text  # without a step between
        if attributes:
            for key, value in zip(attributes[::2], attributes[1::2], strict=True):
                if not _NOT_NAMES.match(key):
                    record.attribute(key.rpartition(":")[2], value)

    def _begins_record(self) -> bool:
        way = self._open
        if self._path:
            parents = self._path[:-1]
            if not self._parent_seen and tuple(way[-len(parents) :]) == parents:
                self._parent_seen = True
            return tuple(way[-len(self._path) :]) == self._path
        if len(way) != 2:
            return False
        if self._kind is None:
            self._kind = way[1]
        elif self._kind != way[1]:
            raise self._wrong(
                "an element of another name than those before it; the mapping's "
                "format.records says which one is a record."
            )
        return True

    def _end(self, _name: str) -> None:
        record = self._record
        if record is None:
            self._open.pop()
        elif record.way:
            record.leave()
        else:
            self._open.pop()
            self._record = self._parser.CharacterDataHandler = None
            self._made.append(record.made())
