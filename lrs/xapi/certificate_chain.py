"""Certificate chain: whether the signer's certificate is to be believed.

Spec: xAPI-Data 2.6 (which leaves it open); RFC 7515 section 4.1.6, RFC 5280 section 6.
In: a Chain, when the Statement came and what time it claims. Out: a word and a reason:
the order, the signatures and the dates of the certificates, and whether a path leads to
one that the operator trusts. Nothing here refuses a Statement. Revocation is not
looked up, since that would let a stranger make the LRS call addresses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from lrs.xapi.certificates import (
    MOST_CERTIFICATES,
    UNREADABLE,
    Chain,
    has_bounded_key,
)
from lrs.xapi.jws import STRONG_KEY

OUTCOMES = (
    *("trusted", "untrusted", "self-signed"),
    *("weak", "expired", "not-yet-valid", "broken"),
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Finding = tuple[str, str]
_Line = list[x509.Certificate]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be said of a chain.

    ``chain`` is the gravest finding: ``broken`` (they do not certify each other in
    this order), ``expired``, ``not-yet-valid``, ``weak`` (a key under 2048 bits),
    ``self-signed``, ``untrusted``; or ``trusted``. ``reason`` has a sentence for each
    finding.
    """

    chain: str
    reason: str


class TrustedCertificates:
    """The trust anchors of the operator; without any no chain is trusted."""

    def __init__(self, pem: bytes | None = None) -> None:
        """Read the certificates of a PEM text; raises ValueError if there are none."""
        anchors = [] if pem is None else x509.load_pem_x509_certificates(pem)
        self._anchors = frozenset(anchors)
        self._store = Store(anchors) if anchors else None

    def judge(self, chain: Chain, received: int, timestamp: int | None) -> Outcome:
        """Return what is to be said of the chain; raises nothing.

        ``received`` and ``timestamp`` (of the Statement) are microseconds since 1970.
        The dates must hold when the Statement is received: its timestamp is no more
        than the signer's word.
        """
        try:
            found = list(self._findings(chain, received, timestamp))
        except UNREADABLE:
            found = [("broken", "A certificate has parts that cannot be read.")]
        return Outcome(found[0][0], " ".join(sentence for _, sentence in found))

    def _findings(
        self, chain: Chain, received: int, timestamp: int | None
    ) -> Iterator[_Finding]:
        line = [chain.signer, *(item for item in chain.issuers if item is not None)]
        if len(line) <= len(chain.issuers):
            yield "broken", "A certificate after the signer's cannot be read."
            return
        fault = _fault(line)
        if fault:
            yield "broken", fault
            return
        moment: int | None = received
        if not _valid(line, received):
            then = timestamp is not None and _valid(line, timestamp)
            moment = timestamp if then else None
            yield _outside(line, received, at_timestamp=then)
        if any(_is_weak(item) for item in line):
            yield "weak", f"An RSA key of the chain has less than {STRONG_KEY} bits."
        yield self._trust(line, moment)

    def _trust(self, line: _Line, moment: int | None) -> _Finding:
        if self._store is None:
            why = "No trusted certificates are set."
        elif moment is None:
            why = "A path to a trusted certificate is not looked for."
        elif len({item.subject for item in line}) < len(line):
            # The search follows names: these it would try in every order.
            why = "Certificates of the same name are not looked at for a path."
        elif line[0] in self._anchors or _has_path(self._store, line, moment):
            return "trusted", "The chain leads to a trusted certificate."
        else:
            why = "No path leads to a trusted certificate."
        if len(line) == 1 and _issued(line[0], line[0]):
            return "self-signed", f"The certificate signs itself. {why}"
        return "untrusted", why


def _has_path(store: Store, line: _Line, moment: int) -> bool:
    verifier = (
        PolicyBuilder()
        .store(store)
        .time(_EPOCH + timedelta(microseconds=moment))
        .max_chain_depth(MOST_CERTIFICATES)
        .extension_policies(ca_policy=_OF_ISSUERS, ee_policy=_OF_SIGNERS)
        .build_client_verifier()
    )
    try:
        verifier.verify(line[0], line[1:])
    except (*UNREADABLE, VerificationError):
        return False
    return True


def _is_weak(certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    return isinstance(key, RSAPublicKey) and key.key_size < STRONG_KEY


def _fault(line: _Line) -> str:
    """Return why these do not certify each other in this order, or nothing."""
    for at, item in enumerate(line, 1):
        if not has_bounded_key(item):
            return f"The key of certificate {at} is of no kind and size that is used."
    for at in range(1, len(line)):
        if not _issued(line[at - 1], line[at]):
            return (
                f"Certificate {at} is not issued by certificate {at + 1}, or is signed "
                "with an algorithm that is not accepted."
            )
    return ""


def _issued(child: x509.Certificate, parent: x509.Certificate) -> bool:
    try:
        child.verify_directly_issued_by(parent)
    except (*UNREADABLE, InvalidSignature):
        return False
    return True


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _valid(line: _Line, moment: int) -> bool:
    return all(
        _microseconds(item.not_valid_before_utc)
        <= moment
        <= _microseconds(item.not_valid_after_utc)
        for item in line
    )


def _outside(line: _Line, received: int, *, at_timestamp: bool) -> _Finding:
    at, item = next(
        (at, item) for at, item in enumerate(line, 1) if not _valid([item], received)
    )
    early = received < _microseconds(item.not_valid_before_utc)
    fault = "was not valid yet" if early else "had expired"
    then = "was valid" if at_timestamp else "was not valid either"
    return "not-yet-valid" if early else "expired", (
        f"Certificate {at} {fault} when the Statement was received; at the Statement's "
        f"timestamp, which is the signer's word, the chain {then}."
    )


def _may_issue(_: Policy, __: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError


def _may_sign(_: Policy, __: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        raise ValueError


# The library's rules are those of web servers. Of these, what the authorities of
# companies leave out is not demanded, and a signer needs no name of a host.
_ANY = Criticality.AGNOSTIC
_OF_ISSUERS = (
    ExtensionPolicy.webpki_defaults_ca()
    .may_be_present(x509.KeyUsage, _ANY, _may_issue)
    .may_be_present(x509.AuthorityKeyIdentifier, _ANY, None)
)
_OF_SIGNERS = (
    ExtensionPolicy.webpki_defaults_ee()
    .may_be_present(x509.KeyUsage, _ANY, _may_sign)
    .may_be_present(x509.AuthorityKeyIdentifier, _ANY, None)
    .may_be_present(x509.SubjectAlternativeName, _ANY, None)
    .may_be_present(x509.ExtendedKeyUsage, _ANY, None)
)
