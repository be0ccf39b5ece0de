"""The form of an export: names, the sums' line, the digest, the manifest's octets.

Written once for who writes and who verifies. The digest of the whole is the SHA-256 of
``SHA256SUMS``: a line ``<sha256>  <path>`` (as sha256sum has it, ended by a line feed)
for each file but that one and the manifest, in the order of the paths' octets.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipInfo

import orjson

FORMAT = "workforce-lrs audit export 1"
README = "README.txt"
PARAMETERS = "parameters.json"
PROGRAM = "program.json"
SUMS = "SHA256SUMS"
MANIFEST = "MANIFEST.json"
LARGEST_MANIFEST = 64 << 20  # octets: of as many files
MOST_FILES = 250_000
BLOCK = 1 << 20  # octets read at once
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP knows
_UNIX = 3
_OWNER_ONLY = 0o100600 << 16
_WRONG = re.compile(r"[\\:]")


@dataclass(frozen=True, slots=True, order=True)
class File:
    """One file of an export; ``rows`` of a table or of NDJSON, None of all others."""

    path: str
    octets: int
    sha256: str
    rows: int | None = None


def sums(files: Iterable[File]) -> bytes:
    """Return the content of SHA256SUMS."""
    ordered = sorted(files, key=lambda file: file.path.encode())
    return "".join(f"{file.sha256}  {file.path}\n" for file in ordered).encode()


def digest(files: Iterable[File]) -> str:
    """Return the digest of the whole."""
    return hashlib.sha256(sums(files)).hexdigest()


def manifest(
    parameters: Mapping[str, Any],
    program: Mapping[str, Any],
    files: Iterable[File],
    before: str,
) -> bytes:
    """Return the manifest's octets.

    ``before`` is the SHA-256 of all octets of the ZIP before the manifest's: the one
    thing here that hangs on how the files were packed.
    """
    ordered = sorted(files, key=lambda file: file.path.encode())
    said = {
        "format": FORMAT,
        "digest": digest(ordered),
        "parameters": parameters,
        "program": program,
        "files": [asdict(file) for file in ordered],
        "zip_before_manifest_sha256": before,
    }
    return pretty(said)


def pretty(value: object) -> bytes:
    """Return JSON to be read by people, the same octets for the same value."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def entry(path: str) -> ZipInfo:
    """Return how a file stands in the ZIP: nothing of the machine or the moment."""
    info = ZipInfo(path, _FIRST_DAY)
    packed = path != MANIFEST and not path.startswith("attachments/")
    info.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
    info.create_system = _UNIX
    info.external_attr = _OWNER_ONLY
    return info


def is_safe(path: str) -> bool:
    """Tell whether a path stays where it is unpacked, on any system."""
    parts = path.split("/")
    return (
        path.isprintable()
        and not _WRONG.search(path)
        and not any(part in ("", ".", "..") or part != part.strip() for part in parts)
    )


def shown(text: str) -> str:
    """Return what came from a file of anybody as a terminal may have it."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:1_000])


def rows_of(path: str) -> bool:
    """Tell whether a file's rows are counted."""
    return path.endswith((".csv", ".ndjson"))


class Rows:
    """Counts the rows of a file from its octets: lines, a table's without its head.

    A line feed between quotes belongs to a cell.
    """

    def __init__(self, path: str) -> None:
        self._counted, self._quoted = rows_of(path), path.endswith(".csv")
        self._lines = 0
        self._inside = False

    def add(self, piece: bytes) -> None:
        """Take the next octets."""
        if not self._counted:
            return
        if not self._quoted:
            self._lines += piece.count(b"\n")
            return
        for at, part in enumerate(piece.split(b'"')):
            self._inside ^= at > 0
            if not self._inside:
                self._lines += part.count(b"\n")

    @property
    def count(self) -> int | None:
        """Return the rows so far; None where they are not counted."""
        if not self._counted:
            return None
        return max(0, self._lines - self._quoted)
