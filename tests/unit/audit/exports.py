"""A small export, written by the product's own writer, and ways to tamper with it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from analytics.audit import form
from analytics.audit.archive import Archive, placed
from analytics.audit.sheets import add_sheet

PARAMETERS = {"tenant": "default", "unit": "OPS", "as_of": "2026-06-30"}
PROGRAM = {"name": "workforce-lrs", "version": "1", "source_sha256": "ab"}
STATEMENTS = "statements/statements.ndjson"


def write(path: Path, **others: bytes) -> str:
    """Write an export; ``others`` are further files at the top. Returns the digest."""
    with placed(path, force=True) as file:
        archive = Archive(file)
        archive.add(form.README, b"Read me.\n")
        archive.add(form.PARAMETERS, form.pretty(PARAMETERS))
        archive.add(form.PROGRAM, form.pretty(PROGRAM))
        rows = [{"name": 'Ann "A"\nLee', "n": 1}, {"name": "=1+1", "n": None}]
        add_sheet(archive, "reports/compliance_status", ["name", "n"], [rows])
        archive.add(STATEMENTS, b'{"id":"1"}\n{"id":"2"}\n' * 20)
        for name, content in others.items():
            archive.add(name, content)
        return archive.finish(PARAMETERS, PROGRAM)


def contents(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as found:
        return {info.filename: found.read(info) for info in found.infolist()}


def pack(path: Path, files: Mapping[str, bytes]) -> None:
    """Write files in the export's way, with no sums made anew."""
    out = io.BytesIO()
    with ZipFile(out, "w", compresslevel=6) as made:
        for name, content in files.items():
            with made.open(form.entry(name), "w", force_zip64=True) as entry:
                entry.write(content)
    path.write_bytes(out.getvalue())


def rewritten(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What somebody makes who knows the form: all sums are right, but one."""
    kept = {
        name: content
        for name, content in files.items()
        if name not in (form.SUMS, form.MANIFEST)
    }
    measured = []
    for name, content in kept.items():
        rows = form.Rows(name)
        rows.add(content)
        digest = hashlib.sha256(content).hexdigest()
        measured.append(form.File(name, len(content), digest, rows.count))
    kept[form.SUMS] = form.sums(measured)
    kept[form.MANIFEST] = form.manifest(PARAMETERS, PROGRAM, measured, "0" * 64)
    return kept


def unzipped_and_zipped(path: Path) -> None:
    files = contents(path)
    with ZipFile(path, "w", ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
