"""Delivering a few rows of people, as a test writes them down."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from analytics.workforce.engine.importing import ImportResult, import_file
from analytics.workforce.engine.terms import Terms
from lrs.services import Services

Deliver = Callable[..., ImportResult]


def deliverer(services: Services, folder: Path, header: str) -> Deliver:
    """Return what imports lines of CSV below a header, by these terms."""

    def taken(*rows: str, terms: Terms | None = None) -> ImportResult:
        path = folder / "people.csv"
        path.write_text("\n".join([header, *rows]) + "\n")
        ledger = services.analytics().ledger
        return import_file(ledger, "default", "workforce", path, terms=terms)

    return taken
