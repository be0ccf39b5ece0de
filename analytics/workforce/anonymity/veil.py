"""The veil: what stands in the place of what would lead to somebody anonymous.

In: an employee number, an IFI key or an id of the lake. Out: whether it is one of an
anonymous person's, and what stands for it. Ids of the lake are SHA-256 of guessable
texts, so that those of anonymous people are put under a key: an actor whose id, or
anything that it may be looked up by, is theirs is *hidden*; the lake then has neither
its id nor its IFI. HR rows, decisions and Statements go through the same veil, so that
joins find what they found before.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from analytics.identity.keys import actor_id, normalised, plain_key
from analytics.identity.rules import AccountRule, Rules

HIDDEN = "anonymous"  # the kind of an IFI key that is known by its digest only
_REMEMBERED = 200_000


def digest(key: bytes, text: str) -> str:
    """Return 64 hex digits that stand for a text under a key."""
    return hmac.digest(key, text.encode(), "sha256").hex()


def number_digest(key: bytes, employee_id: str) -> str:
    """Return what stands for an employee number."""
    return digest(key, f"employee_id {employee_id}")


def employee_ids(employee_id: str) -> tuple[str, str]:
    """Return the ids by which identity.sql looks an employee number up."""
    return _sha(f"employee {employee_id}"), _sha(f"folded {employee_id.lower()}")


def identifier_ids(keys: Iterable[str]) -> set[str]:
    """Return the ids that an HR row with these IFI keys lists in the lake."""
    found = list(keys)
    return {actor_id(key) for key in (*found, *filter(None, map(plain_key, found)))}


@dataclass(frozen=True, slots=True)
class Hiding:
    """What is kept of one anonymous person: digests under the tenant's key.

    ``number`` of the employee number, ``employee`` of its two ``employee_ids``, ``ids``
    of the identifiers' ids in the lake.
    """

    surrogate: str
    number: str
    employee: tuple[str, ...]
    ids: tuple[str, ...]


class Veil:
    """The anonymous people of one tenant; ``key`` is the tenant's."""

    def __init__(self, key: bytes, people: Iterable[Hiding]) -> None:
        self.key = key
        self.ifis: dict[str, str] = {}  # of hidden actors, while this process lives
        self.surrogates: set[str] = set()
        self._numbers: dict[str, str] = {}
        self._ids: dict[str, str] = {}  # digest: what stands for the id
        self._owners: dict[str, str] = {}  # digest of an employee's id: the surrogate
        for one in people:
            self.surrogates.add(one.surrogate)
            self._numbers[one.number] = one.surrogate
            self._ids.update((item, item) for item in one.ids)
            # identity.sql looks the surrogate up as it would any employee number.
            stands = employee_ids(one.surrogate)
            self._ids.update(zip(one.employee, stands, strict=True))
            self._owners.update(dict.fromkeys(one.employee, one.surrogate))
        self._accounts: frozenset[AccountRule] = frozenset()
        self._known: dict[str, bool] = {}
        self._people: dict[str, str | None] = {}

    def look_by(self, accounts: Iterable[AccountRule]) -> None:
        """Tell what is, or ever was, said of accounts of each homePage."""
        found = frozenset(accounts)
        if found != self._accounts:
            self._accounts = found
            self._known.clear()

    # -- employee numbers -----------------------------------------------------------

    def surrogate_of(self, employee_id: str) -> str | None:
        """Return who an employee number is now; None where it is nobody anonymous."""
        if employee_id in self.surrogates:
            return employee_id
        if len(self._people) > _REMEMBERED:
            self._people.clear()
        try:
            return self._people[employee_id]
        except KeyError:
            found = self._numbers.get(number_digest(self.key, employee_id))
            self._people[employee_id] = found
            return found

    # -- ids and IFIs ---------------------------------------------------------------

    def veiled(self, identifier: str) -> str:
        """Return what stands for an id of the lake; the id itself for most."""
        return self._ids.get(self.hidden_id(identifier), identifier)

    def owner(self, identifier: str) -> str | None:
        """Return whose number an id of ``employee_ids`` is."""
        return self._owners.get(self.hidden_id(identifier))

    def hidden_id(self, identifier: str) -> str:
        """Return what stands for an id that must not be known."""
        return digest(self.key, f"id {identifier}")

    def hides(self, key: str, sent: str | None = None) -> bool:
        """Tell whether an IFI key may lead to somebody anonymous.

        ``sent``: the id of its hash as it was sent (identity.keys.sent_id).
        """
        if key.startswith(f"{HIDDEN} "):
            return True
        known = self._known.get(key)
        if known is None:
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            known = any(map(self._is_theirs, looked_up_by(key, self._accounts)))
            self._known[key] = known
        return known or (sent is not None and self._is_theirs(sent))

    def id_of(self, key: str) -> str:
        """Return the id under which the lake knows the actor of an IFI key."""
        if key.startswith(f"{HIDDEN} "):
            return key.removeprefix(f"{HIDDEN} ")
        identifier = actor_id(key)
        return self.hidden_id(identifier) if self.hides(key) else identifier

    def sent_id(self, sent: str | None) -> str | None:
        """Return what stands for the hash as sent of a hidden actor, if anybody's."""
        found = None if sent is None else self.veiled(sent)
        return None if found == sent else found

    def listed(self, keys: Iterable[str]) -> set[str]:
        """Return the ids that an HR row lists, of somebody who is not anonymous.

        What may hide an actor without being an anonymous person's is listed both ways:
        the actor is looked up hidden, other actors by the id as it is.
        """
        ids: set[str] = set()
        for key in keys:
            plain = plain_key(key)
            ids.update(self.veiled(actor_id(one)) for one in (key, plain) if one)
            if self.hides(key):
                ids.add(self.hidden_id(actor_id(key)))
        return ids

    def _is_theirs(self, identifier: str) -> bool:
        return self.hidden_id(identifier) in self._ids


