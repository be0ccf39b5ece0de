"""The ZIP of an export: files go in one after another, in bounded memory.

It is written beside its place and takes it when it is whole: whoever ends the export
leaves nothing. The same contents give the same octets (with the same zlib), since the
order, the moments and the rights of all entries are given.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any
from zipfile import ZipFile

from analytics.audit import form
from lrs.errors import BadRequest, Conflict


class Writer:
    """Takes the octets of one file."""

    def __init__(self, path: str, out: IO[bytes]) -> None:
        self._path, self._out = path, out
        self._sha256 = hashlib.sha256()
        self._octets = 0
        self._rows = form.Rows(path)

    def write(self, piece: bytes) -> None:
        """Add octets."""
        self._out.write(piece)
        self._sha256.update(piece)
        self._octets += len(piece)
        self._rows.add(piece)

    def file(self) -> form.File:
        """Return what the manifest says of it."""
        sha256 = self._sha256.hexdigest()
        return form.File(self._path, self._octets, sha256, self._rows.count)


class Archive:
    """An export on its way to the disk."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._zip = ZipFile(file, "w", compresslevel=6)
        self._files: dict[str, form.File] = {}

    def close(self) -> None:
        """Let go of the file, finished or not."""
        with contextlib.suppress(OSError, ValueError):
            self._zip.close()

    @contextlib.contextmanager
    def entry(self, path: str) -> Iterator[Writer]:
        """Give what takes a file's octets; one file at a time."""
        if path in self._files or not form.is_safe(path):
            raise BadRequest(f"A file cannot be named {path!r} in an export.")
        if len(self._files) >= form.MOST_FILES:
            raise BadRequest(
                f"An export has {form.MOST_FILES:,} files at most: ask for a smaller "
                "unit, or for the hashes of attachments only."
            )
        with self._zip.open(form.entry(path), "w", force_zip64=True) as out:
            writer = Writer(path, out)
            yield writer
        self._files[path] = writer.file()

    def add(self, path: str, content: bytes) -> None:
        """Add a small file."""
        with self.entry(path) as out:
            out.write(content)

    def finish(self, parameters: Mapping[str, Any], program: Mapping[str, Any]) -> str:
        """Add the sums and the manifest; return the digest of the whole."""
        files = list(self._files.values())
        self.add(form.SUMS, form.sums(files))
        self._file.flush()
        self._file.seek(0)
        # The seek is the ZIP's own business again with its next entry.
        before = hashlib.file_digest(self._file, "sha256").hexdigest()  # type: ignore[arg-type]
        self.add(form.MANIFEST, form.manifest(parameters, program, files, before))
        self._zip.close()
        return form.digest(files)


@contextlib.contextmanager
def placed(target: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """Give a file that gets its name when the block ends well; else nothing is left.

    Raises Conflict where there is such a file already, unless ``force``.
    """
    if target.is_dir():
        raise BadRequest(f"{target} is a folder: name a file.")
    if not force and os.path.lexists(target):
        raise _taken(target)
    # Readable by its owner only: it holds people's data.
    made, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:80]}.")
    try:
        with os.fdopen(made, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if force:
            os.replace(draft, target)
        else:
            _link(draft, target)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft)


def _link(draft: str, target: Path) -> None:
    try:
        os.link(draft, target)
    except FileExistsError:  # meanwhile
        raise _taken(target) from None
    except OSError:  # a file system without links
        os.rename(draft, target)


def _taken(target: Path) -> Conflict:
    return Conflict(f"{target} exists already; --force replaces it.")
