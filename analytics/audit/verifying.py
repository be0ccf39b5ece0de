"""Verifying: whether an export is, to the last octet, what was exported.

In: a ZIP from anybody. Out: what it holds and its digest, or Altered with what was
altered. Nothing is unpacked; memory is bounded, whatever the ZIP claims: no two files
share octets, so no more comes out of it than deflate can make of its length.

Who rewrites the contents and all sums can be told by the digest only, which therefore
has to be kept elsewhere.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile, ZipInfo

import orjson

from analytics.audit import form
from analytics.audit.container import Altered, opened

_SMALL = 1 << 20
_TOLD = 5  # findings
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Verified:
    """An export that is whole; ``files`` by path."""

    digest: str
    parameters: Mapping[str, Any]
    program: Mapping[str, Any]
    files: Mapping[str, form.File]

    def told(self) -> str:
        """Return in a sentence what it is."""
        given = self.parameters
        unit = given.get("unit")
        where = f"unit {unit}" if unit is not None else "the whole company"
        return form.shown(
            f"whole, {len(self.files)} files; tenant {given.get('tenant')}, {where}, "
            f"as of {given.get('as_of')}, known at {given.get('known_at')}; made by "
            f"{self.program.get('name')} {self.program.get('version')}."
        )


def verified(path: Path, *, progress: Progress = lambda _blocks: None) -> Verified:
    """Return what an export holds; raises Altered in one sentence."""
    try:
        with path.open("rb") as file, opened(file) as found:
            return _Verifying(file, found, progress).outcome()
    except Altered as error:
        said = f"{path.name} is not as it was exported: {error.message}"
        raise Altered(f"{form.shown(said)}.") from None


class _Verifying:
    def __init__(self, file: IO[bytes], found: ZipFile, progress: Progress) -> None:
        self._file, self._zip, self._progress = file, found, progress
        self._entries = {info.filename: info for info in found.infolist()}

    def outcome(self) -> Verified:
        stated = self._small(form.MANIFEST, form.LARGEST_MANIFEST)
        sums = self._small(form.SUMS, form.LARGEST_MANIFEST)
        by_manifest, by_sums = _of_manifest(stated), _of_sums(sums)
        kept = [
            info
            for name, info in self._entries.items()
            if name not in (form.MANIFEST, form.SUMS)
        ]
        measured = {info.filename: self._measured(info) for info in kept}
        whole = {name: one for name, one in measured.items() if one is not None}
        wrong = _findings(by_manifest, by_sums, measured)
        if not wrong and sums != form.sums(whole.values()):
            wrong = [f"{form.SUMS} was altered"]
        if not wrong:
            wrong = self._about_manifest(stated, whole)
        if wrong:
            more = f"; and {len(wrong) - _TOLD} more" if len(wrong) > _TOLD else ""
            raise Altered("; ".join(wrong[:_TOLD]) + more)
        parameters, program = self._said()
        return Verified(form.digest(whole.values()), parameters, program, whole)

    def _about_manifest(
        self, stated: bytes, whole: Mapping[str, form.File]
    ) -> list[str]:
        parameters, program = self._said()
        last = self._entries[form.MANIFEST]
        before = self._sha256_before(last.header_offset)
        with suppress(orjson.JSONEncodeError):  # nested deeper than can be written
            if stated == form.manifest(parameters, program, whole.values(), before):
                return []
        if before.encode() not in stated:
            return ["its files were packed anew, or their packed octets altered"]
        return [f"{form.MANIFEST} was altered"]

    def _said(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        said = [
            _mapping(name, self._small(name, _SMALL))
            for name in (form.PARAMETERS, form.PROGRAM)
        ]
        return said[0], said[1]

    def _small(self, name: str, most: int) -> bytes:
        info = self._entries.get(name)
        if info is None:
            raise Altered(f"{name} was removed")
        if info.file_size > most:
            raise Altered(f"{name} was altered")
        try:
            return self._zip.read(info)
        except (BadZipFile, zlib.error, EOFError):
            raise Altered(f"{name} was altered") from None

    def _measured(self, info: ZipInfo) -> form.File | None:
        """Return what is there; None where it cannot be unpacked."""
        sha256, octets, rows = hashlib.sha256(), 0, form.Rows(info.filename)
        try:
            with self._zip.open(info) as content:
                while piece := content.read(form.BLOCK):
                    sha256.update(piece)
                    octets += len(piece)
                    rows.add(piece)
                    self._progress(1)
        except (BadZipFile, zlib.error, EOFError):
            return None
        if octets != info.file_size:
            return None
        return form.File(info.filename, octets, sha256.hexdigest(), rows.count)

    def _sha256_before(self, end: int) -> str:
        sha256, left = hashlib.sha256(), end
        self._file.seek(0)
        while left and (piece := self._file.read(min(left, form.BLOCK))):
            sha256.update(piece)
            left -= len(piece)
        return sha256.hexdigest()


def _findings(
    by_manifest: Mapping[str, str],
    by_sums: Mapping[str, str],
    measured: Mapping[str, form.File | None],
) -> list[str]:
    """Return what was altered; of the two lists, which one is wrong alone."""
    wrong: list[str] = []
    for name in sorted({*by_manifest, *by_sums, *measured}):
        found = measured.get(name)
        there = found.sha256 if found else None
        if there is not None and by_manifest.get(name) == by_sums.get(name) == there:
            continue
        if name in measured and there not in (by_manifest.get(name), by_sums.get(name)):
            listed = name in by_manifest or name in by_sums
            wrong.append(f"{name} was {'altered' if listed else 'added'}")
        elif name not in measured and name in by_manifest and name in by_sums:
            wrong.append(f"{name} was removed")
        else:
            alone = form.MANIFEST if there == by_sums.get(name) else form.SUMS
            wrong.append(f"{alone} was altered where it speaks of {name}")
    return wrong


def _of_manifest(content: bytes) -> dict[str, str]:
    said = _mapping(form.MANIFEST, content)
    if said.get("format") != form.FORMAT:
        raise Altered(
            f"{form.MANIFEST} is of a form that this program does not know, or altered"
        )
    files = said.get("files")
    if not isinstance(files, list) or not all(
        isinstance(one, dict)
        and isinstance(one.get("path"), str)
        and isinstance(one.get("sha256"), str)
        for one in files
    ):
        raise Altered(f"{form.MANIFEST} was altered")
    return {one["path"]: one["sha256"] for one in files}


def _of_sums(content: bytes) -> dict[str, str]:
    lines = content.decode(errors="replace").split("\n")[:-1]
    return {line[66:]: line[:64] for line in lines}


def _mapping(name: str, content: bytes) -> Mapping[str, Any]:
    try:
        said = orjson.loads(content)
    except orjson.JSONDecodeError:
        said = None
    if not isinstance(said, dict):
        raise Altered(f"{name} was altered")
    return said
