"""Tests of lrs.xapi.certificates: what x5c must be for a signature to be verified."""

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from lrs.xapi.certificates import MOST_CERTIFICATES, BadCertificate, describe, read
from tests.signing import a_certificate, a_chain, a_key, a_public_key, pem, x5c

SIGNER, AUTHORITY, ROOT = a_chain()


def said_of(given_x5c):
    with pytest.raises(BadCertificate) as refused:
        read(given_x5c)
    return str(refused.value)


def test_the_first_certificate_is_the_signers():
    chain = read(x5c(SIGNER, AUTHORITY, ROOT))
    assert chain.signer == SIGNER
    assert chain.key == a_key("signer").public_key()
    assert chain.issuers == (AUTHORITY, ROOT)


def test_what_identifies_a_certificate_is_text():
    found = describe(SIGNER)
    assert found["subject"] == "CN=signer"
    assert int(found["serial"], 16) == SIGNER.serial_number
    assert all(isinstance(value, str) for value in found.values())


def test_the_number_of_certificates_is_limited():
    assert "has 0 certificates" in said_of([])
    assert len(read(x5c(*[SIGNER] * MOST_CERTIFICATES)).issuers) == 4
    assert "has 6 certificates" in said_of(x5c(*[SIGNER] * (MOST_CERTIFICATES + 1)))


def test_a_large_certificate_is_refused_wherever_it_stands():
    large = base64.b64encode(b"0" * (17 << 10)).decode()
    assert "Certificate 1 of x5c is larger" in said_of([large])
    assert "Certificate 2 of x5c is larger" in said_of([*x5c(SIGNER), large])


_WHOLE = x5c(SIGNER)[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no base64!",
        "é",
        _WHOLE + "=",
        _WHOLE + "\n",
        " " + _WHOLE,
        _WHOLE[:64] + "\n" + _WHOLE[64:],
        base64.urlsafe_b64encode(b"\xff\xff\xff").decode(),
        "AB==",
        pem(SIGNER).decode(),
    ],
)
def test_certificates_are_canonical_base64(text):
    assert "is not base64" in said_of([text])
    assert "Certificate 2 of x5c is not base64" in said_of([_WHOLE, text])


@pytest.mark.parametrize("cut", [1, 10, 100, 400])
def test_a_first_certificate_that_cannot_be_read_is_refused(cut):
    der = SIGNER.public_bytes(serialization.Encoding.DER)
    for wrong in (der[:-cut], der + b"\0" * cut, der[cut:]):
        assert "readable" in said_of([base64.b64encode(wrong).decode()])


def test_a_certificate_of_an_unknown_version_is_not_readable():
    der = SIGNER.public_bytes(serialization.Encoding.DER)
    other = der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07", 1)
    assert other != der
    assert "readable" in said_of([base64.b64encode(other).decode()])
    later = read([*x5c(SIGNER), base64.b64encode(other).decode()])
    assert later.issuers == (None,)


def test_a_key_that_is_not_rsa_is_refused():
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    assert "no RSA key" in said_of(x5c(a_certificate("signer", "root", key=key)))


@pytest.mark.parametrize("bits", [1016, 8200, 16384])
def test_keys_too_small_or_too_large_are_refused(bits):
    wrong = a_certificate("signer", "root", key=a_public_key(bits))
    said = said_of(x5c(wrong))
    assert f"has {bits} bits; 1024 to 8192 are taken" in said


@pytest.mark.parametrize("bits", [1024, 2048, 4096, 8192])
def test_keys_between_are_taken(bits):
    key = a_public_key(bits)
    assert read(x5c(a_certificate("signer", "root", key=key))).key == key


def test_a_huge_public_exponent_is_refused():
    for exponent in ((1 << 32) + 1, (1 << 2000) + 1):
        wrong = a_certificate("signer", "root", key=a_public_key(2048, exponent))
        assert "exponent" in said_of(x5c(wrong))


@pytest.mark.filterwarnings("ignore")  # of serial numbers below zero and the like
@given(st.data())
def test_no_octets_make_it_fail_in_another_way(data):
    der = bytearray(SIGNER.public_bytes(serialization.Encoding.DER))
    for _ in range(data.draw(st.integers(1, 3))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    try:
        chain = read([base64.b64encode(der).decode()])
    except BadCertificate:
        return
    assert describe(chain.signer) == chain.description
