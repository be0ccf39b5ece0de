"""Manifests: what a delivery consists of, said by its sender when all of it is there.

JSON in UTF-8: ``format`` 1, ``source`` (the mapping's name), ``mode`` full or delta,
``as_of`` (a day), ``sequence`` (1, 2, 3, ... over all deliveries of the source) and
``files``, each with ``name``, ``bytes``, ``sha256`` (of the file as it lies there) and
``records``. Goes in: its bytes. Comes out: a Manifest, or BadRequest that names the key
and the shape of what is wrong.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from analytics.workforce.sources.source import Mode
from analytics.workforce.values import day
from lrs.errors import BadRequest

SUFFIX = ".manifest.json"
LARGEST = 1 << 20  # bytes
MOST_FILES = 100
MOST_SEQUENCE = 9_999_999_999
MANIFEST_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._ -]{0,120}\.manifest\.json\Z")
# One name in the folder itself: no way up, down or elsewhere, nothing hidden.
_FILE_NAME = re.compile(r"[^\W.][^/\\:\x00-\x1f\x7f]{0,199}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_KEYS = {"format", "source", "mode", "as_of", "sequence", "files"}
_FILE_KEYS = {"name", "bytes", "sha256", "records"}


class Unfinished(BadRequest):
    """The manifest is no JSON: it may still be on its way."""


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """One file of a delivery: its name in the folder and what it must be."""

    name: str
    bytes: int
    sha256: str
    records: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a delivery consists of. ``file`` is the manifest's own name."""

    file: str
    source: str
    mode: Mode
    as_of: str
    sequence: int
    files: tuple[ManifestFile, ...]


def manifest_of(file: str, content: bytes) -> Manifest:
    """Return the Manifest in these bytes; raises BadRequest, or Unfinished."""
    read = _Reading(file, _object_of(file, content))
    read.only(_KEYS)
    if read.value("format") != 1 or read.value("format") is True:
        raise read.wrong("format", "is not 1, the one version that there is")
    mode = read.text("mode")
    if mode not in ("full", "delta"):
        raise read.wrong("mode", "is neither full nor delta")
    try:
        as_of = str(day(read.text("as_of")))
    except ValueError as error:
        raise read.wrong("as_of", str(error)) from None
    # East of here tomorrow has begun. Who is missing would have left on a later day.
    if as_of > str(datetime.now(UTC).date() + timedelta(days=1)):
        raise read.wrong("as_of", "is a day that has not come")
    items = read.value("files")
    if not isinstance(items, list) or not 0 < len(items) <= MOST_FILES:
        raise read.wrong("files", f"is not a list of 1 to {MOST_FILES} files")
    files = tuple(
        _file(_Reading(file, item, f"files[{place}]"))
        for place, item in enumerate(items)
    )
    if len({item.name.casefold() for item in files}) < len(files):
        raise read.wrong("files", "names one file twice")
    return Manifest(
        file=file,
        source=read.text("source"),
        mode=cast("Mode", mode),
        as_of=as_of,
        sequence=read.number("sequence", least=1, most=MOST_SEQUENCE),
        files=files,
    )


def _file(read: _Reading) -> ManifestFile:
    read.only(_FILE_KEYS)
    name = read.text("name")
    if not _FILE_NAME.match(name) or name.casefold().endswith(SUFFIX):
        raise read.wrong("name", "is not the name of a file in the folder itself")
    sha256 = read.text("sha256").lower()
    if not _SHA256.match(sha256):
        raise read.wrong("sha256", "is not 64 hex digits")
    return ManifestFile(
        name=name,
        bytes=read.number("bytes", least=0),
        sha256=sha256,
        records=read.number("records", least=0),
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """An object of a manifest, and how to say where something is wrong in it."""

    file: str
    item: object
    place: str = ""

    def wrong(self, key: str, reason: str) -> BadRequest:
        way = ".".join(part for part in (self.place, key) if part)
        return BadRequest(f"{self.file}, {way or 'the whole'} {reason}.")

    def only(self, known: set[str]) -> None:
        if not isinstance(self.item, dict):
            raise self.wrong("", "is not a JSON object")
        if self.item.keys() - known:
            raise self.wrong(
                "", f"has a key that is unknown; known: {', '.join(sorted(known))}"
            )

    def value(self, key: str) -> object:
        if not isinstance(self.item, dict) or key not in self.item:
            raise self.wrong(key, "is missing")
        return self.item[key]

    def text(self, key: str) -> str:
        value = self.value(key)
        if not isinstance(value, str) or not value.isprintable():
            raise self.wrong(key, "is not text")
        return value

    def number(self, key: str, *, least: int, most: int = 1 << 53) -> int:
        value = self.value(key)
        if type(value) is not int or not least <= value <= most:
            raise self.wrong(key, f"is not a whole number of at least {least}")
        return value


def _object_of(file: str, content: bytes) -> object:
    if len(content) > LARGEST:
        raise BadRequest(f"{file} is over {LARGEST >> 20} MiB, too large a manifest.")
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_each_key_once)
    except _Twice:
        raise BadRequest(f"{file} has a key that stands there twice.") from None
    except RecursionError:
        raise BadRequest(f"{file} is nested too deeply to be read.") from None
    except ValueError:
        raise Unfinished(f"{file} is not JSON in UTF-8.") from None


class _Twice(Exception):
    pass


def _each_key_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _Twice
    return made
