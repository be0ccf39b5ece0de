"""Tests of lrs.xapi.jws: forms of a JWS that are refused, and none of them slowly.

Spec: xAPI-Data 2.6; IEEE 9274.1.1 s13; RFC 7515, 7518, 7797.
"""

import base64
import hmac
import json
import tracemalloc

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from hypothesis import given
from hypothesis import strategies as st

from lrs.xapi import jws
from lrs.xapi.jws import LARGEST, BadSignature, read
from tests.signing import a_certificate, a_jws, a_key, encoded, pem

from .samples import ID, a_statement
from .signatures import record, refusal

SIGNED = a_statement(id=ID)
GOOD = a_jws(SIGNED)
SIGNER = (a_certificate("signer"),)


def said_of(content):
    with pytest.raises(BadSignature) as refused:
        read(content)
    return str(refused.value)


def test_a_jws_is_read():
    found = read(GOOD)
    assert found.algorithm == "RS256"
    assert found.x5c is None
    assert json.loads(found.payload) == SIGNED
    assert found.is_signed_by(a_key("signer").public_key())
    assert not found.is_signed_by(a_key("somebody else").public_key())


@pytest.mark.parametrize("alg", ["RS256", "RS384", "RS512"])
@pytest.mark.parametrize("bits", [1024, 2048, 3072])
def test_keys_of_usual_sizes_are_taken(bits, alg):
    key = a_key("signer", bits)
    assert read(a_jws(SIGNED, key=key, alg=alg)).is_signed_by(key.public_key())


@pytest.mark.parametrize(
    "alg",
    [
        *("none", "None", "NONE", "", "HS256", "HS384", "HS512"),
        *("ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA", "RS1"),
        *("rs256", "RS256 ", "RSA-OAEP", None, 256, ["RS256"], {"RS256": 1}, True),
    ],
)
def test_algorithms_other_than_rsa_with_sha_2_are_refused(alg):
    header = json.dumps({"alg": alg}).encode()
    assert "alg must be one of" in said_of(a_jws(SIGNED, raw_header=header))


def test_a_header_without_algorithm_is_refused():
    assert "alg must be one of" in said_of(a_jws(SIGNED, raw_header=b"{}"))


def test_the_public_key_is_no_secret_for_hmac():
    secrets = [
        pem(*SIGNER),
        SIGNER[0].public_bytes(serialization.Encoding.DER),
        a_key("signer")
        .public_key()
        .public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
    ]
    for secret in secrets:
        made = a_jws(SIGNED, certificates=SIGNER, alg="HS256", signature=b"")
        made = made.rpartition(b".")[0]
        # Long enough to pass for a signature by RSA.
        mac = hmac.digest(secret, made, "sha256") * 8
        for signature in (mac, mac[:32]):
            said = refusal(SIGNED, made + b"." + encoded(signature))
            assert "alg must be" in said or "bits" in said


def test_a_signature_by_pss_or_ecdsa_under_the_name_of_rs256_is_refused():
    made = a_jws(SIGNED, certificates=SIGNER, signature=b"").rpartition(b".")[0]
    pss = a_key("signer").sign(
        made,
        padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32),
        hashes.SHA256(),
    )
    assert "by the key" in refusal(SIGNED, made + b"." + encoded(pss))
    ecdsa = ec.generate_private_key(ec.SECP521R1()).sign(
        made, ec.ECDSA(hashes.SHA256())
    )
    assert "by the key" in refusal(SIGNED, made + b"." + encoded(ecdsa))


def test_keys_that_the_header_brings_along_prove_nothing():
    stranger = a_key("somebody else")
    numbers = stranger.public_key().public_numbers()
    jwk = {
        "kty": "RSA",
        "n": encoded(numbers.n.to_bytes(256)).decode(),
        "e": "AQAB",
    }
    tricks = {
        "jwk": jwk,
        "jku": "http://127.0.0.1:1/keys",
        "x5u": "http://127.0.0.1:1/chain",
        "kid": "../../../../dev/null",
        "x5t": "AA",
    }
    content = a_jws(SIGNED, key=stranger, certificates=SIGNER, **tricks)
    assert "by the key of the first certificate" in refusal(SIGNED, content)
    assert record(SIGNED, a_jws(SIGNED, key=stranger, **tricks))["verified"] is None
    assert record(SIGNED, a_jws(SIGNED, certificates=SIGNER, **tricks))["verified"]


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"crit": ["b64"], "b64": False},
        {"crit": ["b64"], "b64": True},
        {"crit": None},
        {"b64": False},
        {"b64": 1},
        {"b64": "true"},
        {"b64": None},
    ],
)
def test_extensions_of_jws_are_refused(header):
    assert "extensions" in said_of(a_jws(SIGNED, **header))


def test_an_unencoded_payload_is_refused():
    first = encoded(b'{"alg":"RS256","b64":false,"crit":["b64"]}')
    content = first + b"." + json.dumps(SIGNED).encode() + b"." + encoded(b"1" * 256)
    assert said_of(content.replace(b"example.com", b"example"))


