"""XML: an element a record; its attributes and the elements in it are the fields.

Read by expat in pieces, to its end before the first record comes out. A field that
comes again makes a list of text; an element within a field is named by its way
(``Worker/ID``), an attribute of one by ``Worker/@Type``. Namespace prefixes do not
count. A document type is refused, and with it every entity but those of XML itself: no
bomb and no file from elsewhere can be named.

Records become trees, in C. A file with one that is too large for that is read once
more from its beginning, by a reader that keeps no more of a record than its bounds.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from xml.etree.ElementTree import Element, TreeBuilder  # parses nothing
from xml.parsers import expat

from analytics.workforce.sources.format import Format
from analytics.workforce.sources.records import MOST_FIELDS, Record
from analytics.workforce.sources.spooling import spooled
from analytics.workforce.sources.text import Opener
from analytics.workforce.sources.xml_record import XmlRecord
from analytics.workforce.sources.xml_tree import (
    DEEPEST,
    Locals,
    UnfitForTreeError,
    attributes_of,
    record_of,
)
from lrs.errors import BadRequest

_PIECE = 1 << 16  # bytes
_LONGEST_MARK = 4 << 20  # bytes of one tag or comment, which expat holds as a whole
_LARGEST_TREE = 1 << 20  # bytes of a record's XML


def read_xml(
    name: str, opened: Opener, form: Format
) -> tuple[tuple[str, ...], Iterator[Record]]:
    """Return the fields of all records, and the records. Raises BadRequest."""
    return spooled(name, _records(name, opened, form))


def _records(name: str, opened: Opener, form: Format) -> Iterator[Record]:
    number = 0
    try:
        for record in _read(_Reader(name, form), opened):
            number += 1
            yield record
    except UnfitForTreeError:
        reader = _Reader(name, form, trees=False)
        yield from islice(_read(reader, opened), number, None)


def _read(reader: _Reader, opened: Opener) -> Iterator[Record]:
    with opened() as stream:
        while piece := stream.read(_PIECE):
            yield from reader.feed(piece)
    yield from reader.feed(b"", last=True)


class _Reader:
    """What expat tells, put together as records."""

    def __init__(self, name: str, form: Format, *, trees: bool = True) -> None:
        self._name = name
        self._path = form.records
        self._open: list[str] = []  # the elements around this place, outside records
        self._trees = trees
        self._record: XmlRecord | None = None
        self._root: Element | None = None  # of a record that becomes a tree
        self._line = self._begun = 0  # where that begins: its line, its byte
        self._kind: str | None = None  # the one element name of records below the root
        self._parent_seen = len(form.records) < 2
        self._made: list[Record] = []
        self._fed = 0  # bytes
        self._names: dict[str, str] = {}  # what expat has seen, and keeps
        self._local = Locals()
        self._parser = expat.ParserCreate(form.encoding, intern=self._names)
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
            if self._root is not None:  # something worse may stand before this
                raise UnfitForTreeError from None
            told = expat.ErrorString(error.code)
            raise self._wrong(f"not XML: {told}.", error.lineno) from None
        except (ValueError, LookupError):  # an encoding that Python does not have
            raise self._wrong("not XML in an encoding that is known.") from None
        # Where expat stands is where the tag or comment begins that it waits for.
        if self._fed - self._parser.CurrentByteIndex > _LONGEST_MARK:
            raise self._wrong(f"a tag or comment of over {_LONGEST_MARK >> 20} MiB.")
        if self._root is not None and self._fed - self._begun > _LARGEST_TREE:
            raise UnfitForTreeError
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

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        record = self._record
        way = self._open if record is None else record.way
        if len(way) >= DEEPEST:
            raise self._wrong(f"elements in each other over {DEEPEST} deep.")
        if record is not None:
            record.enter(self._local[name])
        else:
            way.append(self._local[name])
            if not self._begins_record():
                return
            if self._trees:
                self._grow(name, attributes)
                return
            record = self._record = XmlRecord(self._parser.CurrentLineNumber)
            self._parser.CharacterDataHandler = record.text  # without a step between
        if attributes:
            attributes_of(record, attributes.items(), self._local)

    def _grow(self, name: str, attributes: dict[str, str]) -> None:
        """Let a tree take what follows, until its root ends."""
        parser, tree = self._parser, TreeBuilder()
        self._line, self._begun = parser.CurrentLineNumber, parser.CurrentByteIndex
        root = self._root = tree.start(name, attributes)
        end = tree.end

        def ended(name: str) -> None:
            if end(name) is root:
                self._harvest(root)

        parser.StartElementHandler = tree.start
        parser.CharacterDataHandler = tree.data
        parser.EndElementHandler = ended

    def _harvest(self, root: Element) -> None:
        parser = self._parser
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        self._root = parser.CharacterDataHandler = None
        self._open.pop()
        size = parser.CurrentByteIndex - self._begun
        self._made.append(record_of(root, self._line, size, self._local))

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
