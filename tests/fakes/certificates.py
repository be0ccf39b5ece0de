"""Certificates for fakes: an authority of their own, a server's, a client's."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PASSPHRASE = "open-sesame-7"


@dataclass(frozen=True)
class Certificates:
    """PEM files: who signs, and what the server and a client show."""

    authority: Path
    server: tuple[Path, Path]
    client: tuple[Path, Path]  # its key needs PASSPHRASE


def certificates(folder: Path) -> Certificates:
    """Make all of them in a folder."""
    signer = ec.generate_private_key(ec.SECP256R1())
    authority = folder / "ca.pem"
    authority.write_bytes(_pem(_certificate("Tests", signer, signer, "Tests", True)))
    return Certificates(
        authority,
        _pair(folder, "server", signer, b""),
        _pair(folder, "client", signer, PASSPHRASE.encode()),
    )


def _pair(
    folder: Path, name: str, signer: ec.EllipticCurvePrivateKey, passphrase: bytes
) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate, held = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(_pem(_certificate(name, key, signer, "Tests", False)))
    how: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        how = serialization.BestAvailableEncryption(passphrase)
    held.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how
        )
    )
    held.chmod(0o600)
    return certificate, held


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    issuer: str,
    is_authority: bool,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            critical=False,
        )
        .sign(signer, hashes.SHA256())
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
