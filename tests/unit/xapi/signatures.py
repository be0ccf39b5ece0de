"""What the tests of signatures ask again and again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from lrs.xapi.certificate_chain import TrustedCertificates
from lrs.xapi.signature import Signatures
from lrs.xapi.versions import Version
from tests.signing import NOW, an_attachment, with_signatures

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNTRUSTED = TrustedCertificates()


def judged(
    statement: dict[str, Any],
    *contents: bytes,
    version: Version = Version.V2_0_0,
    trusted: TrustedCertificates = UNTRUSTED,
    received: datetime = NOW,
) -> tuple[list[Any], list[dict[str, Any]]]:
    """Check a Statement to which these signatures are attached."""
    came = {an_attachment(content)["sha2"]: content for content in contents}
    microseconds = int((received - EPOCH).total_seconds()) * 1_000_000
    signatures = Signatures(version, microseconds, came.get, trusted)
    return signatures.check(with_signatures(statement, *contents))


def refusal(statement: dict[str, Any], content: bytes, **given: Any) -> str:
    """Return the one sentence with which a signature is refused."""
    found, records = judged(statement, content, **given)
    assert records == []
    [violation] = found
    assert violation.rule == "xapi-data:2.6"
    at = len(statement.get("attachments", []))
    assert violation.path == f"attachments[{at}]"
    return str(violation.message)


def record(statement: dict[str, Any], content: bytes, **given: Any) -> dict[str, Any]:
    """Return the record of a signature that is well formed."""
    found, records = judged(statement, content, **given)
    assert found == []
    [only] = records
    return only
