"""Tests of lrs.xapi.signature: the payload and the Statement, the certificate, records.

Spec: xAPI-Data 2.6; IEEE 9274.1.1 s23 to s25.
"""

import hashlib
import json

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lrs.xapi.signature import MOST_SIGNATURES, Signatures
from lrs.xapi.statement import validate
from lrs.xapi.versions import Version
from tests.signing import (
    NOW,
    a_chain,
    a_jws,
    a_key,
    an_attachment,
    with_signatures,
)

from .samples import (
    ANNA,
    BEN,
    ID,
    OTHER_ID,
    a_full_statement,
    a_full_statement_about_a_substatement,
    a_statement,
    a_substatement,
)
from .signatures import UNTRUSTED, judged, record, refusal

BOTH = pytest.mark.parametrize("version", list(Version))
SIGNED = a_statement(id=ID, timestamp="2024-01-01T00:00:00Z")
A_CERTIFICATE_FILE = a_full_statement()["attachments"][0]


@BOTH
@pytest.mark.parametrize("alg", ["RS256", "RS384", "RS512"])
def test_a_signature_with_certificates_is_verified_with_the_first_one(alg, version):
    content = a_jws(SIGNED, alg=alg, certificates=a_chain())
    kept = record(SIGNED, content, version=version)
    signer = a_chain()[0]
    assert kept == {
        "sha2": hashlib.sha256(content).hexdigest(),
        "algorithm": alg,
        "verified": True,
        "certificate": {
            "subject": "CN=signer",
            "issuer": "CN=authority",
            "serial": f"{signer.serial_number:x}",
            "sha256": signer.fingerprint(SHA256()).hex(),
            "not_before": signer.not_valid_before_utc.isoformat(),
            "not_after": signer.not_valid_after_utc.isoformat(),
        },
        "chain": "untrusted",
        "reason": "No trusted certificates are set.",
        "covers_attachments": True,
    }


@BOTH
@pytest.mark.parametrize("alg", ["RS256", "RS384", "RS512"])
def test_without_certificates_the_form_is_checked_and_nothing_verified(alg, version):
    kept = record(SIGNED, a_jws(SIGNED, alg=alg), version=version)
    assert kept["algorithm"] == alg
    assert (kept["verified"], kept["certificate"], kept["chain"]) == (None, None, None)
    assert "x5c" in kept["reason"]


def test_a_signature_by_another_key_than_the_first_certificate_is_refused():
    content = a_jws(SIGNED, certificates=a_chain(), key=a_key("somebody else"))
    assert "by the key of the first certificate" in refusal(SIGNED, content)


def test_a_signature_of_another_payload_is_refused():
    header, _, signature = a_jws(SIGNED, certificates=a_chain()).split(b".")
    _, payload, _ = a_jws(SIGNED | {"version": "1.0.0"}).split(b".")
    assert "by the key" in refusal(SIGNED, b".".join((header, payload, signature)))


def test_the_algorithm_of_the_header_is_the_one_that_is_verified():
    signed_with_sha256 = a_jws(SIGNED, certificates=a_chain())
    _, payload, signature = signed_with_sha256.split(b".")
    says_sha512 = a_jws(SIGNED, certificates=a_chain(), alg="RS512").split(b".")[0]
    content = b".".join((says_sha512, payload, signature))
    assert "by the key" in refusal(SIGNED, content)


@pytest.mark.parametrize(
    ("attachment", "said"),
    [
        ({"contentType": "text/plain"}, "contentType"),
        ({"contentType": "application/octet-stream; charset=utf-8"}, "contentType"),
    ],
)
def test_a_signature_has_the_content_type_of_octets(attachment, said):
    content = a_jws(SIGNED)
    statement = SIGNED | {"attachments": [an_attachment(content, **attachment)]}
    found, _ = _check(statement, {statement["attachments"][0]["sha2"]: content})
    assert [violation.path for violation in found] == ["attachments[0]"]
    assert said in found[0].message


def test_the_letter_case_of_the_content_type_is_free():
    content = a_jws(SIGNED)
    attachment = an_attachment(content, contentType="Application/Octet-Stream")
    statement = SIGNED | {"attachments": [attachment]}
    assert _check(statement, {attachment["sha2"]: content})[0] == []


def test_all_that_is_wrong_with_a_signature_is_said_at_once():
    statement = SIGNED | {"attachments": [an_attachment(b"", contentType="a/b")]}
    found, _ = _check(statement, {})
    assert len(found) == 2
    assert "contentType" in found[0].message
    assert "as a part" in found[1].message


def test_a_signature_that_did_not_come_is_refused_whatever_its_file_url():
    content = a_jws(SIGNED)
    attachment = an_attachment(content, fileUrl="http://example.com/signature")
    found, records = _check(SIGNED | {"attachments": [attachment]}, {})
    assert records == []
    assert "as a part" in found[0].message


def test_attachments_that_are_no_signatures_are_let_alone():
    found, records = _check(a_full_statement(), {})
    assert (found, records) == ([], [])


