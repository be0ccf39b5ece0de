"""Keys, certificates and signatures for tests: made here, apart from what reads them.

A key is made once in a run and known by its name. JWS are put together by hand, so that
a test can get every part of one wrong.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

SIGNATURE = "http://adlnet.gov/expapi/attachments/signature"
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
HASHES = {
    "RS256": hashes.SHA256(),
    "RS384": hashes.SHA384(),
    "RS512": hashes.SHA512(),
}


@functools.cache
def a_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return the RSA key of that name."""
    return rsa.generate_private_key(65537, bits)


def a_public_key(bits: int, exponent: int = 65537) -> rsa.RSAPublicKey:
    """Return an RSA key to which no private one is known, so at no cost."""
    return rsa.RSAPublicNumbers(exponent, (1 << (bits - 1)) + 1).public_key()


def a_certificate(
    subject: str,
    issuer: str | None = None,
    *,
    ca: bool = False,
    key: Any = None,
    before: datetime = NOW - DAY,
    after: datetime = NOW + DAY,
    signed_by: Any = None,
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
) -> x509.Certificate:
    """Return a certificate; without an issuer it signs itself."""
    issuer = issuer or subject
    public = key or a_key(subject).public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(before)
        .not_valid_after(after)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(signed_by or a_key(issuer), hashes.SHA256())


def usage(**allowed: bool) -> x509.KeyUsage:
    """Return the extension that says what a key may be used for."""
    names = (
        *("digital_signature", "content_commitment", "key_encipherment"),
        *("data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"),
        *("encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{name: allowed.get(name, False) for name in names})


@functools.cache
def a_chain() -> tuple[x509.Certificate, ...]:
    """Return a signer, its authority and the root, all in good order."""
    return (
        a_certificate("signer", "authority"),
        a_certificate("authority", "root", ca=True),
        a_certificate("root", ca=True),
    )


def pem(*certificates: x509.Certificate) -> bytes:
    """Return the text of a file of trusted certificates."""
    encoding = serialization.Encoding.PEM
    return b"".join(item.public_bytes(encoding) for item in certificates)


def x5c(*certificates: x509.Certificate) -> list[str]:
    """Return certificates as the header has them."""
    encoding = serialization.Encoding.DER
    return [
        base64.b64encode(item.public_bytes(encoding)).decode() for item in certificates
    ]


def encoded(raw: bytes) -> bytes:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def a_jws(
    payload: Any,
    *,
    key: rsa.RSAPrivateKey | None = None,
    certificates: Sequence[x509.Certificate] = (),
    signature: bytes | None = None,
    raw_header: bytes | None = None,
    **header: Any,
) -> bytes:
    """Return a JWS of a payload (bytes, or what is to be JSON) by the signer's key.

    ``header`` adds parameters to ``alg`` (RS256) and the ``x5c`` of the certificates.
    """
    whole = {"alg": "RS256"} | ({"x5c": x5c(*certificates)} if certificates else {})
    whole |= header
    first = encoded(raw_header or json.dumps(whole).encode())
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    signed = first + b"." + encoded(body)
    if signature is None:
        digest = HASHES.get(whole["alg"], hashes.SHA256())
        signature = (key or a_key("signer")).sign(signed, padding.PKCS1v15(), digest)
    return signed + b"." + encoded(signature)


def an_attachment(content: bytes, **changes: Any) -> dict[str, Any]:
    """Return the attachment object of a signature."""
    return {
        "usageType": SIGNATURE,
        "display": {"en": "Signature"},
        "contentType": "application/octet-stream",
        "length": len(content),
        "sha2": hashlib.sha256(content).hexdigest(),
        **changes,
    }


def with_signatures(statement: dict[str, Any], *contents: bytes) -> dict[str, Any]:
    """Return the Statement with these signatures after its other attachments."""
    others = statement.get("attachments", [])
    return statement | {"attachments": [*others, *map(an_attachment, contents)]}


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
