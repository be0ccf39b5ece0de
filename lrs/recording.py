"""Recording: the only way a Statement gets in.

In: a Principal and the Statements of one request. Out: their ids, when all of them
are stored; or an error, when none is (xAPI-Communication 2.1.1, 2.1.2). Insert first:
only when an id is taken is it looked at, and a Statement equal to the one that stands
there is already done.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from lrs.access import Principal, Scope
from lrs.attachments import Contents
from lrs.cmi5_violations import Cmi5Refused, flagged, refusable
from lrs.definition_store import Noted
from lrs.errors import BadRequest, Conflict
from lrs.feed import STEP
from lrs.group_commit import Batch, GroupCommit, Store, TakenIds, Writes
from lrs.preparation import NewStatement, prepare
from lrs.tenants import Cmi5Mode, Tenants
from lrs.xapi import definition, equality, text
from lrs.xapi.certificate_chain import TrustedCertificates
from lrs.xapi.text import Received
from lrs.xapi.versions import Version

_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Existing:
    """What stands under an id; without text it is a place held by a void.

    ``stored`` is microseconds; ``defines`` says that its sender might define
    Activities.
    """

    digest: bytes | None
    text: str | None
    stored: int = 0
    defines: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """The ids in the order received, and how many of them were new."""

    ids: list[str]
    new: int


class StatementWriter(Store, Protocol):
    """What recording needs of the store."""

    def existing(self, tenant: str, ids: Sequence[str]) -> dict[str, Existing]:
        """Return what stands under these ids, keyed by lower-case id."""
        ...


class DefinitionNotes(Protocol):
    """What recording tells of Activities (lrs.definitions)."""

    def note(self, tenant: str, statements: Sequence[Noted]) -> None:
        """Merge what stored Statements say; raises Unavailable to be repeated."""
        ...


class ConflictingStatements(Conflict):
    """Other Statements stand under these ids; ``positions`` in the batch."""

    def __init__(self, positions: Sequence[int]) -> None:
        self.positions = tuple(positions)
        listed = ", ".join(str(at) for at in positions[:10])
        super().__init__(
            f"A different Statement is stored under the same id (positions: {listed})."
        )


class Recording:
    """Takes Statements in; one for the whole process."""

    def __init__(
        self,
        writes: Writes,
        store: StatementWriter,
        tenants: Tenants,
        trusted: TrustedCertificates | None = None,
        definitions: DefinitionNotes | None = None,
    ) -> None:
        self._store = store
        self._commits = GroupCommit(writes, store, self._note)
        self._tenants = tenants
        self._trusted = trusted or TrustedCertificates()
        self._definitions = definitions

    def record(
        self,
        principal: Principal,
        received: Sequence[Received],
        version: Version,
        *,
        keep_former: bool = False,
        contents: Contents | None = None,
    ) -> Recorded:
        """Store all of them or none.

        ``keep_former`` keeps a received ``stored`` and ``authority`` beside ours (an
        import, which no rule of cmi5 refuses: history must not be lost); ``contents``
        came with the request for attachments, None where it cannot bring any (an
        import). Raises Forbidden, InvalidStatement with every violation, BadRequest
        for an id that stands twice, ConflictingStatements, Cmi5Refused where the
        tenant enforces the rules of cmi5.
        """
        principal.require(Scope.STATEMENTS_WRITE)
        prepared = prepare(
            principal,
            received,
            version,
            keep_former=keep_former,
            contents=contents,
            trusted=self._trusted,
        )
        ids = [item.statement_id for item in prepared]
        if len({item.lower() for item in ids}) != len(ids):
            raise BadRequest("Two Statements of the batch have the same id.")
        mode = self._tenants.cmi5_mode(principal.tenant)
        if mode is not Cmi5Mode.OFF:
            prepared = flagged(prepared)
            if mode is Cmi5Mode.ENFORCE and not keep_former:
                self._enforce(principal.tenant, prepared)
        new = self._store_all(principal.tenant, prepared)
        if new < len(prepared):
            self._note_repeats(principal.tenant, prepared)
        return Recorded(ids, new)

    def _enforce(self, tenant: str, prepared: list[NewStatement]) -> None:
        """Refuse Statements that break rules of cmi5, but not repeats.

        One that is stored already, under a milder mode, is done: to refuse its repeat
        would keep nothing out, and a client that tries until it is taken in a circle.
        """
        broken = refusable(prepared)
        if not broken:
            return
        new = {item.statement_id for item in self._without_known(tenant, prepared)}
        refused = {
            at: found
            for at, found in broken.items()
            if prepared[at].statement_id in new
        }
        if refused:
            raise Cmi5Refused(refused, len(prepared))

    def _store_all(self, tenant: str, prepared: list[NewStatement]) -> int:
        """Store those that are new; return how many that were."""
        waiting = prepared
        for attempt in range(_ATTEMPTS):
            if not waiting:
                return 0
            if attempt:
                time.sleep(attempt * 0.01)  # what stands there may not be settled yet
            try:
                self._commits.store(tenant, waiting)
            except TakenIds:
                waiting = self._without_known(tenant, prepared)
            else:
                return len(waiting)
        raise Conflict("Others keep writing the same Statement ids; try again.")

    def _note(self, batches: Sequence[Batch]) -> None:
        """Note what stored Statements define, those of each tenant together."""
        if self._definitions is None:
            return
        noted: dict[str, list[Noted]] = {}
        for batch in batches:
            for at, item in enumerate(batch.statements):
                if item.definitions:
                    said = Noted(batch.stamp + at * STEP, item.definitions)
                    noted.setdefault(batch.tenant, []).append(said)
        for tenant, sayings in noted.items():
            self._definitions.note(tenant, sayings)

    def _note_repeats(self, tenant: str, prepared: Sequence[NewStatement]) -> None:
        """Note once more what was stored at first.

        Whoever stored it may have been killed before it was noted.
        """
        if self._definitions is None:
            return
        ids = [item.statement_id for item in prepared if item.definitions]
        if not ids:
            return
        self._definitions.note(
            tenant,
            [
                Noted(found.stored, definition.defined(found.text))
                for found in self._store.existing(tenant, ids).values()
                if found.text is not None and found.defines
            ],
        )

    def _without_known(
        self, tenant: str, prepared: list[NewStatement]
    ) -> list[NewStatement]:
        """Return those that are still to be stored, or raise for those that differ."""
        ids = [item.statement_id for item in prepared]
        existing = self._store.existing(tenant, ids)
        waiting, differing = [], []
        for at, item in enumerate(prepared):
            found = existing.get(item.statement_id.lower())
            if found is None:
                waiting.append(_with(item, stub=False))
            elif found.text is None:
                waiting.append(_with(item, stub=True))
            elif found.digest != item.digest and not equality.equal(
                text.exact(item.received.text), text.exact(found.text)
            ):
                differing.append(at)
        if differing:
            raise ConflictingStatements(differing)
        return waiting


def _with(item: NewStatement, *, stub: bool) -> NewStatement:
    return item if item.stub == stub else msgspec.structs.replace(item, stub=stub)
