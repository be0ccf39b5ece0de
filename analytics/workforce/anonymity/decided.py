"""What was decided of people: their decisions without what leads to them.

Numbers become surrogates, IFIs that may lead to somebody anonymous become digests, and
reasons of what concerns them go: free text may name anybody.
"""

from __future__ import annotations

from pymongo import UpdateOne

from analytics.workforce.anonymity.traces import Traces
from analytics.workforce.anonymity.veil import HIDDEN, Veil
from analytics.workforce.ledger import Document

REMOVED = "(removed: somebody was made anonymous)"


def decisions_of(found: list[Document], traces: Traces, veil: Veil) -> list[UpdateOne]:
    """Return what to change of a tenant's decisions; repeated, there is no more."""
    numbers, changes = traces.numbers, []
    concerned: set[object] = set()
    for item in sorted(found, key=lambda item: int(item["_id"]["n"])):
        said: Document = {
            name: numbers[item[name]]
            for name in ("employee_id", "into")
            if item.get(name) in numbers
        }
        actor = item.get("actor")
        if actor and not actor.startswith(HIDDEN) and veil.hides(actor):
            said["actor"] = f"{HIDDEN} {veil.id_of(actor)}"
        if said or item.get("undoes") in concerned:
            concerned.add(item["_id"]["n"])
        about = item["_id"]["n"] in concerned
        if item["reason"] != REMOVED and (about or traces.in_text(item["reason"])):
            said["reason"] = REMOVED
        if (who := traces.who(item["by"])) is not None:
            said["by"] = who
        if said:
            changes.append(UpdateOne({"_id": item["_id"]}, {"$set": said}))
    return changes
