"""A landing folder: deliveries are taken when a manifest names them, in their order.

A file that no manifest names is never touched. What is incomplete waits; what is not
as its manifest says is refused whole. A delta is offered only right behind its number's
forerunner; a full delivery whenever it is newer than the last one taken, and it closes
every gap before it. The folder itself is the memory: the numbers in ``taken/`` say how
far the source is.

What is decided is moved to ``taken/`` or ``refused/`` in steps that a killed process
may leave undone: first the manifest gets a name that says the decision
(``.taken~...``), in one step; then its files move, and at last itself. The next walk
ends what was begun.
"""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedRandom
from tempfile import TemporaryFile
from typing import ClassVar

from analytics.workforce.sources.format import DETECTED, Format
from analytics.workforce.sources.landed import LandedOffer
from analytics.workforce.sources.manifest import (
    LARGEST,
    MANIFEST_NAME,
    SUFFIX,
    Manifest,
    Unfinished,
    manifest_of,
)
from analytics.workforce.sources.place import Found, OpenPlace, Place
from analytics.workforce.sources.putting_back import put_back
from analytics.workforce.sources.source import Notice, Notify, Offer, silent
from lrs.errors import BadRequest

_MARK = re.compile(r"\.(taken|refused)~([0-9A-Za-z-]+)~(.+)\Z")
_NUMBERED = re.compile(r"([0-9]{10})-")


@dataclass(frozen=True, slots=True)
class Landing:
    """The source of a landing folder.

    ``settle_seconds``: what is short of its manifest, or a manifest that is no JSON, is
    still growing as long as it was changed within that time; after it, it is wrong.
    ``only_looks``: nothing is moved or written there.
    """

    name: str
    place: Place
    form: Format = DETECTED
    settle_seconds: float = 300.0
    only_looks: bool = False
    is_asked: ClassVar[bool] = False

    @contextmanager
    def offers(
        self, notify: Notify = silent, again: str | None = None
    ) -> Iterator[Iterator[Offer]]:
        """Open a walk over the deliveries that are there now.

        ``again`` is the SHA-256 of one that was refused: it is put back before.
        """
        with self.place.opened() as place:
            if again:
                put_back(place, again)
            walk = _Walk(self, place, notify)
            offers = walk.offers()
            try:
                yield offers
            finally:
                offers.close()
                walk.forget_copies()


