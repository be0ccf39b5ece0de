"""Importing: a delivered file becomes one run of the ledger.

The recipe: read every record through the mapping; set aside what is wrong in itself,
contradictory or circular; compare what is left with the newest recorded rows; stage
what is new or different; apply. A file delivered twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

from analytics.workforce.anonymity.delivering import veiled
from analytics.workforce.anonymity.keeping import Veils
from analytics.workforce.anonymity.veil import Veil
from analytics.workforce.engine.collecting import rare_collections
from analytics.workforce.engine.fields import absent_fields, check_fields
from analytics.workforce.engine.missing import Gone, holding_until, lacking
from analytics.workforce.engine.previewing import Preview
from analytics.workforce.engine.reconciliation import Sample, reconciled
from analytics.workforce.engine.retrying import Retry
from analytics.workforce.engine.shapes import drift
from analytics.workforce.engine.sifting import Progress, Sieve
from analytics.workforce.engine.standing import Standing
from analytics.workforce.engine.terms import Terms
from analytics.workforce.engine.valves import Refused, check_fill, check_leavers
from analytics.workforce.interruption import told_of_interruption
from analytics.workforce.ledger import Ledger
from analytics.workforce.mapping import Mapping, canonical
from analytics.workforce.model import WORKFORCE, Problem, table_of
from analytics.workforce.run_lock import LEASE_SECONDS
from analytics.workforce.sources.files import open_delivery
from analytics.workforce.sources.format import format_of
from analytics.workforce.sources.records import Delivery
from analytics.workforce.staging import StagedRun, staged_run
from lrs.access import tenant_name
from lrs.errors import BadRequest

ACCEPTING = "import it with --accept."
SHOWN = 12  # signs of a run's id, as lists show it


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did.

    ``read`` is the sum of ``added``, ``changed``, ``unchanged``, ``set_aside`` and
    ``skipped``; of those taken ``links_set_aside`` were without their manager, or
    their unit's parent; ``known`` is of how many people who were here before rows were
    added, retroactive ones, say; ``missed`` are the rows that a full delivery's silence
    added, ``terminated`` the employments that it ends. ``quarantined`` has the first
    thousand of those set aside, ``drift`` what is new of the source's fields.
    ``recorded`` is the run's time (microseconds since 1970, UTC), ``ignored`` the
    fields of the file that the mapping does not name, ``absent`` those that it names in
    vain, ``seconds`` how long it took. ``overtaken`` are the records of a replay that
    were left, since a later run had spoken of them.
    """

    read: int
    added: int
    changed: int
    unchanged: int
    set_aside: int
    skipped: int
    links_set_aside: int
    missed: int
    terminated: int
    quarantined: list[Problem]
    recorded: int
    seconds: float
    run: str
    ignored: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()
    overtaken: int = 0
    known: int = 0


def import_file(
    ledger: Ledger,
    tenant: str,
    kind: str,
    path: Path,
    mapping: Mapping | None = None,
    progress: Progress | None = None,
    *,
    terms: Terms | None = None,
    lease_seconds: float = LEASE_SECONDS,
) -> ImportResult:
    """Import a file of that kind (``workforce``, ``kpi``, ``exemptions``).

    ``mapping`` absent: the file has the canonical columns; ``terms`` absent: those of
    the mapping. Raises BadRequest where the file cannot be read as a whole, Conflict
    where another import of the kind is at work, and Refused where a valve stops it; in
    each case nothing was applied. Raises Interrupted, which says what stands.
    """
    mapping = mapping or canonical(table_of(kind))
    if mapping.table.kind != kind:
        raise BadRequest(
            f"The mapping {mapping.name} is for {mapping.table.kind} files, "
            f"not for {kind} files."
        )
    form = format_of(mapping.format, f"mapping {mapping.name}")
    with told_of_interruption(path.name), open_delivery(path, form) as delivery:
        return import_delivery(
            ledger,
            tenant,
            delivery,
            mapping,
            terms or mapping.terms,
            progress,
            lease_seconds=lease_seconds,
        )


