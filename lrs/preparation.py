"""Preparation: a received Statement is judged and made ready for the store.

In: a Principal, the Statements of one request and its version. Out: a NewStatement for
each, with its keys and the properties that the LRS sets; or InvalidStatements, with
every violation of every one of them. Nothing here reads or writes the database.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import orjson

from lrs import attachments
from lrs.access import Principal, Scope
from lrs.attachments import Content, Contents
from lrs.errors import InvalidStatement
from lrs.xapi import definition
from lrs.xapi.certificate_chain import TrustedCertificates
from lrs.xapi.completion import complete, is_as_it_will_be
from lrs.xapi.keys import Keys, extract, ifi_key
from lrs.xapi.known_parts import Judged, judge
from lrs.xapi.signature import Signatures
from lrs.xapi.statement import validate
from lrs.xapi.text import Received
from lrs.xapi.values import isoformat
from lrs.xapi.versions import Version
from lrs.xapi.violations import Violation

# Violations in one request; with so many the rest of a batch is not looked at.
_ENOUGH = 10_000


class NewStatement(msgspec.Struct, frozen=True):
    """A valid Statement on its way into the store.

    ``digest`` is the SHA-256 of the text received; ``properties`` are the JSON texts of
    what the LRS sets but ``stored``; ``contents`` came with the request for its
    attachments; ``signatures`` is the record of each signature, as lrs.xapi.signature
    has it; ``cmi5`` are the rules of cmi5 that it breaks and is stored all the same;
    ``definitions`` are those of Activities that its sender may define, by id; ``end``
    is what ends its text but for the moment, where nothing else is to be done to it;
    ``stub`` says that a void already holds its place.
    """

    statement_id: str
    received: Received
    keys: Keys
    digest: bytes
    properties: Mapping[str, str]
    authority: str
    former: Mapping[str, Any] | None = None
    contents: tuple[Content, ...] = ()
    signatures: tuple[Mapping[str, Any], ...] = ()
    cmi5: tuple[Violation, ...] = ()
    definitions: Mapping[str, tuple[bytes, ...]] = {}
    end: str | None = None
    stub: bool = False

    def text(self, stored: int) -> str:
        """Return its text with all that the LRS sets, ``stored`` in microseconds."""
        moment = isoformat(stored)
        if self.end is not None:
            return f'{self.received.text[:-1]}{self.end}{moment}"}}'
        properties = {**self.properties, "stored": f'"{moment}"'}
        if "timestamp" not in self.received.value:
            properties["timestamp"] = f'"{moment}"'
        return complete(self.received, properties)


class InvalidStatements(InvalidStatement):
    """Statements of the batch break rules; ``broken`` by their position in it."""

    def __init__(
        self, broken: Mapping[int, Sequence[Violation]], of: int, *, judged: int
    ) -> None:
        self.broken = broken
        least = "At least " if judged < of else ""
        super().__init__(
            f"{least}{len(broken)} of {of} Statements break the rules; "
            "nothing is stored.",
            violations=[
                located(item, f"[{at}]" if of > 1 else "")
                for at, found in broken.items()
                for item in found
            ],
        )


def prepare(
    principal: Principal,
    received: Sequence[Received],
    version: Version,
    *,
    keep_former: bool = False,
    contents: Contents | None = None,
    trusted: TrustedCertificates,
) -> list[NewStatement]:
    """Check every Statement and take its keys; raises InvalidStatements.

    ``contents`` are what came for attachments; None (an import) asks for none, and
    leaves signatures unchecked. ``trusted`` are the ends of their chains.
    """
    judged = _judged(received, version, contents)
    broken: dict[int, list[Violation]] = {}
    violations = 0
    signed: dict[int, list[dict[str, Any]]] = {}
    signatures = Signatures(
        version, time.time_ns() // 1000, _heads(contents or {}), trusted
    )
    for at, item in enumerate(received):
        if judged[at] is not None:
            continue
        found = validate(item.value, version)
        if contents is not None:
            if not found and "attachments" in item.value:
                found, signed[at] = signatures.check(item.value)
            if found or contents or _may_have_attachments(item.value):
                found += attachments.violations(item.value, contents)
        if found:
            broken[at] = found
            violations += len(found)
            if violations >= _ENOUGH:
                break
    if broken:
        raise InvalidStatements(broken, len(received), judged=at + 1)
    authority = orjson.dumps(principal.authority).decode()
    key = ifi_key(principal.authority) or principal.key
    properties = {"authority": authority}
    spoken = '"2.0.0"' if version is Version.V2_0_0 else '"1.0.0"'
    unversioned = {**properties, "version": spoken}
    ends = [_end(properties), _end(unversioned)]
    defines = principal.may(Scope.DEFINE)
    made = []
    for at, item in enumerate(received):
        known = judged[at] or _taken(item, defines)
        given = properties if known.has_version else unversioned
        statement_id = known.statement_id
        if statement_id is None:
            statement_id = str(uuid.uuid4())
            given = {**given, "id": f'"{statement_id}"'}
        made.append(
            NewStatement(
                statement_id,
                item,
                known.keys,
                hashlib.sha256(item.text.encode()).digest(),
                given,
                key,
                _former(item) if keep_former else None,
                attachments.sent_with(item.value, contents) if contents else (),
                tuple(signed[at]) if at in signed else (),
                definitions=known.definitions if defines else {},
                end=ends[not known.has_version] if known.is_plain else None,
            )
        )
    return made


def _judged(
    received: Sequence[Received], version: Version, contents: Contents | None
) -> list[Judged | None]:
    """Return what the familiar ones come to; content that came has to be looked for."""
    if contents:
        return [None] * len(received)
    return [
        judge(item.pieces, version) if item.pieces is not None else None
        for item in received
    ]


def _taken(item: Received, defines: bool) -> Judged:
    """Return what a valid Statement comes to."""
    statement = item.value
    return Judged(
        statement.get("id"),
        extract(statement),
        definition.defined(item.text) if defines else {},
        has_version="version" in statement,
        is_plain=_is_plain(item),
    )


# What the LRS may have to set; where all others are there, no text is looked into.
_SET = ("authority", "stored")


def _is_plain(item: Received) -> bool:
    value = item.value
    return "id" in value and "timestamp" in value and is_as_it_will_be(item, _SET)


def _end(properties: Mapping[str, str]) -> str:
    """Return the end of a text to which these are added, and ``stored``."""
    return "".join(f',"{name}":{value}' for name, value in properties.items()) + (
        ',"stored":"'
    )


def _former(item: Received) -> dict[str, str] | None:
    """Return the texts of what another LRS had set, None where nothing was."""
    if item.pieces is not None:
        return None
    kept = {name: item.value.get(name) for name in ("stored", "authority")}
    former = {
        name: orjson.dumps(value).decode() for name, value in kept.items() if value
    }
    return former or None


def _may_have_attachments(statement: Mapping[str, Any]) -> bool:
    """Tell, of a valid Statement."""
    return (
        "attachments" in statement
        or statement["object"].get("objectType") == "SubStatement"
    )


def located(violation: Violation, prefix: str) -> Violation:
    """Return the violation with its place in the batch."""
    dot = "." if prefix and violation.path and violation.path[0] != "[" else ""
    return replace(violation, path=f"{prefix}{dot}{violation.path}")


def _heads(contents: Contents) -> Callable[[str], bytes | None]:
    """Return what gives the octets of a signature that came."""

    def head(sha2: str) -> bytes | None:
        content = contents.get(sha2.lower())
        return content.head if content else None

    return head
