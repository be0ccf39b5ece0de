"""Deliveries as their senders put them into a landing folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

CSV = b"employee_id,name\n1,Ann\n2,Bob\n"


def deliver(
    folder: Path,
    number: int,
    /,
    *,
    mode: str = "delta",
    files: dict[str, bytes] | None = None,
    records: int = 2,
    listing: object = None,
    **changed: object,
) -> str:
    """Write a delivery, its manifest last; return the manifest's name."""
    files = {f"people-{number}.csv": CSV} if files is None else files
    for name, content in files.items():
        (folder / name).write_bytes(content)
    manifest = {
        "format": 1,
        "source": "acme",
        "mode": mode,
        "as_of": "2026-11-01",
        "sequence": number,
        "files": [listed(name, content, records) for name, content in files.items()]
        if listing is None
        else listing,
    } | changed
    name = f"{number}.manifest.json"
    (folder / name).write_text(json.dumps(manifest))
    return name


def listed(name: str, content: bytes, records: int = 2) -> dict[str, object]:
    """Return what a manifest says of a file."""
    digest = hashlib.sha256(content).hexdigest()
    return {"name": name, "bytes": len(content), "sha256": digest, "records": records}


def landed(folder: Path) -> list[str]:
    """Return what still lies in the folder itself."""
    return sorted(path.name for path in folder.iterdir() if not path.is_dir())


def moved(folder: Path, outcome: str) -> list[str]:
    """Return the names of the files that were moved to an outcome's folders."""
    return sorted(path.name for path in (folder / outcome).glob("*/*"))


def reasons(folder: Path) -> str:
    """Return all reasons of what was refused."""
    found = sorted((folder / "refused").glob("*.reason.txt"))
    return "".join(path.read_text() for path in found)


def walk(source, *, take=True):
    """Walk as the engine does; return the records by offer, and the notices."""
    notices, seen = [], []
    with source.offers(notices.append) as offers:
        for offer in offers:
            try:
                with offer.opened() as delivery:
                    records = [(r.file, r.line, r.cells) for r in delivery.records]
            except Exception as error:
                if not hasattr(error, "message"):
                    raise
                offer.refused(error.message)
                continue
            seen.append((offer.sequence, offer.mode, delivery.file, records))
            if take:
                offer.taken()
    return seen, notices
