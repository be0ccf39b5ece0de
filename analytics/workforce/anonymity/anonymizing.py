"""Anonymizing: people become surrogates, in an order that any kill leaves whole.

First it is kept what hides them: from here on deliveries do not bring them back. Then
everything that leads to them is removed; the texts by which it is found go last, so
that the same command completes what was killed. In the end the lake is made anew, its
former versions go too, and the record says that it is done.

Nobody imports meanwhile, and no pass runs: the caller holds the enrichment's lease,
the imports' locks are held here.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pymongo.database import Database

from analytics.identity.decisions import Decisions, Signed
from analytics.workforce.anonymity.locks import no_imports
from analytics.workforce.anonymity.removal import Removal
from analytics.workforce.anonymity.sources import Sources
from analytics.workforce.anonymity.traces import (
    Traces,
    gather,
    is_known,
    kin,
    surrogates,
)
from analytics.workforce.anonymity.veil import Veil
from analytics.workforce.former import Former
from analytics.workforce.ledger import Document, Ledger
from analytics.workforce.model import WORKFORCE
from analytics.workforce.quarantine import asides
from analytics.workforce.run_lock import LEASE_SECONDS
from lrs.errors import BadRequest, Conflict, NotFound


@dataclass(slots=True)
class Removed:
    """What was, or would be, done: ``counts`` of what changed, by what it is.

    ``already`` were made anonymous before; ``people`` have the surrogates of those in
    hand, ``others`` are numbers that belong to the same people, by merges. ``told``, of
    a preview: the run, the record (empty: the run's own), and what happens to it.
    ``unread`` are the sources without a mapping: of what they set aside only whole
    cells can be compared.
    """

    people: list[str] = field(default_factory=list)
    already: int = 0
    resumed: int = 0
    others: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    told: list[tuple[str, str, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Anonymizing:
    """Makes people of any tenant anonymous, in MongoDB; the lake follows from it."""

    database: Database[Document]
    ledger: Ledger
    decisions: Decisions
    mappings: Path  # the folder of the sources' mapping files
    lease_seconds: float = LEASE_SECONDS

    def preview(self, tenant: str, ids: Sequence[str], *, employed: bool) -> Removed:
        """Return what ``remove`` would do; changes nothing, raises as it does."""
        removed, groups = self._plan(tenant, ids, employed=employed)
        key = secrets.token_bytes(32)
        traces = gather(self.ledger, self.decisions, tenant, key, _pairs(groups))
        veil = Veil(key, traces.hidings)
        self._remove(tenant, traces, [traces], key, veil, removed, None)
        return removed

    def remove(
        self, tenant: str, ids: Sequence[str], signed: Signed, *, employed: bool
    ) -> Removed:
        """Make people anonymous in MongoDB; what is in the lake is the caller's.

        Raises NotFound for an unknown employee number, Conflict for an employment that
        is open (unless ``employed``), BadRequest where the reason names the person.
        """
        self._plan(tenant, ids, employed=employed)  # what is wrong waits for nobody
        veils = self.decisions.veils
        with no_imports(self.ledger, tenant, self.lease_seconds) as alive:
            removed, groups = self._plan(tenant, ids, employed=employed)
            if not groups:
                return removed
            key = veils.key(tenant)
            pairs = _pairs(groups)
            traces = gather(self.ledger, self.decisions, tenant, key, pairs)
            if traces.who(signed.by) or traces.in_text(signed.reason):
                raise BadRequest(
                    "--by or --reason names the person: this is kept, so say it "
                    "without a name, an address or a number."
                )
            standing = set(veils.unfinished(tenant))
            new = [it for it in traces.hidings if it.surrogate not in standing]
            one = {name: group[0][1] for group in groups for _, name in group}
            veils.hide(tenant, new, one, signed, employed=employed)
            veil = self.decisions.veil(tenant)
            if veil is None:
                raise LookupError(tenant)
            parts = [_part(traces, group) for group in groups]
            self._remove(tenant, traces, parts, key, veil, removed, alive)
        return removed

    def _remove(
        self,
        tenant: str,
        traces: Traces,
        parts: list[Traces],
        key: bytes,
        veil: Veil,
        removed: Removed,
        alive: Callable[[], None] | None,
    ) -> None:
        sources = Sources(self.ledger, tenant, self.mappings)

        def of(some: Traces) -> Removal:
            return Removal(
                self.database,
                self.ledger,
                tenant,
                some,
                key,
                sources,
                write=alive is not None,
                alive=alive or _nothing,
            )

        removal, counts = of(traces), removed.counts
        counts["records set aside"] = removal.quarantine()
        counts["records of runs"] = removal.runs()
        counts["accounts for the pages"] = removal.accounts()
        counts["users of identity providers"] = removal.provisioned()
        removed.unread = sorted(sources.lacking)
        if alive is None:
            removed.told = list(self._told(tenant, removal))
        counts["states with names and addresses"] = removal.states()
        counts["rows of the ledger"] = removal.rows()
        veils, last = self.decisions.veils, 0
        for part in parts:
            last += of(part).last(veil, veils)
        counts["decisions about identity"] = last

    def _told(self, tenant: str, removal: Removal) -> Iterator[tuple[str, str, str]]:
        for run, changes in removal.asides.items():
            for one in asides(self.ledger, tenant, run):
                if (what := changes.get(one.number)) is not None:
                    yield run, one.record, what
        for run in removal.named:
            yield run, "", "loses what names the person, or the hash of the file"

    # -- who ------------------------------------------------------------------------

    def _plan(
        self, tenant: str, ids: Sequence[str], *, employed: bool
    ) -> tuple[Removed, list[list[tuple[str, str]]]]:
        """Return what is to do: for each person the numbers and their surrogates."""
        removed = Removed()
        veil = self.decisions.veil(tenant, fresh=True)
        unfinished = set(self.decisions.veils.unfinished(tenant))
        groups: list[list[tuple[str, str]]] = []
        seen: set[str] = set()
        unknown: list[str] = []
        for one in ids:
            if one in seen:
                continue
            known = veil.surrogate_of(one) if veil else None
            if known is not None and known not in unfinished:
                removed.already += 1
                continue
            if known is None and not is_known(self.ledger, tenant, one):
                unknown.append(one)
                continue
            numbers = kin(self.decisions, tenant, one)
            seen.update(numbers)
            groups.append(self._named(numbers, veil, unfinished, removed))
            removed.others += len(numbers) - 1
        if unknown:
            listed = ", ".join(item[:100] for item in unknown[:5])
            raise NotFound(
                f"There is no employee {listed} in this tenant"
                f"{' (and others)' if len(unknown) > 5 else ''}. Nothing was changed."
            )
        self._must_have_left(tenant, groups, employed)
        return removed, groups

    def _named(
        self,
        numbers: list[str],
        veil: Veil | None,
        unfinished: set[str],
        removed: Removed,
    ) -> list[tuple[str, str]]:
        fresh = surrogates(len(numbers))
        pairs = []
        for number, new in zip(numbers, fresh, strict=True):
            known = veil.surrogate_of(number) if veil else None
            if known in unfinished:
                removed.resumed += 1
            pairs.append((number, known or new))
            removed.people.append(known or new)
        return pairs

    def _must_have_left(
        self, tenant: str, groups: list[list[tuple[str, str]]], employed: bool
    ) -> None:
        if employed:
            return
        former = Former(self.ledger, tenant, WORKFORCE.kind)
        today = datetime.now(UTC).date().isoformat()
        for number, _ in _pairs(groups):
            rows = former.values_of(number)
            last = next(reversed(rows.values()), None)
            if last is None:
                continue
            end = last.get("termination_date")
            if end is None and last.get("status") == "terminated":
                end = last["effective_date"]
            if end is None or str(end) >= today:
                raise Conflict(
                    f"The employment of {number[:100]} is still open. Nothing was "
                    "changed. Where the person is to be made anonymous all the same, "
                    "say --employed: what HR delivers of them is then set aside."
                )


def _pairs(groups: list[list[tuple[str, str]]]) -> list[tuple[str, str]]:
    return [pair for group in groups for pair in group]


def _part(traces: Traces, group: list[tuple[str, str]]) -> Traces:
    """Return the traces with the numbers of one person alone."""
    return Traces(dict(group), traces.hidings, traces.phrases)


def _nothing() -> None:
    """Keep nothing alive: this is only a count."""