def test_an_attachment_of_a_substatement_is_no_signature():
    inner = a_substatement(attachments=[an_attachment(b"nothing")])
    assert _check(a_statement(object=inner), {}) == ([], [])


def test_every_signature_of_a_statement_is_checked():
    good, wrong = a_jws(SIGNED), a_jws(a_statement(id=OTHER_ID))
    found, records = judged(SIGNED, good, wrong, a_jws(SIGNED, certificates=a_chain()))
    assert [violation.path for violation in found] == ["attachments[1]"]
    assert [kept["verified"] for kept in records] == [None, True]


def test_a_second_signature_may_sign_the_first_one():
    first = a_jws(SIGNED)
    second = a_jws(with_signatures(SIGNED, first), certificates=a_chain())
    found, records = judged(SIGNED, first, second)
    assert found == []
    assert len(records) == 2


def test_a_statement_has_a_limited_number_of_signatures():
    content = a_jws(SIGNED)
    found, records = judged(SIGNED, *[content] * (MOST_SIGNATURES + 1))
    assert len(records) == MOST_SIGNATURES
    assert [item.path for item in found] == [f"attachments[{MOST_SIGNATURES}]"]


def test_one_large_signature_of_many_statements_is_not_read_for_each(monkeypatch):
    monkeypatch.setattr("lrs.xapi.signature.MOST_OCTETS", 10_000)
    content = a_jws(SIGNED)
    statement = with_signatures(SIGNED, content)
    signatures = Signatures(Version.V2_0_0, 0, lambda _: content, UNTRUSTED)
    taken = 10_000 // len(content)
    verdicts = [signatures.check(statement) for _ in range(taken + 2)]
    assert [bool(found) for found, _ in verdicts] == [False] * taken + [True, True]
    assert "together" in verdicts[-1][0][0].message


def test_whether_other_attachments_were_signed_too_is_recorded():
    with_file = SIGNED | {"attachments": [A_CERTIFICATE_FILE]}
    signed_too = record(with_file, a_jws(with_file))
    added_later = record(with_file, a_jws(SIGNED))
    taken_away = record(SIGNED, a_jws(with_file))
    assert signed_too["covers_attachments"] is True
    assert added_later["covers_attachments"] is False
    assert taken_away["covers_attachments"] is False


# -- the payload and the Statement --------------------------------------------------

DURATION = a_statement(id=ID, result={"duration": "PT1.12S"})
GROUP = a_statement(id=ID, actor={"objectType": "Group", "member": [ANNA, BEN]})

SAME = {
    "the same": (SIGNED, SIGNED),
    "another order of keys": (dict(reversed(SIGNED.items())), SIGNED),
    "no id": (a_statement(timestamp="2024-01-01T00:00:00Z"), SIGNED),
    "no timestamp": (a_statement(id=ID), SIGNED),
    "a finer duration": (
        a_statement(id=ID, result={"duration": "PT1.1299S"}),
        DURATION,
    ),
    "another time zone": (SIGNED | {"timestamp": "2024-01-01T02:00:00+02:00"}, SIGNED),
    "properties of the LRS": (
        SIGNED | {"stored": "2024-01-02T00:00:00Z", "authority": ANNA},
        SIGNED | {"version": "1.0.0"},
    ),
    "another display": (
        SIGNED | {"verb": SIGNED["verb"] | {"display": {"en": "passed"}}},
        SIGNED,
    ),
    "another definition": (
        SIGNED | {"object": SIGNED["object"] | {"definition": {"name": {"en": "Q"}}}},
        SIGNED,
    ),
    "another order of members": (
        GROUP | {"actor": {"objectType": "Group", "member": [BEN, ANNA]}},
        GROUP,
    ),
    "letter case of a domain": (
        SIGNED | {"actor": {"mbox": "mailto:anna@EXAMPLE.com"}},
        SIGNED,
    ),
    "no attachments": (SIGNED, SIGNED | {"attachments": [A_CERTIFICATE_FILE]}),
}
DIFFERENT = {
    "id": (SIGNED | {"id": OTHER_ID}, SIGNED),
    "actor": (SIGNED | {"actor": BEN}, SIGNED),
    "verb": (SIGNED | {"verb": {"id": "http://example.com/verbs/failed"}}, SIGNED),
    "object": (SIGNED | {"object": {"id": "http://example.com/quiz/2"}}, SIGNED),
    "timestamp": (SIGNED | {"timestamp": "2024-01-01T00:00:01Z"}, SIGNED),
    "result": (DURATION | {"result": {"duration": "PT1.13S"}}, DURATION),
    "context": (SIGNED, SIGNED | {"context": {"platform": "Example"}}),
    "actor, result": (DURATION | {"actor": BEN}, DURATION | {"result": {}}),
}


@BOTH
@pytest.mark.parametrize(("signed", "sent"), SAME.values(), ids=SAME)
def test_what_equality_ignores_may_differ(signed, sent, version):
    record(sent, a_jws(signed, certificates=a_chain()), version=version)


