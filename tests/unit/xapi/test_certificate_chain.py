"""Tests of lrs.xapi.certificate_chain: what is said of chains in every condition.

Spec: xAPI-Data 2.6; RFC 7515 section 4.1.6, RFC 5280 section 6.
"""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from lrs.xapi.certificate_chain import TrustedCertificates
from tests.signing import (
    DAY,
    NOW,
    a_certificate,
    a_chain,
    a_jws,
    a_key,
    a_public_key,
    pem,
    usage,
    x5c,
)

from .samples import ID, a_statement
from .signatures import record

SIGNER, AUTHORITY, ROOT = a_chain()
TRUSTED = TrustedCertificates(pem(ROOT))


def said_of(*certificates, trusted=TRUSTED, timestamp=None, key=None, **header):
    statement = a_statement(id=ID)
    if timestamp:
        statement["timestamp"] = timestamp.isoformat()
    content = a_jws(statement, certificates=certificates, key=key, **header)
    kept = record(statement, content, trusted=trusted)
    assert kept["verified"] is True
    return kept["chain"], kept["reason"]


def test_a_chain_that_leads_to_the_root_of_the_file_is_trusted():
    assert said_of(SIGNER, AUTHORITY) == (
        "trusted",
        "The chain leads to a trusted certificate.",
    )


def test_the_root_may_come_along():
    assert said_of(SIGNER, AUTHORITY, ROOT)[0] == "trusted"


def test_the_file_may_hold_an_authority_or_the_signer_itself():
    for anchor in (AUTHORITY, SIGNER):
        trusted = TrustedCertificates(pem(anchor))
        assert said_of(SIGNER, AUTHORITY, trusted=trusted)[0] == "trusted"
    assert said_of(SIGNER, trusted=TrustedCertificates(pem(AUTHORITY)))[0] == "trusted"


def test_the_file_may_hold_several_certificates():
    other = a_certificate("other root", ca=True)
    trusted = TrustedCertificates(b"a comment\n" + pem(other, ROOT))
    assert said_of(SIGNER, AUTHORITY, trusted=trusted)[0] == "trusted"


def test_without_trusted_certificates_nothing_is_trusted():
    assert said_of(SIGNER, AUTHORITY, ROOT, trusted=TrustedCertificates()) == (
        "untrusted",
        "No trusted certificates are set.",
    )


def test_another_root_is_not_trusted_whatever_its_name():
    namesake = a_certificate(
        "root", key=a_key("x").public_key(), signed_by=a_key("x"), ca=True
    )
    trusted = TrustedCertificates(pem(namesake))
    assert said_of(SIGNER, AUTHORITY, ROOT, trusted=trusted) == (
        "untrusted",
        "No path leads to a trusted certificate.",
    )


def test_a_chain_with_a_missing_link_is_not_trusted():
    assert said_of(SIGNER)[0] == "untrusted"


@pytest.mark.parametrize("ca", [False, True])
def test_a_certificate_that_signs_itself_is_told_and_trusted_only_by_the_file(ca):
    alone = a_certificate("signer", ca=ca)
    word, reason = said_of(alone)
    assert word == "self-signed"
    assert "No path" in reason
    assert said_of(alone, trusted=TrustedCertificates(pem(alone)))[0] == "trusted"


def test_certificates_in_the_wrong_order_are_a_broken_chain():
    word, reason = said_of(SIGNER, ROOT, AUTHORITY)
    assert word == "broken"
    assert reason.startswith("Certificate 1 is not issued by certificate 2")
    assert said_of(SIGNER, AUTHORITY, AUTHORITY)[0] == "broken"


def test_certificates_of_another_chain_are_a_broken_chain():
    namesake = a_certificate("authority", "other", ca=True, key=a_key("x").public_key())
    word, reason = said_of(SIGNER, namesake)
    assert word == "broken"
    assert reason.startswith("Certificate 1 is not issued by certificate 2")
    stranger = a_certificate("stranger", "other", ca=True)
    assert said_of(SIGNER, AUTHORITY, stranger)[1].startswith("Certificate 2")


def test_a_signer_that_is_no_authority_cannot_issue():
    middle = a_certificate("middle", "root")
    assert said_of(a_certificate("signer", "middle"), middle)[0] == "untrusted"


@pytest.mark.parametrize("at", [1, 2])
def test_an_expired_certificate_is_told(at):
    old = {"before": NOW - 9 * DAY, "after": NOW - DAY}
    signer = a_certificate("signer", "authority", **(old if at == 1 else {}))
    authority = a_certificate("authority", "root", ca=True, **(old if at == 2 else {}))
    word, reason = said_of(signer, authority)
    assert word == "expired"
    assert reason.startswith(f"Certificate {at} had expired when the Statement was")
    assert "not valid either" in reason
    assert "is not looked for" in reason


def test_an_expired_chain_is_told_to_have_been_valid_at_the_timestamp():
    signer = a_certificate(
        "signer", "authority", before=NOW - 9 * DAY, after=NOW - 5 * DAY
    )
    authority = a_certificate("authority", "root", ca=True, before=NOW - 20 * DAY)
    root = a_certificate("root", ca=True, before=NOW - 20 * DAY)
    trusted = TrustedCertificates(pem(root))
    word, reason = said_of(signer, authority, trusted=trusted, timestamp=NOW - 7 * DAY)
    assert word == "expired"
    assert "the chain was valid." in reason
    assert "leads to a trusted certificate" in reason


