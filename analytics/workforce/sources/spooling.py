"""Spooling: records that were read once, kept aside until all of them are known to be.

JSON and XML tell their fields only at their end, and may be broken there. So they are
read to the end first, the records going by through an unnamed file (small ones through
memory), and from there to whoever asks for them.
"""

from __future__ import annotations

import marshal
import weakref
from collections.abc import Iterable, Iterator
from itertools import islice
from tempfile import SpooledTemporaryFile

from analytics.workforce.sources.records import MOST_FIELDS, Record
from lrs.errors import BadRequest

_IN_MEMORY = 8 << 20  # bytes
_BATCH = 50  # records; ten times as many no longer fit a processor's cache
_SIZE = 8  # bytes that say how many bytes of a batch follow


def spooled(
    name: str, records: Iterable[Record]
) -> tuple[tuple[str, ...], Iterator[Record]]:
    """Read all records; return their fields, in the order of appearance, and them.

    Raises BadRequest as reading does, and where there are over MOST_FIELDS fields.
    """
    fields: dict[str, None] = {}
    coming = iter(records)
    # Closed by who reads it to its end, or with the last reference to it.
    file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
    try:
        while batch := list(islice(coming, _BATCH)):
            for record in batch:
                if not record.cells.keys() <= fields.keys():
                    fields.update(dict.fromkeys(record.cells))
                    if len(fields) > MOST_FIELDS:
                        raise BadRequest(
                            f"{name}, record at {record.line}: no file has over "
                            f"{MOST_FIELDS:,} different fields."
                        )
            told = [(record.line, record.cells, record.fault) for record in batch]
            content = marshal.dumps(told)
            file.write(len(content).to_bytes(_SIZE, "big") + content)
    except BaseException:
        file.close()
        raise
    found = _read(file)
    weakref.finalize(found, file.close)  # also where nobody reads any of it
    return tuple(fields), found


def _read(file: SpooledTemporaryFile[bytes]) -> Iterator[Record]:
    with file:
        file.seek(0)
        while size := file.read(_SIZE):
            # Nobody but us wrote it: it has no name, and never had one.
            told = marshal.loads(file.read(int.from_bytes(size, "big")))  # noqa: S302
            for line, cells, fault in told:
                yield Record(line, cells, fault)
