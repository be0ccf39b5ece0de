"""Decisions: links and merges made by hand, undone by hand; and the rules in force.

Append-only and on the timeline, as all truth: a decision has a recorded time, a number
in its tenant, who made it and why. An undo is a decision of its own, so that what was
known at any moment can be told. Rules come from the file; whenever it says something
new, that is recorded too (``note_rules``).

- ``identity_decisions`` {_id: {t, n}, kind: link | merge | undo | rules, recorded, by,
  reason, actor, employee_id, into, undoes, rules}
- ``identity_locks`` {_id: {t}, n}: touched by each decision, so that they follow each
  other; ``n`` counts the touches, also those that decided nothing
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from analytics.identity.keys import actor_id, normalised, read_actor
from analytics.identity.rules import Rules, load
from analytics.identity.standing import Decision, Standing
from analytics.workforce.anonymity.keeping import Veils
from analytics.workforce.anonymity.veil import HIDDEN, Veil, rules_of
from analytics.workforce.former import Former
from analytics.workforce.ledger import DURABLE, END_OF_TIME, Document, Ledger
from lrs.errors import BadRequest, Conflict, NotFound
from lrs.feed import Timeline

_LONGEST = 1_000  # characters of a reason


@dataclass(frozen=True, slots=True)
class Signed:
    """Who decides, and why."""

    by: str
    reason: str

    def __post_init__(self) -> None:
        for name in ("by", "reason"):
            value = getattr(self, name)
            if not value.strip() or len(value) > _LONGEST:
                raise BadRequest(
                    f"A decision needs a {'reason' if name == 'reason' else 'name'} "
                    f"of at most {_LONGEST} characters."
                )


class Decisions:
    """The decisions of all tenants; ``rules_file`` is config/identity.toml."""

    def __init__(
        self,
        database: Database[Document],
        timeline: Timeline,
        ledger: Ledger,
        rules_file: Path,
    ) -> None:
        safe = database.with_options(write_concern=DURABLE)
        self._decisions: Collection[Document] = safe["identity_decisions"]
        self._locks: Collection[Document] = safe["identity_locks"]
        self.veils = Veils(database)
        self._timeline = timeline
        self._ledger = ledger
        self._rules_file = rules_file

    # -- deciding -------------------------------------------------------------------

    def link(self, tenant: str, actor: str, employee: str, signed: Signed) -> Decision:
        """Say that an actor is a person, at all times; the latest link counts.

        Raises BadRequest for what is no actor and NotFound for an unknown employee;
        Conflict where that person was merged into another, or is linked already.
        """
        key = self._hidden(tenant, read_actor(actor))
        self._must_be_known(tenant, employee)

        def check(standing: Standing) -> Document:
            self._must_be_somebody(tenant, employee)
            _must_not_be_merged(standing, employee, "link to")
            former = standing.links.get(normalised(key))
            if former is not None and former.employee_id == employee:
                raise Conflict(
                    f"Decision {former.n} links this actor to {employee} already."
                )
            return {"kind": "link", "actor": key, "employee_id": employee}

        return self._decide(tenant, signed, check)

    def merge(self, tenant: str, employee: str, into: str, signed: Signed) -> Decision:
        """Say that two employee_ids are one person, who is called by the second.

        Raises NotFound for an unknown employee, BadRequest for one into itself, and
        Conflict where one of them is merged into somebody already.
        """
        if employee == into:
            raise BadRequest("Nobody is merged into themselves.")
        self._must_be_known(tenant, employee)
        self._must_be_known(tenant, into)

        def check(standing: Standing) -> Document:
            self._must_be_somebody(tenant, employee, into)
            if standing.survivor(into) == employee:
                merged = standing.merges[into]
                raise Conflict(
                    f"{into} was merged into {merged.into} (decision {merged.n}): this "
                    "would be a circle. Undo that one first."
                )
            _must_not_be_merged(standing, into, "merge into")
            former = standing.merges.get(employee)
            if former is not None:
                raise Conflict(
                    f"{employee} was merged into {former.into} already (decision "
                    f"{former.n}); undo that first."
                )
            return {"kind": "merge", "employee_id": employee, "into": into}

        return self._decide(tenant, signed, check)

    def undo(self, tenant: str, n: int, signed: Signed) -> Decision:
        """Take a link or a merge back, from now on.

        Raises NotFound, BadRequest for what is neither, Conflict for a second time.
        """

        def check(standing: Standing) -> Document:
            found = standing.decisions.get(n)
            if found is None:
                raise NotFound(f"There is no decision {n}.")
            if found.kind == "rules":
                raise BadRequest(
                    f"Decision {n} are the rules of a file: change the file instead."
                )
            if found.kind == "undo":
                raise BadRequest(
                    f"Decision {n} is an undo: make what it took back anew."
                )
            if found.undone_by is not None:
                raise Conflict(
                    f"Decision {n} was undone already, by decision {found.undone_by}."
                )
            return {"kind": "undo", "undoes": n}

        return self._decide(tenant, signed, check)

    def note_rules(self, tenant: str) -> None:
        """Record what the file says, where that is new; raises WrongRules."""
        rules = load(self._rules_file)
        newest = self._decisions.find_one(
            {"_id.t": tenant, "kind": "rules"}, sort=[("_id", -1)]
        )
        if (Rules.of(newest["rules"]) if newest else Rules()) == rules:
            return

        def check(standing: Standing) -> Document | None:
            if standing.rules == rules:  # another process was faster
                return None
            return {"kind": "rules", "rules": rules.document()}

        self._act(tenant, Signed(self._rules_file.name, "The file has changed."), check)

    # -- reading --------------------------------------------------------------------

    def all(self, tenant: str) -> list[Decision]:
        """Return all decisions of a tenant in their order."""
        return list(self._standing(tenant, None).decisions.values())

    def rows(
        self, tenant: str, after: int = 0, through: int = END_OF_TIME
    ) -> list[Document]:
        """Return the decisions recorded in (after, through] as the lake has them."""
        veil = self.veil(tenant)
        of = veil.id_of if veil else actor_id
        within = {"_id.t": tenant, "recorded": {"$gt": after, "$lte": through}}
        return [
            {
                "decision": item["_id"]["n"],
                "kind": item["kind"],
                "actor_id": of(item["actor"]) if item.get("actor") else None,
                "employee_id": item.get("employee_id"),
                "into_id": item.get("into"),
                "undoes": item.get("undoes"),
                "rules": item.get("rules"),
                "recorded": item["recorded"],
            }
            for item in self._decisions.find(within).sort("_id", 1)
        ]

    def veil(self, tenant: str, *, fresh: bool = False) -> Veil | None:
        """Return what hides the tenant's anonymous people, by all rules ever noted."""
        veil = self.veils.of(tenant, fresh=fresh)
        if veil is not None:
            noted = {"_id.t": tenant, "kind": "rules"}
            veil.look_by(rules_of(self._decisions.find(noted, {"rules": 1})))
        return veil

    def _hidden(self, tenant: str, key: str) -> str:
        """Return what is kept of an IFI key: a digest, where it may be a hidden one."""
        veil = self.veil(tenant)
        if veil is None or not veil.hides(key):
            return key
        return f"{HIDDEN} {veil.id_of(key)}"

    def _must_be_somebody(self, tenant: str, *employees: str) -> None:
        """Raise Conflict for somebody anonymous: a decision would say who it was."""
        veil = self.veils.of(tenant)
        if veil and any(map(veil.surrogate_of, employees)):
            raise Conflict(
                "This person was made anonymous: nothing is decided of them any more."
            )

    # -- one transaction ------------------------------------------------------------

    def _decide(
        self, tenant: str, signed: Signed, check: Callable[[Standing], Document]
    ) -> Decision:
        n = self._act(tenant, signed, check)
        return self._standing(tenant, None).decisions[n]

    def _act(
        self,
        tenant: str,
        signed: Signed,
        check: Callable[[Standing], Document | None],
    ) -> int:
        """Append what ``check`` says to what stands; return its number, or 0.

        Two at once would each find what the other is about to change: so each touches
        the lock first, and the database lets one of them begin again.
        """

        def work(session: Any, stamp: int) -> int:
            touched = {"$inc": {"n": 1}}
            self._locks.update_one({"_id": {"t": tenant}}, touched, session=session)
            standing = self._standing(tenant, session)
            said = check(standing)
            if said is None:
                return 0
            last = max((item.recorded for item in standing.all()), default=0)
            if stamp <= last:
                raise Conflict("Another decision was made in this moment; try again.")
            # Not the lock's: a number that is missing would look like one taken away.
            n = max(standing.decisions, default=0) + 1
            self._decisions.insert_one(
                {"_id": {"t": tenant, "n": n}, "recorded": stamp}
                | {"by": signed.by.strip(), "reason": signed.reason.strip()}
                | said,
                session=session,
            )
            return n

        # Made beforehand: two transactions cannot both insert it.
        lock = {"_id": {"t": tenant}}
        self._locks.update_one(lock, {"$setOnInsert": {"n": 0}}, upsert=True)
        return self._timeline.transact(work)

    def _standing(self, tenant: str, session: Any) -> Standing:
        found = self._decisions.find({"_id.t": tenant}, session=session).sort("_id", 1)
        return Standing(
            Decision(
                n=item["_id"]["n"],
                kind=item["kind"],
                recorded=item["recorded"],
                by=item["by"],
                reason=item["reason"],
                actor=item.get("actor"),
                employee_id=item.get("employee_id"),
                into=item.get("into"),
                undoes=item.get("undoes"),
                rules=item.get("rules"),
            )
            for item in found
        )

    def _must_be_known(self, tenant: str, employee: str) -> None:
        """Raise NotFound where no row of the employee holds."""
        if not Former(self._ledger, tenant, "workforce").rows_of([employee]):
            raise NotFound(f"There is no employee {employee[:100]} in this tenant.")


def _must_not_be_merged(standing: Standing, employee: str, verb: str) -> None:
    merged = standing.merges.get(employee)
    if merged is not None:
        survivor = standing.survivor(employee)
        raise Conflict(
            f"{employee} was merged into {merged.into} (decision {merged.n}): {verb} "
            f"{survivor}."
        )
