"""Who can have been in a unit: fewer people than everybody, and nobody too few.

The server looks through all rows and sends two short lists: which units ever stood
under which, and who was ever in one of those below the unit asked for. Rows that were
corrected since count too, so whoever was there on a day, as known at any time, is among
them, and so are all rows that say how the units below it stand to each other.
"""

from __future__ import annotations

from collections.abc import Iterable

from analytics.workforce.ledger import Document, Ledger
from analytics.workforce.model import WORKFORCE

_FEW = 0.5  # of all people: beyond, everybody is read without looking


def candidates(ledger: Ledger, tenant: str, unit: str) -> set[str] | None:
    """Return who was ever in a unit or one that ever stood below; None: very many."""
    of_tenant = {"_id.t": tenant, "kind": WORKFORCE.kind}
    rows = ledger.collections.rows
    ends = {"u": "$values.org_unit_id", "p": "$values.org_parent_id"}
    under: dict[str, set[str]] = {}
    for item in rows.aggregate([{"$match": of_tenant}, {"$group": {"_id": ends}}]):
        if item["_id"].get("p") is not None and item["_id"].get("u") is not None:
            under.setdefault(item["_id"]["p"], set()).add(item["_id"]["u"])
    units = sorted(_below(under, unit))
    there = of_tenant | {"values.org_unit_id": {"$in": units}}
    own: Document = {"_id": "$values.employee_id"}
    people = {
        str(item["_id"])
        for item in rows.aggregate([{"$match": there}, {"$group": own}])
    }
    runs = ledger.runs(tenant, WORKFORCE.kind)
    everybody = (runs[-1].open_people or 0) if runs else 0  # near enough
    return people if len(people) <= _FEW * everybody else None


def _below(under: dict[str, set[str]], unit: str) -> set[str]:
    found: set[str] = set()
    waiting: Iterable[str] = {unit}
    while waiting:
        found.update(waiting)
        waiting = {below for one in waiting for below in under.get(one, ())} - found
    return found