@pytest.mark.parametrize(
    "header",
    [
        *({"x5c": None}, {"x5c": "text"}, {"x5c": {}}, {"x5c": [1]}, {"x5c": [None]}),
        *({"jwk": "text"}, {"kid": 1}, {"typ": []}, {"jku": "file:///etc/passwd"}),
    ],
)
def test_parameters_of_the_wrong_kind_are_refused(header):
    assert "of the kind" in said_of(a_jws(SIGNED, **header))


def test_parameters_that_nobody_knows_are_ignored():
    assert read(a_jws(SIGNED, typ="JOSE+JSON", mood="good", iat=10**400))


@pytest.mark.parametrize(
    "header",
    [
        *(b"", b"null", b"[]", b'"RS256"', b"RS256", b"1", b"\xff", b"{"),
        b'{"alg":"RS256","alg":"RS256"}',
        b'{"alg":"HS256","alg":"RS256"}',
        b'{"alg":"RS256","x":NaN}',
        b'\xef\xbb\xbf{"alg":"RS256"}',
        '{"alg":"RS256"}'.encode("utf-16"),
        b'{"alg":"RS256","x":%b}' % (b"[" * 50_000),
        b'{"alg":"RS256","x":%b%b}' % (b"[" * 400, b"]" * 400),
        b'{"alg":"RS256","x":%b}' % (b"9" * 5000),
        b'{"alg":"RS256","x":"\\ud800"}',
    ],
)
def test_a_header_that_is_not_a_plain_json_object_is_refused(header):
    first = encoded(header)
    assert "header" in said_of(first + GOOD[GOOD.index(b".") :])


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b".", b"...", b"a.b", b"signature", GOOD + b".", b"." + GOOD),
        GOOD.replace(b".", b"", 1),
        json.dumps({"payload": "", "signatures": []}).encode(),
        b"." * 1_000_000,
    ],
)
def test_anything_but_three_parts_is_refused(content):
    assert "three parts" in said_of(content)


def _parts(at, change):
    parts = GOOD.split(b".")
    parts[at] = change(parts[at])
    return b".".join(parts)


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize(
    "change",
    [
        lambda part: part + b"=",
        lambda part: part + b"==",
        lambda part: part + b"\n",
        lambda part: b" " + part,
        lambda part: part[:9] + b"\r\n" + part[9:],
        lambda part: part[:9] + b"+" + part[10:],
        lambda part: part[:9] + b"/" + part[10:],
        lambda part: part[:9] + b"\x00" + part[10:],
        lambda part: part[:9] + b"\xc3\xa9" + part[11:],
        lambda part: part[: len(part) // 4 * 4] + b"A",
        lambda part: part[: len(part) // 4 * 4] + b"AB",  # bits that are not zero
        lambda part: part[: len(part) // 4 * 4] + b"AAB",
    ],
)
def test_base64url_has_one_form_only(at, change):
    assert "not base64url" in said_of(_parts(at, change))


@pytest.mark.parametrize("octets", [0, 1, 64, 127, 1025, 2048, 100_000])
def test_a_signature_of_no_size_of_a_key_is_refused(octets):
    assert f"has {octets * 8} bits" in said_of(a_jws(SIGNED, signature=b"1" * octets))


def test_a_signature_shorter_or_longer_than_the_key_is_refused():
    made = a_jws(SIGNED, certificates=SIGNER)
    raw = base64.urlsafe_b64decode(made.rpartition(b".")[2] + b"==")
    for other in (raw[:-1], raw + b"\0", b"\0" + raw, b"\0" * 256, b"\xff" * 256):
        content = a_jws(SIGNED, certificates=SIGNER, signature=other)
        assert "by the key" in refusal(SIGNED, content)


def test_more_than_a_mebibyte_is_refused_and_just_that_much_is_read():
    size = len(a_jws(b"1" * 3 * 1000)) - 4 * 1000
    fits = a_jws(b"1" * ((LARGEST - size) // 4 * 3))
    assert LARGEST - 4 < len(fits) <= LARGEST
    assert read(fits).payload
    assert str(LARGEST) in said_of(fits + b"AAAA")
    assert "header has more than" in said_of(a_jws(SIGNED, mood="x" * 100_000))


@pytest.mark.parametrize(
    "content",
    [
        b"A" * LARGEST,
        b"." * LARGEST,
        GOOD[:9] + b"." * (LARGEST - 9),
        a_jws(b"[" * (LARGEST // 4 * 3 - 1000)),
        a_jws(b'{"a":' * 100_000),
        a_jws(b"[" + b"1," * 300_000 + b"1]"),
        a_jws(b'"' + b"\\u0000" * 100_000 + b'"'),
    ],
)
def test_memory_is_bounded_whatever_comes(content):
    tracemalloc.start()
    try:
        assert refusal(SIGNED, content)
        assert tracemalloc.get_traced_memory()[1] < 96 << 20
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=200) | st.text("AQab01-_.=+", max_size=200).map(str.encode))
def test_no_octets_make_it_fail_in_another_way(content):
    for given_content in (content, _parts(1, lambda _: content)):
        try:
            found = read(given_content)
        except BadSignature:
            continue
        assert isinstance(found, jws.Jws)