def looked_up_by(key: str, accounts: Iterable[AccountRule]) -> Iterator[str]:
    """Yield every id that identity.sql may look an actor up by, under any rules."""
    yield actor_id(key)
    kind, _, value = normalised(key).partition(" ")
    if kind == "mbox":
        yield from _of_address(value)
    elif kind == "account":
        page, _, name = value.partition(" ")
        names = {(name, "")}
        for rule in accounts:
            if rule.home_page == page:
                names.add((_bare(rule, name), rule.same_as))
        for bare, same_as in sorted(names):
            yield from employee_ids(bare)
            if same_as:
                yield actor_id(f"account {same_as} {bare}")
            if "@" in bare:
                yield from _of_address(f"mailto:{bare.lower()}")


def _bare(rule: AccountRule, name: str) -> str:
    """Return an account's name as identity.sql reads it by a rule."""
    parts = (name, rule.prefix, rule.suffix)
    cased, prefix, suffix = (part.lower() if rule.lower else part for part in parts)
    return cased.removeprefix(prefix).removesuffix(suffix)


def _of_address(mbox: str) -> Iterator[str]:
    hashed = hashlib.sha1(mbox.encode(), usedforsecurity=False).hexdigest()
    yield actor_id(f"mbox {mbox}")
    yield actor_id(f"mbox_sha1sum {hashed}")
    plain = (plain_key(f"mbox {mbox}") or f"plain {mbox}").removeprefix("plain ")
    yield actor_id(f"plain {plain}")
    yield actor_id(f"mbox {plain}")


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def rules_of(documents: Iterable[Mapping[str, object]]) -> set[AccountRule]:
    """Return what all versions of the rules (in decisions) say of accounts."""
    found: set[AccountRule] = set()
    for document in documents:
        if isinstance(rules := document.get("rules"), Mapping):
            found.update(Rules.of(rules).accounts)
    return found
