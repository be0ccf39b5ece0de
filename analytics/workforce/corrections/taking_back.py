"""Taking back: a file of corrections, held against what waits now.

In: a CSV file as it was given out, or as a spreadsheet saved it (commas, semicolons or
tabs between its cells). Out: for each record it names the cells that stand for it now.
One wrong row refuses the file as a whole, with its line and the rule, before anything
is applied: half a file of corrections would leave a steward guessing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from analytics.spreadsheets import without_quote
from analytics.workforce.corrections.form import own_columns, read, read_name
from analytics.workforce.corrections.giving_out import why
from analytics.workforce.ledger import Ledger, chunks
from analytics.workforce.mapping import Cell, Cells, Mapping
from analytics.workforce.quarantine import Aside, asides, said_now
from analytics.workforce.run_records import RunRecord, check_mapping
from analytics.workforce.sources.files import Record, open_delivery
from analytics.workforce.sources.format import Format
from analytics.workforce.staging import CHUNK
from lrs.errors import BadRequest

MOST = 100_000  # records of one file: they are held in memory
LARGEST = 1 << 27  # octets of one file
_SEPARATORS = (",", ";", "\t")
_TOLD = 5  # wrong rows in one message
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Corrections:
    """A file's name and SHA-256, and by number in the quarantine what stands now."""

    file: str
    sha256: str
    cells: dict[int, str]  # as the quarantine keeps them: a JSON object


@dataclass(slots=True)
class _Given:
    """A row of the file: where it stands, and its cells by field."""

    line: int
    reason: str
    cells: dict[str, str]


def take_back(
    ledger: Ledger, tenant: str, run: RunRecord, mapping: Mapping, path: Path
) -> Corrections:
    """Return the corrections of a file; raises BadRequest with place and rule."""
    check_mapping(run, mapping)
    if path.stat().st_size > LARGEST:
        raise BadRequest(f"{path.name} is over {LARGEST >> 20} MB: give it in parts.")
    with path.open("rb") as file:
        if file.read(len(_ZIP)) == _ZIP:
            raise BadRequest(
                f"{path.name} is a workbook or an archive: save it as CSV in UTF-8."
            )
    record, reason = own_columns(mapping)
    with open_delivery(path, _format(path, record)) as delivery:
        names = {field: without_quote(field) for field in delivery.fields}
        _check_columns(path.name, names, mapping)
        given = _given(path.name, delivery.records, names, record, reason)
        sha256 = delivery.sha256
    picked = _picked(ledger, tenant, run, path.name, given)
    cells: dict[int, str] = {}
    for chunk in chunks(picked, CHUNK):
        kept = said_now(ledger, tenant, run.run, [one.number for one in chunk])
        for one in chunk:
            former = orjson.loads(kept.get(one.number) or "{}")
            found = _merged(given[one.record].cells, former)
            stands = mapping.named(found) or {}
            cells[one.number] = orjson.dumps(stands).decode()
    return Corrections(path.name, sha256, cells)


def _format(path: Path, record: str) -> Format:
    """Return how the cells are separated: as makes a column of record names."""
    for separator in _SEPARATORS:
        form = Format(type="csv", separator=separator)
        with open_delivery(path, form) as delivery:
            if record in map(without_quote, delivery.fields):
                return form
    raise BadRequest(
        f"{path.name}, line 1: has no column {record}, which says what is corrected. "
        "Correct a file of lrs workforce quarantine RUN --export FILE."
    )


def _check_columns(name: str, names: dict[str, str], mapping: Mapping) -> None:
    known = {path.written for path in mapping.sources()} | {*own_columns(mapping)}
    for place, bare in enumerate(names.values(), start=1):
        if bare and bare not in known:  # spreadsheets add columns without a name
            raise BadRequest(
                f"{name}, line 1: column {place}, {bare[:100]!r}, is no field that the "
                f"mapping {mapping.name} reads. Nothing was imported."
            )


def _given(
    name: str,
    records: Iterator[Record],
    names: dict[str, str],
    record: str,
    reason: str,
) -> dict[str, _Given]:
    """Return the rows by the names of their records."""
    given: dict[str, _Given] = {}
    wrong: list[str] = []
    for row in records:
        texts = {names[field]: str(cell) for field, cell in row.cells.items()}
        called = read_name(texts.pop(record, ""))
        if row.fault:
            wrong.append(f"line {row.line}: it {row.fault}")
        elif texts.pop("", ""):
            wrong.append(f"line {row.line}: a cell stands in a column without a name")
        elif not called:
            wrong.append(f"line {row.line}: {record} is empty")
        elif called in given:
            at = given[called].line
            wrong.append(f"line {row.line}: {called[:100]} stands at line {at} too")
        else:
            why_then = without_quote(texts.pop(reason, ""))
            given[called] = _Given(row.line, why_then, texts)
        if len(given) > MOST:
            raise BadRequest(f"{name} has over {MOST:,} records: give it in parts.")
    _refuse(name, wrong)
    if not given:
        raise BadRequest(f"{name} has no records.")
    return given


def _picked(
    ledger: Ledger, tenant: str, run: RunRecord, name: str, given: dict[str, _Given]
) -> list[Aside]:
    """Return the records that the rows name, all of which wait."""
    found: list[Aside] = []
    unknown = dict.fromkeys(given)
    wrong: list[tuple[int, str]] = []
    for aside in asides(ledger, tenant, run.run):
        row = given.get(aside.record)
        if row is None:
            continue
        del unknown[aside.record]
        found.append(aside)
        said = f"record {aside.record} "
        if aside.state == "closed":
            said += "speaks of somebody anonymous: nothing of it is kept"
        elif not aside.open:
            by = f" (run {aside.by[:12]})" if aside.by else ""
            said += f"is {aside.state} already{by}"
        elif row.reason and row.reason != why(aside):
            said += (
                "was set aside for another reason than this row says: is it another "
                "run's, or was it tried since? Export once more"
            )
        else:
            continue
        wrong.append((row.line, said))
    wrong += [
        (given[called].line, f"this run set no record {called[:100]} aside")
        for called in unknown
    ]
    _refuse(name, [f"line {line}: {said}" for line, said in sorted(wrong)])
    return found


def _refuse(name: str, wrong: list[str]) -> None:
    if wrong:
        more = f"; and {len(wrong) - _TOLD} more" if len(wrong) > _TOLD else ""
        told = "; ".join(wrong[:_TOLD])
        raise BadRequest(f"{name}, {told}{more}. Nothing was imported.")


def _merged(texts: dict[str, str], former: Cells) -> dict[str, Cell]:
    """Return a record's cells: those of its row; what the file lacks as it was kept."""
    changed = {field: read(text, former.get(field)) for field, text in texts.items()}
    return {**former, **changed}
