"""Signature: whether the signatures of a Statement are well formed, and what they say.

Spec: xAPI-Data 2.6; IEEE 9274.1.1 s23 to s25. In: a valid Statement and the bytes that
came for its attachments. Out: Violations, and a record of each signature's outcome to
keep beside the Statement.

The payload must be a valid Statement, equal to the one received. Where the header has
certificates (``x5c``), the first one's key must have made the signature; what is to be
said of their chain is recorded and refuses nothing. Without them nothing is verified.
An attachment of a SubStatement is no signature: what it would sign is not defined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lrs.xapi import certificates, jws, text
from lrs.xapi.certificate_chain import TrustedCertificates
from lrs.xapi.certificates import BadCertificate
from lrs.xapi.equality import equal
from lrs.xapi.jws import BadSignature, Jws
from lrs.xapi.statement import validate
from lrs.xapi.values import timestamp_us
from lrs.xapi.versions import Version
from lrs.xapi.violations import Violation

USAGE_TYPE = "http://adlnet.gov/expapi/attachments/signature"
CONTENT_TYPE = "application/octet-stream"
MOST_SIGNATURES = 8  # of one Statement
# Of all signatures of a request, one that many Statements share counted for each:
# ten thousand Statements could otherwise have the same megabyte read over and over.
MOST_OCTETS = 32 << 20

_SECTION = "xapi-data:2.6"


class Signatures:
    """Checks the signatures of the Statements of one request."""

    def __init__(
        self,
        version: Version,
        received: int,
        content_of: Callable[[str], bytes | None],
        trusted: TrustedCertificates,
    ) -> None:
        """Take what is the same for all Statements of the request.

        ``received`` is its time, microseconds since 1970. ``content_of`` gives what
        came with it under a hash (``sha2`` as the attachment has it), or None; of a
        content over ``jws.LARGEST`` octets one more than these is enough.
        """
        self._version = version
        self._received = received
        self._content_of = content_of
        self._trusted = trusted
        self._octets_left = MOST_OCTETS

    def check(
        self, statement: Mapping[str, Any]
    ) -> tuple[list[Violation], list[dict[str, Any]]]:
        """Check every signature of a valid Statement; raises nothing.

        Returns the Violations, at ``attachments[i]``, and the records of those that
        have none: ``sha2`` of the attachment; ``algorithm``; ``verified``, true or
        (without certificates) null; ``certificate`` of the signer, as
        ``certificates.describe`` has it, or null; ``chain``, a word of ``Outcome``,
        or null; ``reason``, in sentences; ``covers_attachments``, whether the
        Statement's other attachments were signed with it, which 2.6 leaves free.
        """
        found: list[Violation] = []
        records: list[dict[str, Any]] = []
        for at, attachment in enumerate(statement.get("attachments", ())):
            if not is_signature(attachment):
                continue
            wrong: list[str] = []
            if attachment["contentType"].lower() != CONTENT_TYPE:
                wrong.append(f"The contentType of a signature must be {CONTENT_TYPE}.")
            try:
                if len(records) == MOST_SIGNATURES:
                    raise BadSignature(
                        f"A Statement can have up to {MOST_SIGNATURES} signatures."
                    )
                records.append(self._checked(statement, attachment))
            except BadSignature as error:
                wrong.append(str(error))
            found += [Violation(f"attachments[{at}]", _SECTION, item) for item in wrong]
        return found, records

    def _checked(
        self, statement: Mapping[str, Any], attachment: Mapping[str, Any]
    ) -> dict[str, Any]:
        content = self._content_of(attachment["sha2"])
        if content is None:
            raise BadSignature(
                "The signature itself must come as a part of the request."
            )
        self._octets_left -= len(content)
        if self._octets_left < 0:
            raise BadSignature(
                f"The signatures of the request have together more than {MOST_OCTETS} "
                "octets, each counted for every Statement that has it."
            )
        signature = jws.read(content)
        payload = _payload(signature, statement, self._version)
        return {
            "sha2": attachment["sha2"].lower(),
            "algorithm": signature.algorithm,
            **self._verified(signature, statement),
            "covers_attachments": _others(payload) == _others(statement),
        }

    def _verified(self, signature: Jws, statement: Mapping[str, Any]) -> dict[str, Any]:
        """Verify with the first certificate and judge the chain, where there is one."""
        if signature.x5c is None:
            reason = "Nothing is verified: the header has no certificates (x5c)."
            return {
                "verified": None,
                "certificate": None,
                "chain": None,
                "reason": reason,
            }
        try:
            chain = certificates.read(signature.x5c)
        except BadCertificate as error:
            raise BadSignature(str(error)) from None
        if not signature.is_signed_by(chain.key):
            raise BadSignature(
                "The signature is not of this header and payload by the key of the "
                "first certificate of x5c."
            )
        timestamp = statement.get("timestamp")
        outcome = self._trusted.judge(
            chain,
            self._received,
            None if timestamp is None else timestamp_us(timestamp),
        )
        return {
            "verified": True,
            "certificate": chain.description,
            "chain": outcome.chain,
            "reason": outcome.reason,
        }


def is_signature(attachment: Mapping[str, Any]) -> bool:
    """Tell whether an attachment of a valid Statement is a signature."""
    return bool(attachment["usageType"] == USAGE_TYPE)


def _payload(
    signature: Jws, statement: Mapping[str, Any], version: Version
) -> Mapping[str, Any]:
    """Return the Statement that was signed, when it is the one received."""
    try:
        payload: Any = text.parse(signature.payload)
    except text.NotJson:
        raise BadSignature(
            "The payload is not JSON in UTF-8, or not such as Statements are taken in."
        ) from None
    broken = validate(payload, version)
    if broken:
        raise BadSignature(
            "The payload is not a valid Statement: at "
            f"{broken[0].path or 'the Statement itself'}: {broken[0].message}"
        )
    differing = _differing(payload, statement)
    if differing:
        raise BadSignature(
            "The payload is not the Statement that was received; they differ in: "
            f"{', '.join(differing)}."
        )
    return payload  # type: ignore[no-any-return]


def _differing(signed: Mapping[str, Any], sent: Mapping[str, Any]) -> list[str]:
    """Return the names of the properties in which two valid Statements differ.

    Equality ignores an ``id`` and ``timestamp`` that one side lacks. Where the signed
    one alone has them, the LRS would set others, and store what was not signed.
    """
    found = [
        name for name in ("id", "timestamp") if name in signed and name not in sent
    ]
    if equal(signed, sent):
        return found
    for name in sorted({*signed, *sent}):
        mixed = {key: value for key, value in sent.items() if key != name}
        if name in signed:
            mixed[name] = signed[name]
        if not equal(mixed, sent):
            found.append(name)
    return found


def _others(statement: Mapping[str, Any]) -> list[str]:
    """Return the hashes of the attachments that are no signatures."""
    return [
        item["sha2"].lower()
        for item in statement.get("attachments", ())
        if not is_signature(item)
    ]
