"""Tests of lrs.xapi.actor."""

import pytest

from lrs.xapi.actor import actor, authority, group

from .samples import ANNA, BEN, TEAM

SHA1 = "cd9b00a5611f94eaa7b1661edab976068e364975"


def paths(rule, value):
    found = []
    rule(value, "", "actor", found)
    return [violation.path for violation in found]


@pytest.mark.parametrize(
    "value",
    [
        ANNA,
        BEN,
        {"mbox_sha1sum": SHA1},
        {"openid": "http://id.example.com/x", "name": ""},
        TEAM,
        {"objectType": "Group", "member": [BEN]},
        {"objectType": "Group", "mbox": "mailto:team@example.com", "member": []},
    ],
)
def test_agents_and_groups_with_one_identity_are_accepted(value):
    assert paths(actor, value) == []


def test_agent_with_two_ifis_is_rejected():
    assert paths(actor, {**ANNA, "openid": "http://id.example.com/x"}) == ["actor"]


def test_agent_without_ifi_is_rejected():
    assert paths(actor, {"name": "Anna"}) == ["actor"]


def test_group_with_two_ifis_is_rejected():
    assert paths(actor, {**TEAM, "mbox": "mailto:team@example.com"}) == ["actor"]


@pytest.mark.parametrize("members", [{}, {"member": []}])
def test_anonymous_group_without_members_is_rejected(members):
    assert paths(actor, {"objectType": "Group", **members}) == ["actor.member"]


def test_group_as_member_of_a_group_is_rejected():
    nested = {"objectType": "Group", "member": [TEAM]}
    assert "actor.member[0].objectType" in paths(actor, nested)


def test_agent_with_members_is_rejected():
    assert paths(actor, {**ANNA, "member": [BEN]}) == ["actor"]


@pytest.mark.parametrize("kind", ["agent", "Activity", "", None, 1, [], {}])
def test_wrong_object_type_is_rejected(kind):
    assert paths(actor, {**ANNA, "objectType": kind}) == ["actor.objectType"]


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"mbox": "anna@example.com"}, "actor.mbox"),
        ({"mbox": {}}, "actor.mbox"),
        ({"mbox_sha1sum": "x"}, "actor.mbox_sha1sum"),
        ({"openid": "x"}, "actor.openid"),
        ({"account": "x"}, "actor.account"),
        ({"account": {"homePage": "http://x.example"}}, "actor.account.name"),
        ({"account": {"name": "x"}}, "actor.account.homePage"),
        ({"account": {"homePage": "x", "name": "x"}}, "actor.account.homePage"),
        ({**ANNA, "name": 1}, "actor.name"),
        ({**ANNA, "name": None}, "actor.name"),
        ("Anna", "actor"),
        (None, "actor"),
        ([ANNA], "actor"),
    ],
)
def test_the_path_names_what_is_wrong(value, path):
    assert paths(actor, value) == [path]


def test_an_agent_is_no_group():
    assert paths(group, {"mbox": "mailto:a@b"}) == ["actor.objectType"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ANNA, []),
        ({"objectType": "Group", "member": [ANNA, BEN]}, []),
        ({"objectType": "Group", "member": [ANNA]}, ["actor.member"]),
        ({"objectType": "Group", "member": [ANNA, BEN, ANNA]}, ["actor.member"]),
        (TEAM, ["actor"]),
        ({"objectType": "Group"}, ["actor.member"]),
    ],
)
def test_authority_is_an_agent_or_an_anonymous_group_of_two(value, expected):
    assert paths(authority, value) == expected