class _Walk:
    def __init__(self, landing: Landing, place: OpenPlace, notify: Notify) -> None:
        self._landing = landing
        self._place = place
        self._copies: dict[str, BufferedRandom] = {}  # files without a name
        self._notify = notify
        self._found: dict[str, Found] = {}
        self._pending: dict[str, Manifest] = {}

    def offers(self) -> Generator[Offer]:
        """Yield what can be applied; set aside what is wrong."""
        self._look()
        last = self._last_taken()
        for manifest in sorted(
            self._pending.values(), key=lambda item: (item.sequence, item.file)
        ):
            number = manifest.sequence
            if number <= last:
                self._set_aside_repeat(manifest, last)
            elif manifest.mode == "delta" and number != last + 1:
                self._notify(
                    Notice(
                        "gap",
                        manifest.file,
                        f"Delta {number} waits for delivery {last + 1}, or for a "
                        "full one.",
                    )
                )
            elif self._fetched(manifest):
                offer = LandedOffer(
                    manifest, self._copies, self._landing.form, self._decide
                )
                yield offer
                if offer.outcome is None:
                    return
                if offer.outcome == "taken":
                    last = number
                self.forget_copies()

    # -- what is there ----------------------------------------------------------

    def _look(self) -> None:
        self._found = {found.name: found for found in self._place.found()}
        for name in sorted(self._found):
            if name.endswith(SUFFIX) and not name.startswith("."):
                self._read(self._found[name])
        for name in sorted(self._found):
            if mark := _MARK.match(name):
                self._end_move(mark[1], mark[2], mark[3], name)

    def _read(self, found: Found) -> None:
        name = found.name
        if not MANIFEST_NAME.match(name):
            # Its name cannot stand in a mark, so it stays where it is.
            reason = "The name of this manifest has other signs than letters, digits,"
            reason += " blank, . _ and -."
            seen = _state(found)
            self._notify(Notice("refused", name[:100], reason, seen=seen))
            return
        try:
            if not found.regular:
                raise BadRequest(f"{name} is not a file.")
            manifest = manifest_of(name, self._place.read(name, LARGEST + 1))
            if manifest.source != self._landing.name:
                raise BadRequest(
                    f"{name}, source is not {self._landing.name}, whose folder this is."
                )
            self._pending[name] = manifest
        except Unfinished as error:
            if self._is_young(found):
                self._notify(Notice("waiting", name, error.message))
            else:
                self._refuse(name, None, error.message)
        except BadRequest as error:
            self._refuse(name, None, error.message)
        except FileNotFoundError:
            return  # somebody took it away meanwhile

    def _last_taken(self) -> int:
        numbers = [
            int(match[1])
            for name in self._place.names_below("taken")
            if (match := _NUMBERED.match(name))
        ]
        return max(numbers, default=0)

    def _is_young(self, found: Found) -> bool:
        return time.time() - found.changed < self._landing.settle_seconds

    # -- its files --------------------------------------------------------------

    def _fetched(self, manifest: Manifest) -> bool:
        """Copy the files and tell whether they are as the manifest says."""
        try:
            if waiting := self._incomplete(manifest):
                self._notify(Notice("waiting", manifest.file, waiting))
                return False
            for item in manifest.files:
                # One byte more tells a file that has grown since.
                copy = self._copies[item.name] = _unnamed()
                size, digest = self._place.fetch(item.name, copy, item.bytes + 1)
                copy.flush()
                if size != item.bytes:
                    raise BadRequest(f"{item.name} changed its size meanwhile.")
                if digest != item.sha256:
                    raise BadRequest(
                        f"{item.name} has another SHA-256 than its manifest says."
                    )
        except FileNotFoundError:
            reason = "A file went away while it was read."
            self._notify(Notice("waiting", manifest.file, reason))
        except BadRequest as error:
            self._refuse(manifest.file, manifest, error.message)
        else:
            return True
        self.forget_copies()
        return False

    def _incomplete(self, manifest: Manifest) -> str | None:
        """Return what is not there yet; raises BadRequest for what is wrong."""
        waiting = None
        for item in manifest.files:
            found = self._found.get(item.name)
            if found is None:
                waiting = f"{item.name} is not there yet."
            elif not found.regular:
                raise BadRequest(f"{item.name} is not a file.")
            elif found.size < item.bytes and self._is_young(found):
                waiting = f"{item.name} is still growing."
            elif found.size != item.bytes:
                raise BadRequest(
                    f"{item.name} has {found.size:,} bytes where its manifest says "
                    f"{item.bytes:,}."
                )
        return waiting

    def forget_copies(self) -> None:
        """Give the copies' room back."""
        for copy in self._copies.values():
            copy.close()
        self._copies.clear()

    # -- what becomes of it -----------------------------------------------------

    def _set_aside_repeat(self, manifest: Manifest, last: int) -> None:
        reason = (
            f"Delivery {manifest.sequence} came again, or too late: {last} was taken."
        )
        self._notify(Notice("repeat", manifest.file, reason))
        self._decide("refused", manifest.file, manifest, reason)

    def _refuse(self, name: str, manifest: Manifest | None, reason: str) -> None:
        mode = manifest.mode if manifest else None
        seen = _state(self._found[name])
        self._notify(Notice("refused", name, reason, mode, seen))
        self._decide("refused", name, manifest, reason)

    def _decide(
        self, outcome: str, name: str, manifest: Manifest | None, reason: str = ""
    ) -> None:
        if self._landing.only_looks:
            self._pending.pop(name, None)
            return
        number = f"{manifest.sequence:010d}" if manifest else "unknown"
        # Its own folder for each time: the same may be refused again.
        target = f"{number}-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
        self._place.make_folder(outcome)
        if reason:
            self._place.write(f"{outcome}/{target}.reason.txt", f"{name}: {reason}\n")
        mark = f".{outcome}~{target}~{name}"
        self._place.rename(name, mark)
        self._pending.pop(name, None)
        self._move(outcome, target, name, mark, manifest)

    def _end_move(self, outcome: str, target: str, name: str, mark: str) -> None:
        """End a move that a killed process began."""
        if self._landing.only_looks:
            return
        try:
            manifest = manifest_of(name, self._place.read(mark, LARGEST + 1))
        except BadRequest:
            manifest = None
        except FileNotFoundError:
            return
        self._place.make_folder(outcome)
        self._move(outcome, target, name, mark, manifest)

    def _move(
        self, outcome: str, target: str, name: str, mark: str, manifest: Manifest | None
    ) -> None:
        folder = f"{outcome}/{target}"
        self._place.make_folder(folder)
        moved = self._place.names_below(folder)
        others = {item.name for other in self._pending.values() for item in other.files}
        for item in manifest.files if manifest else ():
            # What moved already may have a successor of the same name by now.
            if item.name not in moved | others and item.name in self._found:
                with suppress(FileNotFoundError):  # its sender took it away
                    self._place.rename(item.name, f"{folder}/{item.name}")
        self._place.rename(mark, f"{folder}/{name}")


def _state(found: Found) -> str:
    return f"{found.name} {found.size} {found.changed}"


def _unnamed() -> BufferedRandom:
    """Open a file that has no name and goes with its process, however that ends."""
    return TemporaryFile()
