"""Checking whether a source that is asked is set up well, before anything is taken.

In: the source and its mapping. Out: findings in the order in which somebody would mend
them: address, TLS and log-in, what may be read, the fields that the mapping names, and
a sample of records mapped. Sentences for whoever looks after the HR system; no values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from analytics.workforce.connectors.connector import Fetch, Finding
from analytics.workforce.connectors.source import ConnectorSource
from analytics.workforce.connectors.spool import Spool
from analytics.workforce.engine.entries import mapped_entry
from analytics.workforce.mapping import FieldError, Mapping
from analytics.workforce.sources.records import Record
from lrs.errors import BadRequest, LrsError

SAMPLE = 100  # records
_TRIES = 2
_SHOWN = 20  # faults, the most frequent first


def check(source: ConnectorSource, mapping: Mapping) -> Iterator[Finding]:
    """Yield what was found, one after another while it is looked for.

    Somebody waits: what fails is tried once more, and not for minutes.
    """
    reach = source.system.reach
    reach = replace(reach, tries=min(reach.tries, _TRIES))
    source = replace(source, system=replace(source.system, reach=reach))
    try:
        with source.asking() as fetch, Spool() as spool:
            well = True
            for finding in source.system.connector.check(fetch):
                well = well and finding.well is not False
                yield finding
            if well:
                yield from _mapped(source, mapping, fetch, spool)
    except LrsError as error:
        yield Finding(False, error.message)


def _mapped(
    source: ConnectorSource, mapping: Mapping, fetch: Fetch, spool: Spool
) -> Iterator[Finding]:
    spool.fill(islice(source.system.connector.sample(fetch, SAMPLE), SAMPLE))
    if not spool.number:
        yield Finding(False, "The system knows nobody whom this user may see.")
        return
    try:
        with spool.opened(source.name) as delivery:
            records = list(delivery.records)
    except BadRequest as error:
        yield Finding(False, error.message)
        return
    yield from _fields(mapping, records)
    yield from _faults(mapping, records)


def _fields(mapping: Mapping, records: list[Record]) -> Iterator[Finding]:
    """Say which fields no record of the sample has."""
    absent = [
        path.written
        for path in mapping.sources()
        if all(path.of(record.cells) in (None, "", []) for record in records)
    ]
    required = [name for name in absent if name in _required(mapping)]
    if required:
        yield Finding(
            False,
            f"None of {len(records)} records has {', '.join(required)}, which every "
            "record needs: is the field called otherwise, or hidden from this user?",
        )
    if others := [name for name in absent if name not in required]:
        yield Finding(
            None,
            f"None of {len(records)} records has {', '.join(others)}: not used there, "
            "called otherwise, or hidden from this user?",
        )
    if not absent:
        yield Finding(True, "All fields that the mapping names are there")


def _required(mapping: Mapping) -> set[str]:
    """Return the fields without which no record can be whole, each the only one."""
    return {
        paths[0].written
        for item in mapping.fields
        if item.needed and len(paths := list(item.reading.sources())) == 1
    }


def _faults(mapping: Mapping, records: Iterable[Record]) -> Iterator[Finding]:
    """Map the sample, and say what goes wrong and how often."""
    faults: Counter[str] = Counter()
    number = mapped = skipped = 0
    for number, record in enumerate(records, start=1):  # noqa: B007
        try:
            if record.fault:
                raise FieldError("", record.fault)
            found = mapping.mapped(record.cells)
            if not found.skipped:
                mapped_entry(mapping.table, found)
            skipped += found.skipped
            mapped += not found.skipped
        except FieldError as error:
            faults[f"{error.field or 'it'} {error.reason}"] += 1
    for told, times in faults.most_common(_SHOWN):
        yield Finding(False, f"{times} of {number} records cannot be read: {told}")
    if mapped:
        aside = f", {skipped} are not asked for by the mapping" if skipped else ""
        yield Finding(True, f"{mapped} of {number} records can be taken{aside}")
    elif not faults:
        yield Finding(None, "The mapping asks for none of the records of the sample")
