"""Tests of lrs.xapi.keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.xapi.keys import extract, ifi_key

from .samples import (
    ANNA,
    BEN,
    ID,
    TEAM,
    VOIDED,
    a_full_statement,
    a_full_statement_about_a_substatement,
    a_statement,
    a_substatement,
)

ANNA_KEY = "mbox mailto:anna@example.com"
BEN_KEY = "account http://hr.example.com 4711"
CLEO_KEY = "openid http://id.example.com/cleo"
DORA_KEY = "mbox mailto:dora@example.com"
TEAM_KEY = "mbox_sha1sum cd9b00a5611f94eaa7b1661edab976068e364975"


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        (ANNA, ANNA_KEY),
        (BEN, BEN_KEY),
        (TEAM, TEAM_KEY),
        ({"openid": "http://id.example.com/cleo"}, CLEO_KEY),
        ({"mbox": "mailto:Anna@EXAMPLE.com"}, "mbox mailto:Anna@example.com"),
        ({"mbox_sha1sum": "AB" * 20}, "mbox_sha1sum " + "ab" * 20),
        ({"objectType": "Group", "member": [ANNA]}, None),
    ],
)
def test_the_key_of_an_ifi(agent, expected):
    assert ifi_key(agent) == expected


IRIS = st.sampled_from(["http://a.example", "http://a.example/b", "urn:a", "mailto:x"])
AGENTS = st.one_of(
    st.builds(lambda iri: {"openid": iri}, IRIS),
    st.builds(
        lambda iri, name: {"account": {"homePage": iri, "name": name}},
        IRIS,
        st.text(alphabet="a /b\n") | st.text(),
    ),
    st.builds(
        lambda local, host: {"mbox": f"mailto:{local}@{host}"},
        st.sampled_from("aAbé"),
        st.sampled_from(["x", "y.z"]),
    ),
    st.builds(lambda d: {"mbox_sha1sum": d * 40}, st.sampled_from("0123456789abcdef")),
)


@given(AGENTS, AGENTS)
def test_ifi_keys_are_injective(one, other):
    assert (ifi_key(one) == ifi_key(other)) is (one == other)


def test_keys_of_the_smallest_statement():
    keys = extract(a_statement())
    assert keys.verb == "http://example.com/verbs/passed"
    assert keys.agents == keys.related_agents == (ANNA_KEY,)
    assert keys.activities == keys.related_activities == ("http://example.com/quiz/1",)
    assert (keys.registration, keys.target) == (None, None)
    assert not keys.voiding


def test_keys_of_a_full_statement():
    keys = extract(
        a_full_statement(object={"id": "http://example.com/quiz/1"}, actor=TEAM)
    )
    assert keys.agents == (TEAM_KEY, ANNA_KEY, CLEO_KEY)
    assert keys.related_agents == (TEAM_KEY, ANNA_KEY, CLEO_KEY, BEN_KEY, DORA_KEY)
    assert keys.activities == ("http://example.com/quiz/1",)
    assert keys.related_activities == (
        "http://example.com/quiz/1",
        "http://example.com/course",
        "http://example.com/programme",
        "http://example.com/book",
        "http://example.com/b2",
    )
    assert keys.registration == "ec531277-b57b-4c15-8d91-d292c5b2b8f7"


def test_ids_of_statements_and_registrations_become_lower_case():
    keys = extract(
        a_statement(
            object={"objectType": "StatementRef", "id": ID.upper()},
            context={"registration": ID.upper()},
            verb={"id": VOIDED},
        )
    )
    assert keys.registration == keys.target == ID
    assert keys.voiding
    assert keys.activities == ()


def test_a_reference_by_another_verb_does_not_void():
    keys = extract(a_statement(object={"objectType": "StatementRef", "id": ID}))
    assert keys.target == ID
    assert not keys.voiding


def test_an_agent_as_object_is_among_the_agents():
    assert extract(a_statement(object=TEAM)).agents == (ANNA_KEY, TEAM_KEY, CLEO_KEY)


def test_an_anonymous_group_is_found_by_its_members():
    keys = extract(a_statement(actor={"objectType": "Group", "member": [BEN, ANNA]}))
    assert keys.agents == (BEN_KEY, ANNA_KEY)


def test_an_authority_that_was_sent_is_none_of_the_keys():
    keys = extract(a_statement(authority=BEN))
    assert keys.agents == keys.related_agents == (ANNA_KEY,)


def test_what_a_substatement_holds_is_related_only():
    keys = extract(a_full_statement_about_a_substatement())
    assert keys.agents == (ANNA_KEY,)
    assert keys.activities == ()
    assert keys.related_agents == (ANNA_KEY, BEN_KEY, TEAM_KEY, CLEO_KEY, DORA_KEY)
    assert keys.related_activities[0] == "http://example.com/quiz/1"
    assert len(keys.related_activities) == 5
    assert keys.registration is None


def test_a_reference_inside_a_substatement_or_context_is_no_target():
    reference = {"objectType": "StatementRef", "id": ID}
    assert extract(a_statement(object=a_substatement(object=reference))).target is None
    assert extract(a_statement(context={"statement": reference})).target is None