def test_a_timestamp_before_the_certificate_was_made_is_no_fault():
    assert said_of(SIGNER, AUTHORITY, timestamp=NOW - 900 * DAY)[0] == "trusted"


def test_a_timestamp_at_the_end_of_time_is_no_fault():
    old = a_certificate("signer", before=NOW - 9 * DAY, after=NOW - DAY)
    end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert said_of(old, timestamp=end)[0] == "expired"
    far = end.replace(tzinfo=None).isoformat() + "-10:00"
    statement = a_statement(timestamp=far)
    kept = record(statement, a_jws(statement, certificates=[old]), trusted=TRUSTED)
    assert kept["chain"] == "expired"


def test_a_certificate_of_the_future_is_told():
    early = a_certificate("signer", "authority", before=NOW + DAY, after=NOW + 2 * DAY)
    word, reason = said_of(early, AUTHORITY)
    assert word == "not-yet-valid"
    assert reason.startswith("Certificate 1 was not valid yet")


def test_the_first_and_the_last_second_count():
    for dates in ({"before": NOW}, {"after": NOW}):
        assert said_of(a_certificate("signer", "authority", **dates), AUTHORITY)[0] == (
            "trusted"
        )


def test_a_root_that_has_expired_is_trusted_no_more():
    old = a_certificate("root", ca=True, before=NOW - 9 * DAY, after=NOW - DAY)
    trusted = TrustedCertificates(pem(old))
    assert said_of(SIGNER, AUTHORITY, trusted=trusted)[0] == "untrusted"


def test_a_short_key_is_never_trusted():
    key = a_key("signer", 1024)
    short = a_certificate("signer", "authority", key=key.public_key())
    word, reason = said_of(short, AUTHORITY, key=key)
    assert word == "weak"
    assert "less than 2048 bits" in reason


@pytest.mark.parametrize(
    ("allowed", "word"),
    [
        ({"digital_signature": True}, "trusted"),
        ({"content_commitment": True}, "trusted"),
        ({"key_encipherment": True}, "untrusted"),
    ],
)
def test_a_key_for_another_use_is_not_trusted(allowed, word):
    signer = a_certificate("signer", "authority", extensions=[(usage(**allowed), True)])
    assert said_of(signer, AUTHORITY)[0] == word


@pytest.mark.parametrize(("signs", "word"), [(True, "trusted"), (False, "untrusted")])
def test_an_authority_must_be_allowed_to_sign_certificates(signs, word):
    allowed = usage(key_cert_sign=signs, crl_sign=True)
    authority = a_certificate(
        "authority", "root", ca=True, extensions=[(allowed, True)]
    )
    assert said_of(SIGNER, authority)[0] == word


def test_the_names_and_uses_of_web_servers_are_not_demanded():
    extensions = [
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False),
        (x509.SubjectAlternativeName([x509.RFC822Name("anna@example.com")]), False),
    ]
    signer = a_certificate("signer", "authority", extensions=extensions)
    assert said_of(signer, AUTHORITY)[0] == "trusted"


def test_what_an_authority_must_not_name_is_not_trusted():
    allowed = x509.NameConstraints([x509.DNSName("example.com")], None)
    authority = a_certificate(
        "authority", "root", ca=True, extensions=[(allowed, True)]
    )
    for name, word in (("a.example.com", "trusted"), ("example.org", "untrusted")):
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        signer = a_certificate("signer", "authority", extensions=[(names, False)])
        assert said_of(signer, authority)[0] == word


def test_an_authority_may_have_a_key_on_a_curve():
    key = ec.generate_private_key(ec.SECP256R1())
    authority = a_certificate("authority", "root", ca=True, key=key.public_key())
    signer = a_certificate("signer", "authority", signed_by=key)
    assert said_of(signer, authority)[0] == "trusted"


@pytest.mark.parametrize(
    "key",
    [
        a_public_key(16384),
        a_public_key(8200),
        a_public_key(2048, exponent=(1 << 33) + 1),
        dsa.DSAParameterNumbers(p=(1 << 2047) + 1, q=(1 << 255) + 1, g=2),
    ],
    ids=["16384 bits", "8200 bits", "large exponent", "DSA"],
)
def test_no_time_is_spent_on_the_keys_of_monsters(key):
    if isinstance(key, dsa.DSAParameterNumbers):
        key = dsa.DSAPublicNumbers(y=4, parameter_numbers=key).public_key()
    authority = a_certificate("authority", "root", ca=True, key=key)
    word, reason = said_of(SIGNER, authority)
    assert word == "broken"
    assert reason.startswith("The key of certificate 2")


def test_a_certificate_after_the_first_that_cannot_be_read_is_a_broken_chain():
    for garbage in ("AAAA", x5c(AUTHORITY)[0][:400]):
        word, reason = said_of(x5c=[*x5c(SIGNER), garbage])
        assert word == "broken"
        assert "cannot be read" in reason


@pytest.mark.parametrize("content", [b"", b"no certificates", b"\xff\x00"])
def test_a_file_without_certificates_is_refused(content):
    with pytest.raises(ValueError):
        TrustedCertificates(content)


def test_authorities_that_certify_each_other_in_a_circle_are_not_searched():
    circle = [
        a_certificate("same", ca=True, after=NOW + timedelta(days=number + 1))
        for number in range(4)
    ]
    word, reason = said_of(a_certificate("signer", "same"), *circle)
    assert word == "untrusted"
    assert "of the same name" in reason