@BOTH
@pytest.mark.parametrize("names", DIFFERENT)
def test_what_equality_does_not_ignore_is_refused_and_named(names, version):
    signed, sent = DIFFERENT[names]
    said = refusal(sent, a_jws(signed, certificates=a_chain()), version=version)
    assert said.endswith(f"they differ in: {names}.")


@pytest.mark.parametrize("name", ["id", "timestamp"])
def test_what_was_signed_and_not_sent_is_refused_since_the_lrs_would_set_another(name):
    sent = {key: value for key, value in SIGNED.items() if key != name}
    assert refusal(sent, a_jws(SIGNED)).endswith(f"they differ in: {name}.")


def test_all_that_differs_is_named_beside_what_was_not_sent():
    sent = a_statement(actor=BEN)
    assert refusal(sent, a_jws(SIGNED)).endswith(": id, timestamp, actor.")


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"", "not JSON"),
        (b"not JSON", "not JSON"),
        (b"\xff", "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'{"a":1,"a":2}', "not JSON"),
        (b'{"a":NaN}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"null", "at the Statement itself"),
        (b"[]", "at the Statement itself"),
        (b"{}", "at actor: This property is required."),
        (json.dumps([SIGNED]).encode(), "at the Statement itself"),
        (json.dumps(SIGNED | {"actor": {"mbox": "anna"}}).encode(), "at actor.mbox"),
        (json.dumps(SIGNED | {"mood": "good"}).encode(), "at the Statement itself"),
    ],
)
def test_a_payload_that_is_no_statement_is_refused(payload, said):
    assert said in refusal(SIGNED, a_jws(payload))


def test_a_refusal_quotes_nothing_of_the_statement():
    signed = SIGNED | {"actor": {"mbox": "mailto:secret@example.com"}}
    assert "secret" not in refusal(SIGNED, a_jws(signed))
    assert "secret" not in refusal(SIGNED, a_jws({"mood": "secret"}))


def test_a_payload_of_1_0_3_may_not_use_what_2_0_brought():
    full = {k: v for k, v in a_full_statement(version="1.0.0").items() if k != "stored"}
    content = a_jws(full)
    assert record(full, content, version=Version.V2_0_0)
    assert "at context" in refusal(full, content, version=Version.V1_0_3)


FULL = a_full_statement(attachments=[])
ABOUT = a_full_statement_about_a_substatement()
_IGNORED = {"stored", "authority", "version", "attachments", "display", "definition"}


def _places(value, path=()):
    """Yield the path of every value in which no Statements may differ."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name not in _IGNORED or "extensions" in path:
                yield from _places(item, (*path, name))
    elif isinstance(value, list) and value:
        for at, item in enumerate(value):
            yield from _places(item, (*path, at))
    else:
        yield path


def _changed(statement, path, draw):
    changed = json.loads(json.dumps(statement))
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    old = holder[path[-1]]
    holder[path[-1]] = draw(_others_than(old, path))
    return changed


def _others_than(old, path):
    name = path[-1]
    if isinstance(old, bool):
        return st.just(not old)
    if isinstance(old, int | float):
        return st.floats(-1, 1).filter(lambda new: abs(new - old) > 1e-9)
    if name in ("id", "registration") and "://" not in str(old):
        return st.uuids().map(str)
    if name == "timestamp":
        return st.datetimes().map(lambda moment: f"{moment.isoformat()}Z")
    if name == "duration":
        return st.integers(1, 10**6).map(lambda number: f"PT{number}H")
    if name == "mbox":
        return st.integers(1).map(lambda number: f"mailto:p{number}@example.com")
    if name == "mbox_sha1sum":
        return st.binary().map(lambda raw: hashlib.sha1(raw).hexdigest())
    if name == "language":
        return st.sampled_from(["de", "fr-CH", "en-US"])
    if isinstance(old, str) and "://" in old:
        return st.integers(1).map(lambda number: f"http://example.org/{number}")
    return st.text("abc", min_size=20, max_size=30)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_change_of_any_significant_property_is_refused(data):
    statement = data.draw(st.sampled_from([FULL, ABOUT]))
    places = [path for path in _places(statement) if path[-1] != "objectType"]
    path = data.draw(st.sampled_from(places))
    signed = _changed(statement, path, data.draw)
    assume(not validate(signed, Version.V2_0_0))  # a raw score beyond its maximum
    said = refusal(statement, a_jws(signed, certificates=a_chain()))
    assert said.endswith(f"they differ in: {path[0]}.")


_VERIFIED = a_jws(SIGNED, certificates=a_chain()[:1])


@given(st.data())
def test_any_other_octet_in_a_verified_signature_is_not_verified(data):
    content = bytearray(_VERIFIED)
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] = data.draw(st.integers(0, 255).filter(lambda new: new != content[at]))
    found, records = judged(SIGNED, bytes(content))
    # Where it made another name of x5c there is nothing left to verify with.
    assert found or [item["verified"] for item in records] == [None]


def _check(statement, came):
    microseconds = int(NOW.timestamp()) * 1_000_000
    assert validate(statement, Version.V2_0_0) == []
    return Signatures(Version.V2_0_0, microseconds, came.get, UNTRUSTED).check(
        statement
    )
