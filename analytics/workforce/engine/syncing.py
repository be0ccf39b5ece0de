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
from uuid import uuid4

from analytics.workforce.engine.importing import ImportResult, import_delivery
from analytics.workforce.engine.refusals import note_refused
from analytics.workforce.engine.sifting import Progress
from analytics.workforce.engine.valves import Refused
from analytics.workforce.interruption import told_of_interruption
from analytics.workforce.ledger import Ledger
from analytics.workforce.mapping import Mapping, load_mapping
from analytics.workforce.source_records import SourceRecords
from analytics.workforce.sources.configured import source_of, tenant_of
from analytics.workforce.sources.format import format_of
from analytics.workforce.sources.source import Notice, Source
from lrs.access import DEFAULT_TENANT
from lrs.errors import BadRequest, NotFound, SetupError

Secrets = Callable[[str], dict[str, str]]


@dataclass(slots=True)
class Walk:
    """What a sync did: by delivery what was applied, and why others were not."""

    applied: list[tuple[str, ImportResult]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    # What was the source's last applied run when the last delivery was refused.
    refused_after: int | None = None

    @property
    def why(self) -> str | None:
        """Why the last delivery was refused that was; None where none was."""
        reasons = [notice.reason for notice in self.notices if notice.kind == "refused"]
        reasons += [reason for _, reason in self.refused]
        return reasons[-1] if reasons else None


def configured(
    folder: Path, name: str, secrets: Secrets, tenant: str | None = None
) -> tuple[Mapping, Source, str]:
    """Return the mapping of that name in a folder, its source, and whose it is.

    ``tenant`` absent: the one that it names, or the default. Raises NotFound,
    BadRequest for a wrong file or one of another tenant, SetupError where it has no
    source.
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
    source = source_of(mapping.source, name, folder, secrets(name), form)
    return mapping, source, whose


def sync(
    ledger: Ledger,
    tenant: str,
    mapping: Mapping,
    source: Source,
    *,
    accepted: bool = False,
    progress: Progress | None = None,
) -> Walk:
    """Take every delivery that is there, in its order.

    ``accepted``: somebody has looked, the valves let all of them through. Raises what
    the source raises, and what the database does.
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

    with source.offers(notify) as offers:
        for offer in offers:
            seen: str | None = uuid4().hex
            terms = replace(
                mapping.terms,
                mode=offer.mode,
                day=date.fromisoformat(offer.as_of) if offer.as_of else None,
                accepted=accepted,
            )
            try:
                with told_of_interruption(offer.file), offer.opened() as delivery:
                    seen = None
                    result = import_delivery(
                        ledger, tenant, delivery, mapping, terms, progress
                    )
            except (BadRequest, Refused) as error:
                refuse(offer.file, error.message, offer.mode, seen)
                offer.refused(error.message)
                walk.refused.append((offer.file, error.message))
            else:
                offer.taken()
                walk.applied.append((offer.file, result))
    return walk
