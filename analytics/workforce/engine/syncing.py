"""Syncing: a configured source's deliveries become runs, one after another.

In: a mapping with its ``[source]``. Out: what became of each delivery. One that is
wrong, or that a valve stops, is refused and told of, and the walk goes on with what may
follow it; where the database or the source fails, the walk ends and the next one goes
on with the same delivery.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from analytics.workforce.engine.importing import (
    SHOWN,
    ImportResult,
    import_delivery,
)
from analytics.workforce.engine.refusals import note_refused
from analytics.workforce.engine.sifting import Progress
from analytics.workforce.engine.valves import Refused
from analytics.workforce.interruption import told_of_interruption
from analytics.workforce.ledger import Ledger
from analytics.workforce.mapping import Mapping, load_mapping
from analytics.workforce.run_records import RunRecord
from analytics.workforce.source_records import SourceRecords
from analytics.workforce.sources.configured import Asked, source_of, tenant_of
from analytics.workforce.sources.cursors import Cursors
from analytics.workforce.sources.format import format_of
from analytics.workforce.sources.records import Delivery
from analytics.workforce.sources.source import Notice, Offer, Source
from lrs.access import DEFAULT_TENANT
from lrs.errors import BadRequest, NotFound, SetupError

Secrets = Callable[[str], dict[str, str]]


@dataclass(slots=True)
class Walk:
    """What a sync did: by delivery what was applied, and why others were not."""

    applied: list[tuple[str, ImportResult]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    # Whether the delivery that somebody let through was among them.
    accepted: bool = False
    # What was the source's last applied run when the last delivery was refused.
    refused_after: int | None = None

    @property
    def why(self) -> str | None:
        """Why the last delivery was refused that was; None where none was."""
        reasons = [notice.reason for notice in self.notices if notice.kind == "refused"]
        reasons += [reason for _, reason in self.refused]
        return reasons[-1] if reasons else None

    def outcome(self, mapping: Mapping) -> dict[str, Any]:
        """Return what the record of walks keeps of it (``Walks.end``)."""
        return {
            "taken": bool(self.applied),
            "refused": self.why,
            "of": (mapping.table.kind, mapping.name),
            "after": self.refused_after,
        }


def configured(
    folder: Path,
    name: str,
    secrets: Secrets,
    tenant: str | None = None,
    *,
    cursors: Cursors | None = None,
    take_all: bool = False,
) -> tuple[Mapping, Source, str]:
    """Return the mapping of that name in a folder, its source, and whose it is.

    ``tenant`` absent: the one that it names, or the default. ``cursors`` say up to
    where a system that is asked was taken; ``take_all`` asks for everybody. Raises
    NotFound, BadRequest for a wrong file or one of another tenant, SetupError where it
    has no source.
    """
    path = folder / f"{name}.toml"
    if Path(name).name != name or not path.is_file():
        known = ", ".join(sorted(item.stem for item in folder.glob("*.toml")))
        raise NotFound(f"There is no mapping of this name; known: {known}.")
    mapping = load_mapping(path)
    if not mapping.source:
        raise SetupError(f"mapping {path.name} has no [source]: nothing to fetch from.")
    own = tenant_of(mapping.source, name)
    whose = tenant or own or DEFAULT_TENANT
    if own not in (None, whose):
        raise BadRequest(
            f"mapping {path.name}, source.tenant is {own}: its people are nobody "
            "else's."
        )
    form = format_of(mapping.format, f"mapping {path.name}")
    fields = tuple(path.written for path in mapping.sources())
    asked = Asked(whose, fields, mapping.version, cursors, take_all)
    source = source_of(mapping.source, name, folder, secrets(name), form, asked)
    return mapping, source, whose


def sync(
    ledger: Ledger,
    tenant: str,
    mapping: Mapping,
    source: Source,
    *,
    accepted: RunRecord | None = None,
    progress: Progress | None = None,
) -> Walk:
    """Take every delivery that is there, in its order.

    ``accepted`` is a run that a valve refused, and somebody has looked at: its delivery
    is offered again where the source still has it, and the valves let this one through,
    known by its content, and no other. Raises what the source raises, and what the
    database does.
    """
    walk = Walk()
    records = SourceRecords(ledger.collections.sources)

    def refuse(file: str, why: str, mode: str | None, seen: str | None) -> None:
        if seen is not None:  # or a run of it began, which has its own record
            note_refused(
                ledger, tenant, mapping, file=file, why=why, mode=mode, seen=seen
            )
        walk.refused_after = records.last(tenant, mapping.table.kind, mapping.name)

    def notify(notice: Notice) -> None:
        walk.notices.append(notice)
        if notice.kind == "refused":
            refuse(notice.file, notice.reason, notice.mode, notice.seen)

    how = _accepting(source.name, tenant)
    with source.offers(notify, accepted.sha256 if accepted else None) as offers:
        for offer in offers:
            seen: str | None = uuid4().hex
            terms = replace(
                mapping.terms,
                mode=offer.mode,
                day=date.fromisoformat(offer.as_of) if offer.as_of else None,
                people_are_whole=offer.people_are_whole,
                changes_only=offer.changes_only,
            )
            try:
                with told_of_interruption(offer.file), offer.opened() as delivery:
                    seen = None
                    if accepted and _is_of(delivery, offer, accepted, walk):
                        walk.accepted = True
                        terms = replace(terms, accepted=True)
                    result = import_delivery(
                        *(ledger, tenant, delivery, mapping, terms, progress),
                        accepting=how,
                    )
            except (BadRequest, Refused) as error:
                refuse(offer.file, error.message, offer.mode, seen)
                offer.refused(error.message)
                walk.refused.append((offer.file, error.message))
            else:
                offer.taken()
                walk.applied.append((offer.file, result))
    return walk


def acceptable(run: RunRecord, mapping: Mapping) -> RunRecord:
    """Return a run whose delivery somebody may let through; raises BadRequest."""
    if (run.kind, run.source) != (mapping.table.kind, mapping.name):
        raise BadRequest(f"The run {run.run[:SHOWN]} was of {run.source}, {run.kind}.")
    if not run.valve:
        raise BadRequest(
            f"The run {run.run[:SHOWN]} was not stopped by a valve but is {run.state}: "
            "--accept lets nothing else through."
        )
    return run


def _accepting(name: str, tenant: str) -> str:
    whose = "" if tenant == DEFAULT_TENANT else f" --tenant {tenant}"
    return f"lrs workforce sync {name}{whose} --accept {{run}}"


def _is_of(delivery: Delivery, offer: Offer, accepted: RunRecord, walk: Walk) -> bool:
    same = (delivery.sha256, offer.mode) == (accepted.sha256, accepted.mode)
    return same and not walk.accepted
