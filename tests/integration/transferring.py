"""Files of Statements in and out, by the program or in this process."""

from __future__ import annotations

import io
import json
import re
import subprocess
from pathlib import Path
from typing import Any

from lrs.access import Principal, Scope
from lrs.services import Services
from lrs.store.imports import MongoImports
from lrs.transfer import ImportCounts, export_file, import_file
from tests.conftest import run_lrs

Result = subprocess.CompletedProcess[str]


def lines(*statements: Any) -> bytes:
    """Return Statements (or raw lines) as NDJSON."""
    return b"".join(
        (item if isinstance(item, bytes) else json.dumps(item).encode()) + b"\n"
        for item in statements
    )


def bring_in(services: Services, path: Path, *more: str) -> Result:
    """Run the import with a reject file beside the file."""
    return run_lrs(
        services.settings,
        *("statements", "import", str(path)),
        *("--rejects", str(rejects_of(path)), *more),
        check=False,
    )


def bring_in_here(services: Services, path: Path) -> ImportCounts:
    """Import in this process."""
    authority = services.credentials.authority("import")
    principal = Principal("default", "import", frozenset({Scope.ALL}), authority)
    log = MongoImports(services.database)
    return import_file(services.recording, log, principal, path, rejects_of(path))


def take_out_here(services: Services) -> list[str]:
    """Return the lines of an export in this process."""
    out = io.BytesIO()
    export_file(services.feed, "default", out)
    return out.getvalue().decode().split("\n")[:-1]


def rejects_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.rejected")


def rejected(path: Path) -> list[dict[str, Any]]:
    """Return the records of the reject file."""
    file = rejects_of(path)
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text().splitlines()]


def take_out(services: Services, *more: str) -> list[str]:
    """Return the lines of an export."""
    done = run_lrs(services.settings, "statements", "export", *more)
    return done.stdout.split("\n")[:-1]


def counts(done: Result) -> dict[str, int]:
    """Return the numbers of the import's last line."""
    told = re.search(
        r"(\d+) read: (\d+) new, (\d+) already stored, (\d+) settled by an earlier "
        r"run, (\d+) refused",
        done.stderr,
    )
    assert told, done.stderr
    names = ("read", "new", "repeated", "skipped", "refused")
    found = dict(zip(names, map(int, told.groups()), strict=True))
    assert found["read"] == sum(found.values()) - found["read"]
    return found
