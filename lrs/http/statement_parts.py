"""The parts of a request with Statements, judged while they come in (1.5.2).

In: headers and octets of one part after the other. Out: the Statements of the first,
and a Content for each further one; its octets go to the store at once. What no
attachment of the Statements asks for is refused before any of it is stored.
"""

from __future__ import annotations

import hashlib
import io
import itertools
from dataclasses import dataclass

from werkzeug.http import parse_options_header

from lrs import records
from lrs.attachments import Content, Upload, Uploads, declared
from lrs.errors import BadRequest, InvalidStatement, TooLarge
from lrs.xapi import faults, jws, known_parts, signature, text
from lrs.xapi.text import Received
from lrs.xapi.values import is_media_type, is_sha2

MOST_CONTENTS = 1000  # of one request: each is a transaction of its own
# Commas in a body; with fewer its elements are few enough to be held. A real batch of
# the largest size has fewer: looking at each of its brackets would take a second.
_MANY = 1_000_000
_HASH = "x-experience-api-hash"
_ENCODING = "content-transfer-encoding"
_UNENCODED = ("binary", "8bit", "7bit")
# Octets of broken JSON in which the place is looked for: that is a slow reading.
_SHOWN_PLACE = 1 << 20
_HEXADECIMAL = b"0123456789abcdefABCDEF"
_ALGORITHMS = {56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_UTF8 = ("utf-8", "utf8", "us-ascii", "ascii")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request may bring: bytes, Statements, bytes of attachments."""

    json_bytes: int
    statements: int
    attachment_bytes: int


def statements_of(body: bytes, limits: Limits) -> tuple[list[Received], bool]:
    """Return the Statements of JSON text, and whether it is an array of them.

    Raises InvalidStatement for what is not JSON, TooLarge for too many.
    """
    if body.count(b",") > _MANY and _has_more(body, limits.statements):
        raise _too_many(limits.statements)
    try:
        return text.split(body, limits.statements, known_parts.MEMORY)
    except text.TooMany:
        raise _too_many(limits.statements) from None
    except text.NotJson as error:
        found = error.violation
        if len(body) <= _SHOWN_PLACE:
            found = faults.located(body, error)
        raise InvalidStatement(str(error), violations=[found]) from None


def _too_many(most: int) -> TooLarge:
    return TooLarge(
        f"At most {most} Statements are taken at once (LRS_MAX_STATEMENTS)."
    )


def _has_more(body: bytes, most: int) -> bool:
    """Tell whether an array has more elements, before each of them takes memory."""
    try:
        elements = records.array(io.BytesIO(body))
        return sum(1 for _ in itertools.islice(elements, most + 1)) > most
    except records.Unreadable:
        return False  # what is wrong is said where it is parsed


def require_json(content_type: str | None, what: str, other: str = "") -> None:
    """Raise BadRequest for what is not application/json in UTF-8."""
    kind, parameters = parse_options_header(content_type or "")
    if kind.lower() != "application/json":
        raise BadRequest(f"{what} must be application/json{other}.")
    if parameters.get("charset", "utf-8").lower() not in _UTF8:
        raise BadRequest(f"{what} names a charset; JSON is UTF-8.")


class Incoming:
    """The parts of one request, as they come; a PartSink."""

    def __init__(self, uploads: Uploads, tenant: str, limits: Limits) -> None:
        self.statements: list[Received] = []
        self.batch = False
        self.contents: dict[str, Content] = {}
        self.uploads: list[str] = []
        self._store = uploads
        self._tenant = tenant
        self._limits = limits
        self._json = io.BytesIO()
        self._declared: dict[str, bool] = {}  # sha2: whether it is a signature's
        self._octets = self._signatures = 0
        self._part: _Part | None = None

    def begin(self, number: int, headers: dict[str, str]) -> None:
        """Begin a part: the Statements, then content."""
        if number == 1:
            require_json(headers.get("content-type"), "The Content-Type of part 1")
            if headers.get(_ENCODING, "binary").lower() not in _UNENCODED:
                raise BadRequest("Part 1 must not have a Content-Transfer-Encoding.")
            return
        sha2 = self._sha2_of(number, headers)
        upload = self._store.begin(self._tenant)
        self.uploads.append(upload.id)
        self._part = _Part(
            number, sha2, headers, upload, is_signature=self._declared[sha2]
        )

    def _sha2_of(self, number: int, headers: dict[str, str]) -> str:
        """Return the hash of content that is wanted, or raise BadRequest."""
        sha2 = headers.get(_HASH, "").lower()
        wrong = ""
        if not sha2:
            wrong = "has no header X-Experience-API-Hash"
        elif not is_sha2(sha2):
            wrong = "has an X-Experience-API-Hash that is no SHA-2 in hexadecimal"
        elif sha2 not in self._declared:
            wrong = "has content that no attachment of these Statements declares"
        elif sha2 in self.contents:
            wrong = "has the content of another part once more"
        elif headers.get(_ENCODING, "binary").lower() != "binary":
            wrong = "must have the Content-Transfer-Encoding binary"
        elif not is_media_type(headers.get("content-type", "a/b")):
            wrong = "has a Content-Type that is no media type"
        if wrong:
            raise BadRequest(f"Part {number} of the body {wrong}.")
        if len(self.contents) == MOST_CONTENTS:
            raise TooLarge(
                f"At most {MOST_CONTENTS} attachments are taken in one request."
            )
        return sha2

    def write(self, piece: memoryview) -> None:
        """Take octets of the part at hand."""
        if self._part is None:
            if self._json.tell() + len(piece) > self._limits.json_bytes:
                raise TooLarge(
                    f"The part with the Statements has more than "
                    f"{self._limits.json_bytes} bytes (LRS_MAX_REQUEST_BYTES)."
                )
            self._json.write(piece)
            return
        self._octets += len(piece)
        if self._octets > self._limits.attachment_bytes:
            raise TooLarge(
                "The attachments of a request may have together "
                f"{self._limits.attachment_bytes} bytes (LRS_MAX_ATTACHMENT_BYTES)."
            )
        self._part.write(piece)

    def end(self) -> None:
        """End the part at hand; raises BadRequest for content of another hash."""
        if self._part is None:
            self.statements, self.batch = statements_of(
                self._json.getvalue(), self._limits
            )
            self._json = io.BytesIO()
            for item in self.statements:
                for _, attachment in declared(item.value):
                    sha2 = attachment["sha2"].lower()
                    signs = attachment.get("usageType") == signature.USAGE_TYPE
                    self._declared[sha2] = self._declared.get(sha2, False) or signs
            return
        content = self._part.received()
        self.contents[content.sha2] = content
        self._signatures += len(content.head)
        if self._signatures > signature.MOST_OCTETS:
            raise TooLarge(
                "The signatures of a request may have together "
                f"{signature.MOST_OCTETS} bytes."
            )


class _Part:
    """Content that is coming in."""

    def __init__(
        self,
        number: int,
        sha2: str,
        headers: dict[str, str],
        upload: Upload,
        *,
        is_signature: bool,
    ) -> None:
        self._number = number
        self._sha2 = sha2
        self._headers = headers
        self._upload = upload
        self._hash = hashlib.new(_ALGORITHMS[len(sha2)])
        self._length = 0
        self._hexadecimal = True
        self._head = bytearray()
        self._head_octets = jws.LARGEST + 1 if is_signature else 0

    def write(self, piece: memoryview) -> None:
        """Hash octets and pass them on."""
        self._hash.update(piece)
        self._length += len(piece)
        if self._hexadecimal:  # seldom for more than one piece
            self._hexadecimal = not bytes(piece).translate(None, _HEXADECIMAL)
        self._head += piece[: self._head_octets - len(self._head)]
        self._upload.write(piece)

    def received(self) -> Content:
        """Return what came, all of it stored; raises BadRequest where it is not it."""
        if self._hash.hexdigest() != self._sha2:
            raise BadRequest(
                f"Part {self._number} of the body is not the content that its "
                "X-Experience-API-Hash says."
            )
        told = self._headers.get("content-length")
        if told is not None and told.lstrip("0") != str(self._length).lstrip("0"):
            raise BadRequest(
                f"Part {self._number} of the body has another length than its header "
                "Content-Length says."
            )
        self._upload.finish()
        return Content(
            self._sha2,
            self._length,
            self._upload.id,
            self._headers.get("content-type"),
            self._hexadecimal,
            bytes(self._head),
        )
