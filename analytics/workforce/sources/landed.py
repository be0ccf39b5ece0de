"""A landed delivery on offer: its files, copied and verified, read as one.

The copies have no names: whatever kills this process, none of them stays behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from io import FileIO
from typing import BinaryIO, Literal, Protocol

from analytics.workforce.sources.files import delivery_of
from analytics.workforce.sources.format import Format
from analytics.workforce.sources.manifest import Manifest, ManifestFile
from analytics.workforce.sources.putting_back import digest_of
from analytics.workforce.sources.records import Delivery, Record
from analytics.workforce.sources.source import Mode
from lrs.errors import BadRequest


class Decide(Protocol):
    """Moves a delivery to where its outcome says."""

    def __call__(
        self, outcome: str, name: str, manifest: Manifest | None, reason: str = ""
    ) -> None:
        """Move it."""


class LandedOffer:
    """The delivery of a manifest whose verified files are open, by name."""

    def __init__(
        self,
        manifest: Manifest,
        copies: Mapping[str, BinaryIO],
        form: Format,
        decide: Decide,
    ) -> None:
        self.outcome: Literal["taken", "refused"] | None = None
        self._manifest = manifest
        self._copies = copies
        self._form = form
        self._decide = decide

    @property
    def mode(self) -> Mode:
        """Return whether it holds everybody (full), or changes (delta)."""
        return self._manifest.mode

    @property
    def file(self) -> str:
        """Return the manifest's name."""
        return self._manifest.file

    @property
    def as_of(self) -> str | None:
        """Return the day that it describes."""
        return self._manifest.as_of

    @property
    def sequence(self) -> int | None:
        """Return its number among the source's deliveries."""
        return self._manifest.sequence

    @property
    def people_are_whole(self) -> bool:
        """Return False: no manifest says so."""
        return False

    @property
    def changes_only(self) -> bool:
        """Return False: no manifest says so."""
        return False

    @contextmanager
    def opened(self) -> Iterator[Delivery]:
        """Open its records; raises BadRequest, also while they are read.

        That includes, at the very end, a count that is not the manifest's.
        """
        files = self._manifest.files
        parts = [
            delivery_of(item.name, _raw(self._copies[item.name]), self._form)
            for item in files
        ]
        if len(parts) == 1:
            part = parts[0]
            records = _counted(part, files[0])
            yield replace(part, records=records)
            return
        fields = dict.fromkeys(field for part in parts for field in part.fields)
        yield Delivery(
            self.file,
            digest_of(self._manifest),
            tuple(fields),
            (
                replace(record, file=item.name)
                for part, item in zip(parts, files, strict=True)
                for record in _counted(part, item)
            ),
            lambda: (
                replace(record, file=part.file)
                for part in parts
                for record in part.again()
            ),
        )

    def taken(self) -> None:
        """Say that it was applied: it moves to ``taken/``."""
        self._say("taken", "")

    def refused(self, reason: str) -> None:
        """Say that nothing of it was applied: it moves to ``refused/``."""
        self._say("refused", reason)

    def _say(self, outcome: Literal["taken", "refused"], reason: str) -> None:
        if self.outcome is None:
            self._decide(outcome, self.file, self._manifest, reason)
            self.outcome = outcome


def _counted(delivery: Delivery, item: ManifestFile) -> Iterator[Record]:
    number = 0
    for number, record in enumerate(delivery.records, start=1):  # noqa: B007
        yield record
    if number != item.records:
        told = "1 record" if number == 1 else f"{number:,} records"
        raise BadRequest(
            f"{item.name} has {told} where its manifest says {item.records:,}."
        )


def _raw(copy: BinaryIO) -> FileIO:
    """Return the same open file without a buffer; to close it closes nothing."""
    return open(copy.fileno(), "rb", buffering=0, closefd=False)
