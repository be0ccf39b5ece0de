"""JWS: a JSON Web Signature in compact serialization, read by what xAPI allows.

Spec: xAPI-Data 2.6; IEEE 9274.1.1 s13; RFC 7515, 7518 section 3.3, 7797. In: the octets
of a signature. Out: its header, its payload and whether a key made it; or BadSignature
with a sentence. Only RSA with SHA-2 (PKCS #1 v1.5) is known here, and the only key ever
used is the one given: a header that names or brings another is not listened to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.util import urlsafe_b64decode

from lrs.xapi import text

ALGORITHMS = ("RS256", "RS384", "RS512")
LARGEST = 1 << 20  # octets of a JWS
# Bits of an RSA modulus. The example of xAPI-Data appendix D has 1024 bits, so they are
# taken; RFC 7518 section 3.3 asks for 2048, so that less is never called trusted.
SMALLEST_KEY, STRONG_KEY, LARGEST_KEY = 1024, 2048, 8192
_LONGEST_HEADER = 128 << 10  # characters of base64url; a chain of certificates fits


class BadSignature(ValueError):
    """A JWS that is malformed, or not signed as xAPI demands; the message says how."""


class _Registry(jws.JWSRegistry):
    """The library's rules, with room for Statements and certificates."""

    max_header_length = _LONGEST_HEADER
    max_payload_length = LARGEST
    max_signature_length = LARGEST_KEY // 8 * 4 // 3 + 1


# Header parameters that nobody knows are ignored, as RFC 7515 section 4 demands.
_REGISTRY = _Registry(algorithms=ALGORITHMS, strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Jws:
    """A well-formed JWS; ``x5c`` is None where the header has no certificates."""

    algorithm: str
    x5c: list[str] | None
    payload: bytes
    _signed: jws.CompactSignature

    def is_signed_by(self, key: RSAPublicKey) -> bool:
        """Tell whether this key made the signature."""
        # Made directly: import_key would warn of short keys, taken here on purpose.
        return jws.validate_compact(self._signed, RSAKey(key, key), registry=_REGISTRY)


def read(content: bytes) -> Jws:
    """Read a JWS; raises BadSignature."""
    parts = _parts(content)
    header = _header(parts[0])
    try:
        signed = jws.extract_compact(content, registry=_REGISTRY)
        _REGISTRY.check_header(header)
    except JoseError:
        raise BadSignature(
            "A parameter of the header is not of the kind that RFC 7515 demands."
        ) from None
    return Jws(header["alg"], header.get("x5c"), signed.payload, signed)


def _parts(content: bytes) -> list[bytes]:
    """Return the three parts, still encoded but known to be canonical base64url."""
    if len(content) > LARGEST:
        raise BadSignature(f"A signature of more than {LARGEST} octets is not taken.")
    if content.count(b".") != 2:
        raise BadSignature(
            "This must be a JSON Web Signature in compact serialization: three parts "
            "of base64url, with a dot between them."
        )
    parts = content.split(b".")
    if len(parts[0]) > _LONGEST_HEADER:
        raise BadSignature(f"The header has more than {_LONGEST_HEADER} characters.")
    for name, part in zip(("header", "payload", "signature"), parts, strict=True):
        try:
            octets = len(urlsafe_b64decode(part))
        except ValueError:
            raise BadSignature(
                f"The {name} is not base64url as RFC 7515 section 2 has it."
            ) from None
    if not SMALLEST_KEY <= octets * 8 <= LARGEST_KEY:
        raise BadSignature(
            f"The signature has {octets * 8} bits; RSA keys of {SMALLEST_KEY} to "
            f"{LARGEST_KEY} bits are taken."
        )
    return parts


def _header(part: bytes) -> dict[str, Any]:
    try:
        header = text.parse(urlsafe_b64decode(part))
    except text.NotJson:
        header = None
    if not isinstance(header, dict):
        raise BadSignature("The header is not a JSON object, each key standing once.")
    if header.get("alg") not in ALGORITHMS:
        raise BadSignature(f"The header's alg must be one of: {', '.join(ALGORITHMS)}.")
    if "crit" in header or header.get("b64", True) is not True:
        raise BadSignature("The header must not ask for extensions (crit, b64).")
    return header
