"""Which program made an export: its version, and a hash of its own source.

The hash is over every .py and .sql file as installed, so it tells two states of one
version apart, and is the same wherever that state is installed.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from pathlib import Path

_HOME = Path(__file__).parents[2]
_PACKAGES = ("analytics", "config", "lrs")


def program() -> dict[str, str]:
    """Return name, version and ``source_sha256``.

    That is the SHA-256 of lines ``<sha256>  <path>`` in the order of the paths.
    """
    lines = []
    for package in _PACKAGES:
        for path in (_HOME / package).rglob("*"):
            if path.suffix in (".py", ".sql"):
                sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
                lines.append((path.relative_to(_HOME).as_posix(), sha256))
    text = "".join(f"{sha256}  {path}\n" for path, sha256 in sorted(lines))
    return {
        "name": "workforce-lrs",
        "version": importlib.metadata.version("workforce-lrs"),
        "source_sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