@rare_collections()
def import_delivery(
    ledger: Ledger,
    tenant: str,
    delivery: Delivery,
    mapping: Mapping,
    terms: Terms,
    progress: Progress | None = None,
    *,
    retry: Retry | None = None,
    accepting: str = ACCEPTING,
    lease_seconds: float = LEASE_SECONDS,
    preview: Preview | None = None,
) -> ImportResult:
    """Import an open delivery by these terms; raises as ``import_file`` does.

    ``retry``: it is what a former run set aside, and is told what becomes of it.
    ``accepting`` says in a refusal how somebody lets it through; ``{run}`` in it is the
    run that was refused. ``preview`` looks at what would change: nothing is applied.
    """
    started = monotonic()
    kind = mapping.table.kind
    with staged_run(
        ledger,
        tenant_name(tenant),
        kind,
        file=delivery.file,
        sha256=delivery.sha256,
        source=mapping.name,
        mode=terms.mode,
        about=retry.about if retry else {"dry": "run"} if preview else None,
        lease_seconds=lease_seconds,
    ) as run:
        # Within the run: nobody is made anonymous meanwhile.
        veil = Veils(ledger.database).of(tenant_name(tenant))
        mapping = veiled(mapping, veil)
        if retry is None:  # or a field may be empty in the few records there are
            check_fields(delivery, mapping)
        ignored = mapping.unnamed(delivery.fields)
        sieve = Sieve(
            *(run, mapping, delivery.file, delivery.fields, progress or _silent),
            retry.refused if retry else run.set_aside,
        )
        if retry:
            retry.begin(run, mapping)
        standing = Standing(run)
        sample = Sample()
        sieve.watchers.append(sample.staged)
        if kind == WORKFORCE.kind:
            sieve.watchers.append(standing.staged)
        for record in delivery.records:
            sieve.take(record)
        if terms.mode != "full":  # nobody is missing in it
            terms = replace(terms, missing_person="keep")
        if terms.misses_rows and not sieve.unmentioned:
            sieve.managing.until = holding_until(
                terms, mapping.name, sieve.seen, sieve.mentioned, veil
            )
        sieve.end(delivery.again)
        with (
            preview.before(run) if preview else nullcontext(),
            _told_how(accepting.replace("{run}", run.run[:SHOWN])),
        ):
            notes = _judge(
                *(run, sieve, sample, standing, mapping, terms, veil),
                replayed=retry is not None,
            )
        notes |= retry.notes if retry else {}
        then = retry.settle if retry else None
        notes |= {"by": terms.by} if terms.by else {}
        recorded = 0
        if preview is None:
            if kind == WORKFORCE.kind:
                run.links.note(sieve.links.staged(sieve.seen))
            recorded = run.apply(asdict(sieve.counts), then, **notes)
    counts = sieve.counts
    return ImportResult(
        read=counts.read,
        added=counts.added,
        changed=counts.changed,
        unchanged=counts.unchanged,
        set_aside=counts.quarantined,
        skipped=counts.skipped,
        links_set_aside=counts.links_set_aside,
        missed=counts.missed,
        terminated=counts.terminated,
        quarantined=sieve.problems,
        recorded=recorded,
        seconds=monotonic() - started,
        run=run.run,
        ignored=ignored,
        # A replay reads the cells that are kept, not a file: an empty one is not there.
        absent=() if retry else absent_fields(delivery, mapping),
        drift=tuple(notes["drift"]),
        known=standing.known,
    )


@contextmanager
def _told_how(accepting: str) -> Iterator[None]:
    try:
        yield
    except Refused as error:
        told = f"{error.message} Where it is right: {accepting}"
        raise Refused(told) from None


def _judge(
    run: StagedRun,
    sieve: Sieve,
    sample: Sample,
    standing: Standing,
    mapping: Mapping,
    terms: Terms,
    veil: Veil | None,
    *,
    replayed: bool,
) -> dict[str, Any]:
    """Add what a full delivery leaves unsaid, ask the valves; return what to note.

    Raises Refused. What is ``replayed``, or changed, was chosen for being unlike the
    others, so it is held against no delivery, and none will be against it.
    """
    former, counts = run.former, sieve.counts
    before = former.last_of(mapping.name)
    missing: int | None = None
    gone = Gone()
    if terms.misses_rows and mapping.table is WORKFORCE:
        missing = _miss(run, sieve, mapping, terms, veil, gone)
    shares = sieve.filled.shares()
    shapes = sieve.shapes.found
    # Nor is a delivery without records: they may be what tells its fields.
    few = replayed or terms.changes_only or not counts.read
    if before is not None and few:
        shares, shapes = before.fill, before.shapes
    notes: dict[str, Any] = {
        "fill": shares or (before.fill if before else {}),
        # A list, since a name may hold what no key in the database does.
        "shapes": [[name, shape] for name, shape in shapes.items()],
        "drift": drift(before.shapes if before else {}, shapes),
        "reconciliation": reconciled(run, sieve, sample, terms.mode, missing),
    }
    if before is not None:
        check_fill(before.fill, shares, terms)
    if mapping.table is WORKFORCE:
        opened = former.open_people()
        standing.took_back(sieve.expelled.people())
        ended, began = standing.ended(sieve.extended)
        check_leavers(ended, opened, gone, mapping.name, terms)
        notes["open_people"] = opened - ended + began
        counts.terminated = ended
    return notes


def _miss(
    run: StagedRun,
    sieve: Sieve,
    mapping: Mapping,
    terms: Terms,
    veil: Veil | None,
    gone: Gone,
) -> int | None:
    """Stage what a full delivery leaves unsaid; return how many people it lacks.

    None: nobody knows, since it has records that do not say whose they are.
    """
    if sieve.unmentioned:
        # One of these can be anybody's record: nobody is known to be missing.
        terms = replace(terms, missing_person="keep", missing_row="keep")
    missed = lacking(
        run.former, sieve.seen, sieve.mentioned, mapping.name, terms, gone, veil
    )
    sieve.counts.missed = sieve.stage(missed)
    known = terms.mode == "full" and not sieve.unmentioned
    return len(gone.people) if known else None


def _silent(step: str, done: int, total: int | None) -> None:
    """Report to nobody."""
