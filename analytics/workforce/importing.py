"""Importing: a delivered file becomes one run of the ledger.

The recipe: read every record through the mapping; set aside what is wrong in itself,
contradictory or circular; compare what is left with the newest recorded rows; stage
what is new or different; apply. A file delivered twice changes nothing.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic

from analytics.workforce.files import open_delivery
from analytics.workforce.ledger import Ledger
from analytics.workforce.mapping import Mapping, canonical
from analytics.workforce.model import Problem, table_of
from analytics.workforce.sifting import Progress, Sieve, check_fields
from analytics.workforce.staging import LEASE_SECONDS, staged_run
from lrs.access import tenant_name
from lrs.errors import BadRequest


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did.

    ``read`` is the sum of ``added``, ``changed``, ``unchanged``, ``set_aside`` and
    ``skipped``; ``quarantined`` has the first thousand of those set aside. ``recorded``
    is the run's time (microseconds since 1970, UTC), ``ignored`` the fields of the file
    that the mapping does not name, ``seconds`` how long it took.
    """

    read: int
    added: int
    changed: int
    unchanged: int
    set_aside: int
    skipped: int
    retracted: int
    terminated: int
    quarantined: list[Problem]
    recorded: int
    seconds: float
    run: str
    ignored: tuple[str, ...] = ()


def import_file(
    ledger: Ledger,
    tenant: str,
    kind: str,
    path: Path,
    mapping: Mapping | None = None,
    progress: Progress | None = None,
    *,
    lease_seconds: float = LEASE_SECONDS,
) -> ImportResult:
    """Import a file of that kind (``workforce``, ``kpi``, ``exemptions``).

    ``mapping`` absent: the file has the canonical columns. Raises BadRequest where
    the file cannot be read as a whole, and Conflict where another import of the kind
    is at work; in both cases nothing was applied.
    """
    started = monotonic()
    tenant_name(tenant)
    mapping = mapping or canonical(table_of(kind))
    if mapping.table.kind != kind:
        raise BadRequest(
            f"The mapping {mapping.name} is for {mapping.table.kind} files, "
            f"not for {kind} files."
        )
    with open_delivery(path) as delivery:
        ignored = check_fields(delivery, mapping)
        with staged_run(
            ledger,
            tenant,
            kind,
            file=delivery.file,
            sha256=delivery.sha256,
            lease_seconds=lease_seconds,
        ) as run:
            sieve = Sieve(run, mapping, delivery.file, progress or _silent)
            for record in delivery.records:
                sieve.take(record)
            sieve.end()
            recorded = run.apply(asdict(sieve.counts))
    counts = sieve.counts
    return ImportResult(
        read=counts.read,
        added=counts.added,
        changed=counts.changed,
        unchanged=counts.unchanged,
        set_aside=counts.quarantined,
        skipped=counts.skipped,
        retracted=counts.retracted,
        terminated=counts.terminated,
        quarantined=sieve.problems,
        recorded=recorded,
        seconds=monotonic() - started,
        run=run.run,
        ignored=ignored,
    )


def _silent(step: str, done: int, total: int | None) -> None:
    """Report to nobody."""
