"""The dry run of a sync: all of it but the last step, and nothing stays.

In: a configured source. Out: for each delivery on offer what it would do. The rows go
through the ledger's staging, under its lock, so that mapping, valves and circles are
those of the day; then the run is cleared away as if it had been killed, its record too.
No cursor moves, nothing is moved in a landing folder; what a killed dry run left, the
next import or the worker clears.
"""

from __future__ import annotations

from dataclasses import dataclass, field, is_dataclass, replace
from datetime import date

from analytics.workforce.engine.importing import ImportResult, import_delivery
from analytics.workforce.engine.previewing import Preview
from analytics.workforce.engine.sifting import Progress
from analytics.workforce.engine.valves import Refused
from analytics.workforce.ledger import Ledger
from analytics.workforce.mapping import Mapping
from analytics.workforce.sources.source import Notice, Source
from lrs.errors import BadRequest

_ACCEPTING = "let it through when it comes (a sync names the command)."


@dataclass(slots=True)
class DryRun:
    """What a sync would do: ``refused`` says why the delivery would not be taken."""

    file: str | None = None
    mode: str = ""
    result: ImportResult | None = None
    refused: str | None = None
    preview: Preview = field(default_factory=Preview)
    notices: list[Notice] = field(default_factory=list)


def dry_run(
    ledger: Ledger,
    tenant: str,
    mapping: Mapping,
    source: Source,
    progress: Progress | None = None,
) -> DryRun:
    """Look at the first delivery on offer: later ones would build upon it.

    Raises what the source raises, and what the database does.
    """
    looked = DryRun()
    if is_dataclass(source) and hasattr(source, "only_looks"):
        source = replace(source, only_looks=True)
    with source.offers(looked.notices.append) as offers:
        for offer in offers:
            looked.file, looked.mode = offer.file, offer.mode
            terms = replace(
                mapping.terms,
                mode=offer.mode,
                day=date.fromisoformat(offer.as_of) if offer.as_of else None,
                people_are_whole=offer.people_are_whole,
                changes_only=offer.changes_only,
            )
            try:
                with offer.opened() as delivery:
                    looked.result = import_delivery(
                        *(ledger, tenant, delivery, mapping, terms, progress),
                        accepting=_ACCEPTING,
                        preview=looked.preview,
                    )
            except (BadRequest, Refused) as error:
                looked.refused = error.message
            break
    return looked
