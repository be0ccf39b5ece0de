"""Sources: what each gives the engine, and what the engine says back.

A source yields Offers one after another, in the order in which they must be applied.
Of each the engine opens the records, applies them, and says ``taken``, or says
``refused`` with the reason; it says neither where it could not come to an end (the
database was away), and then the same offer comes again with the next walk::

    with source.offers(notify) as offers:
        for offer in offers:
            try:
                with offer.opened() as delivery:
                    ...                          # reads all records, applies
            except BadRequest as error:
                offer.refused(error.message)
            else:
                offer.taken()

The walk ends behind an offer of which nothing was said: later ones build upon it. To
apply what was applied before must change nothing: a process that is killed between
applying and ``taken`` is offered the same again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from analytics.workforce.sources.files import open_delivery
from analytics.workforce.sources.format import DETECTED, Format
from analytics.workforce.sources.records import Delivery

Mode = Literal["full", "delta"]
Kind = Literal["waiting", "gap", "repeat", "refused"]


@dataclass(frozen=True, slots=True)
class Notice:
    """What a source saw that is no offer, for the record of the walk.

    ``waiting``: a delivery is not complete yet. ``gap``: a delta cannot be applied,
    since one before it has not come. ``repeat``: one that was taken before, or was
    overtaken by a full delivery, came again and was set aside. ``refused``: one was
    set aside as wrong by the source itself. ``file`` names the manifest; ``reason``
    is a sentence without any value. ``mode`` where the manifest could be read;
    ``seen`` tells it from another one of that name.
    """

    kind: Kind
    file: str
    reason: str
    mode: Mode | None = None
    seen: str = ""


Notify = Callable[[Notice], None]


class Offer(Protocol):
    """One delivery on offer: its records, and the way to say what became of it."""

    @property
    def mode(self) -> Mode:
        """Return whether it holds everybody (full), or changes (delta)."""

    @property
    def file(self) -> str:
        """Return the name to call it by: the file's, or the manifest's."""

    @property
    def as_of(self) -> str | None:
        """Return the day that it describes, ``YYYY-MM-DD``, where it says so."""

    @property
    def sequence(self) -> int | None:
        """Return its number among the source's deliveries, where it has one."""

    @property
    def people_are_whole(self) -> bool:
        """Tell of a delta whether it has all rows of each person it speaks of."""

    @property
    def changes_only(self) -> bool:
        """Tell of a delta whether it is all that changed, however little, since."""

    def opened(self) -> AbstractContextManager[Delivery]:
        """Open its records; raises BadRequest, also while they are read."""

    def taken(self) -> None:
        """Say that it was applied. Saying so twice changes nothing."""

    def refused(self, reason: str) -> None:
        """Say that nothing of it was applied, and why, in a sentence."""


class Source(Protocol):
    """Where deliveries come from."""

    @property
    def name(self) -> str:
        """Return the source's name: that of its mapping."""

    def offers(
        self, notify: Notify, again: str | None = None
    ) -> AbstractContextManager[Iterator[Offer]]:
        """Open a walk over what is there now.

        ``again`` is the SHA-256 of a delivery that was refused, and is to be offered
        once more where the source has it.

        Raises Unavailable where it cannot be reached, SetupError where somebody must
        mend what was configured; also while walking.
        """


def silent(_notice: Notice) -> None:
    """Take no notice."""


@dataclass(slots=True)
class FileOffer:
    """A file that somebody hands over; where it lies is theirs to say."""

    path: Path
    mode: Mode
    form: Format
    as_of: str | None = None
    sequence: int | None = None
    people_are_whole: bool = False
    changes_only: bool = False

    @property
    def file(self) -> str:
        """Return the file's name."""
        return self.path.name

    def opened(self) -> AbstractContextManager[Delivery]:
        """Open its records; raises BadRequest, also while they are read."""
        return open_delivery(self.path, self.form)

    def taken(self) -> None:
        """Leave the file where it is."""

    def refused(self, reason: str) -> None:
        """Leave the file where it is."""


@dataclass(frozen=True, slots=True)
class OneFile:
    """The source of one file, which has neither manifest nor number."""

    name: str
    path: Path
    mode: Mode = "delta"
    form: Format = DETECTED

    @contextmanager
    def offers(
        self, notify: Notify = silent, again: str | None = None
    ) -> Iterator[Iterator[Offer]]:
        """Open a walk with the file as its one offer."""
        yield iter([FileOffer(self.path, self.mode, self.form)])
