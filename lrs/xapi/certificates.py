"""Certificates: what the header of a signature carries in ``x5c``.

Spec: xAPI-Data 2.6; RFC 7515 section 4.1.6. In: the strings of ``x5c``. Out: the
signer's certificate and key, and the certificates that came with it; or BadCertificate,
where the signature cannot be verified with them. Number, size and keys are bounded, and
with them the work that a stranger can ask for. Nothing is ever fetched.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from lrs.xapi.jws import LARGEST_KEY, SMALLEST_KEY

# A leaf, three authorities and a cross-signed root: longer ones are not issued.
MOST_CERTIFICATES = 5
# What the library raises for a certificate, or a part of it, that it cannot read.
UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    x509.DuplicateExtension,
)

_LARGEST_CERTIFICATE = 16 << 10  # octets of DER; 1 to 3 KiB are usual
_LARGEST_EXPONENT = 1 << 32  # 65537 is usual; the work grows with its bits
_OTHER_KEYS = (
    ec.EllipticCurvePublicKey,
    ed25519.Ed25519PublicKey,
    ed448.Ed448PublicKey,
)


class BadCertificate(ValueError):
    """The signature cannot be verified with this ``x5c``; the message says why."""


@dataclass(frozen=True, slots=True)
class Chain:
    """The certificates of ``x5c``.

    ``description`` tells the signer's, as ``describe`` has it; ``issuers``
    are those after the signer's, in their order; None is one that cannot be read.
    """

    signer: x509.Certificate
    key: rsa.RSAPublicKey
    description: dict[str, str]
    issuers: tuple[x509.Certificate | None, ...]


def read(x5c: Sequence[str]) -> Chain:
    """Read the certificates; raises BadCertificate where the first is of no use."""
    if not 1 <= len(x5c) <= MOST_CERTIFICATES:
        raise BadCertificate(
            f"x5c has {len(x5c)} certificates; 1 to {MOST_CERTIFICATES} are taken."
        )
    signer, *issuers = [_decode(item, at) for at, item in enumerate(x5c, 1)]
    try:
        certificate = x509.load_der_x509_certificate(signer)
        key = certificate.public_key()
        description = describe(certificate)
    except UNREADABLE:
        raise BadCertificate(
            "Certificate 1 of x5c is not a readable X.509 certificate."
        ) from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise BadCertificate("Certificate 1 of x5c has no RSA key.")
    if not SMALLEST_KEY <= key.key_size <= LARGEST_KEY:
        raise BadCertificate(
            f"The key of certificate 1 of x5c has {key.key_size} bits; {SMALLEST_KEY} "
            f"to {LARGEST_KEY} are taken."
        )
    if not has_bounded_key(certificate):
        raise BadCertificate(
            "The public exponent of the key of certificate 1 of x5c is too large."
        )
    others = tuple(_loaded(item) for item in issuers)
    return Chain(certificate, key, description, others)


def describe(certificate: x509.Certificate) -> dict[str, str]:
    """Return what identifies a certificate.

    ``subject`` and ``issuer`` by RFC 4514, ``serial`` and ``sha256`` in hexadecimal
    digits, ``not_before`` and ``not_after`` by RFC 3339. Raises one of UNREADABLE.
    """
    return {
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial": f"{certificate.serial_number:x}",
        "sha256": certificate.fingerprint(hashes.SHA256()).hex(),
        "not_before": certificate.not_valid_before_utc.isoformat(),
        "not_after": certificate.not_valid_after_utc.isoformat(),
    }


def has_bounded_key(certificate: x509.Certificate) -> bool:
    """Tell whether to verify with its key costs little time; raises UNREADABLE."""
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return isinstance(key, _OTHER_KEYS)
    small = key.key_size <= LARGEST_KEY
    return small and key.public_numbers().e <= _LARGEST_EXPONENT


def _decode(text: str, at: int) -> bytes:
    if len(text) > _LARGEST_CERTIFICATE * 4 // 3:
        raise BadCertificate(f"Certificate {at} of x5c is larger than 16 KiB.")
    try:
        der = base64.b64decode(text, validate=True)
    except ValueError:
        der = b""
    if not der or base64.b64encode(der).decode() != text:
        raise BadCertificate(
            f"Certificate {at} of x5c is not base64 (RFC 4648 section 4, no breaks)."
        )
    return der


def _loaded(der: bytes) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(der)
    except UNREADABLE:
        return None
