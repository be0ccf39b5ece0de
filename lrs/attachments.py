"""Attachments: the content that comes with Statements and goes out with them.

Spec: xAPI-Data 2.4.11, xAPI-Communication 1.5. Content streams past this floor: the
door hands it to the store piece by piece, in an upload of its own, before anything is
known of the Statement. What reaches preparation is a Content, which says what came. An
upload becomes the tenant's in the transaction that stores the Statement, or is removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lrs.xapi import text
from lrs.xapi.violations import Violation

_SECTION = "xapi-communication:1.5.2"


@dataclass(frozen=True, slots=True)
class Content:
    """The content of an attachment, as it came with a request and was stored.

    ``sha2`` is in lower case, ``length`` in octets, ``upload`` where the store has it;
    ``content_type`` is what the part's header said; ``hexadecimal`` says that there is
    nothing but hexadecimal digits in it. ``head`` holds the first octets of what is
    declared to be a signature, at most lrs.xapi.jws.LARGEST and one; else none.
    """

    sha2: str
    length: int
    upload: str
    content_type: str | None = None
    hexadecimal: bool = False
    head: bytes = b""


Contents = Mapping[str, Content]  # by sha2, in lower case


@dataclass(frozen=True, slots=True)
class Attached:
    """Stored content that goes out with a Statement, named as that declares it."""

    sha2: str
    content_type: str
    length: int
    upload: str


class Upload(Protocol):
    """Content on its way into the store; nobody can read it yet."""

    id: str

    def write(self, piece: bytes | memoryview) -> None:
        """Take the next octets; raises Unavailable when it has been given up."""
        ...

    def finish(self) -> None:
        """Return when all that was written will outlive a crash."""
        ...


class Uploads(Protocol):
    """What the door needs of the store for what comes in."""

    def begin(self, tenant: str) -> Upload:
        """Begin an upload; it is released, claimed, or an hour later cleaned away."""
        ...

    def release(self, uploads: Sequence[str]) -> None:
        """Remove those of these uploads that no Statement has claimed."""
        ...


class AttachmentReader(Protocol):
    """What retrieval and the door need of the store for what goes out."""

    def find(self, tenant: str, hashes: Sequence[str]) -> dict[str, tuple[str, int]]:
        """Return (upload, length in octets) of the tenant's content by its sha2."""
        ...

    def read(self, upload: str, length: int) -> Iterator[bytes]:
        """Yield the content in pieces; raises LrsError where it is not whole."""
        ...


def declared(statement: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the path and the object of every attachment of a Statement.

    Those of a SubStatement too. The Statement need not be valid: what is no object is
    left out.
    """
    if not isinstance(statement, dict):
        return
    yield from _listed(statement, "")
    target = statement.get("object")
    if isinstance(target, dict) and target.get("objectType") == "SubStatement":
        yield from _listed(target, "object.")


def _listed(
    holder: dict[str, Any], inside: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    attachments = holder.get("attachments")
    if isinstance(attachments, list):
        for at, item in enumerate(attachments):
            if isinstance(item, dict) and isinstance(item.get("sha2"), str):
                yield f"{inside}attachments[{at}]", item


def violations(statement: object, contents: Contents) -> list[Violation]:
    """Return where a Statement's attachments and the contents that came disagree."""
    found: list[Violation] = []
    for path, attachment in declared(statement):
        content = contents.get(attachment["sha2"].lower())
        if content is None:
            if "fileUrl" not in attachment:
                message = "Its content must come as a part, or it must have a fileUrl."
                found.append(Violation(path, _SECTION, message))
            continue
        if not _as_long(content, attachment.get("length")):
            message = "The content that came has another length."
            found.append(Violation(f"{path}.length", _SECTION, message))
        if not _agree(attachment.get("contentType"), content.content_type):
            message = "The part with the content has another Content-Type."
            found.append(Violation(f"{path}.contentType", _SECTION, message))
    return found


def _as_long(content: Content, length: object) -> bool:
    # Some senders write octets as hexadecimal digits, the ADL suite among them: the
    # hash is then of the digits, and the length that of what they stand for.
    return content.length == length or (
        content.hexadecimal and isinstance(length, int) and content.length == 2 * length
    )


def _agree(declared_type: object, sent: str | None) -> bool:
    """Compare media types without their parameters, as the spec's example needs it."""
    return sent is None or (
        isinstance(declared_type, str) and _bare(declared_type) == _bare(sent)
    )


def _bare(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def sent_with(statement: object, contents: Contents) -> tuple[Content, ...]:
    """Return the contents that a Statement declares, each once."""
    named = {item["sha2"].lower(): None for _, item in declared(statement)}
    return tuple(contents[sha2] for sha2 in named if sha2 in contents)


def attached(
    store: AttachmentReader, tenant: str, rows: Iterable[tuple[str, Sequence[str]]]
) -> tuple[Attached, ...]:
    """Return the contents that came with Statements, each once, in their order.

    ``rows`` are (text, hashes whose content came).
    """
    named: dict[str, dict[str, Any]] = {}
    for statement, hashes in rows:
        if hashes:
            for _, item in declared(text.parse(statement.encode())):
                if item["sha2"].lower() in hashes:
                    named.setdefault(item["sha2"].lower(), item)
    kept = store.find(tenant, list(named)) if named else {}
    return tuple(
        Attached(item["sha2"], item["contentType"], kept[sha2][1], kept[sha2][0])
        for sha2, item in named.items()
        if sha2 in kept
    )
