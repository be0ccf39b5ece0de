"""Tests of lrs.xapi.equality."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.xapi.equality import equal

from .samples import (
    ANNA,
    BEN,
    ID,
    OTHER_ID,
    TEAM,
    a_full_statement,
    a_full_statement_about_a_substatement,
    a_statement,
    a_substatement,
)

COURSE = {"id": "http://example.com/course"}
BOOK = {"id": "http://example.com/book"}
EXT = "http://example.com/ext"


def a_context(**changes):
    return a_statement(context=changes)


def a_result(**changes):
    return a_statement(result=changes)


def an_extension(value):
    return a_result(extensions={EXT: value})


EQUAL = [
    (a_statement(), a_statement(id=ID)),
    (a_statement(id=ID), a_statement(id=ID.upper())),
    (a_statement(), a_statement(timestamp="2024-01-01T00:00:00Z")),
    (
        a_statement(timestamp="2024-01-01T00:00:00Z"),
        a_statement(timestamp="2024-01-01T02:00:00.000+02:00"),
    ),
    (a_statement(), a_statement(stored="2024-01-01T00:00:00Z", authority=ANNA)),
    (a_statement(version="1.0.0"), a_statement(version="2.0.0")),
    (
        a_statement(),
        a_statement(
            object={
                "id": "http://example.com/quiz/1",
                "objectType": "Activity",
                "definition": {},
            }
        ),
    ),
    (
        a_statement(),
        a_statement(actor={"objectType": "Agent", "mbox": "mailto:anna@example.COM"}),
    ),
    (
        a_statement(actor={"objectType": "Group", "member": [ANNA, BEN]}),
        a_statement(
            actor={
                "member": [{"objectType": "Agent", **BEN}, ANNA],
                "objectType": "Group",
            }
        ),
    ),
    (
        a_context(contextActivities={"parent": COURSE}),
        a_context(contextActivities={"parent": [{**COURSE, "objectType": "Activity"}]}),
    ),
    (a_context(registration=ID), a_context(registration=ID.upper())),
    (a_context(language="en-GB"), a_context(language="en-gb")),
    (a_result(score={"raw": 1}), a_result(score={"raw": 1.0})),
    (a_result(score={"raw": 1.1}), a_result(score={"raw": Decimal("1.1")})),
    (a_result(duration="PT0.1237S"), a_result(duration="PT0.12S")),
    (an_extension({"a": 1, "b": [2]}), an_extension({"b": [2.0], "a": 1})),
    (
        a_statement(object=a_substatement(timestamp="2024-01-01T00:00:00Z")),
        a_statement(
            object=a_substatement(
                timestamp="2024-01-01T00:00:00+00:00",
                verb={"id": "http://example.com/verbs/passed", "display": {"en": "x"}},
            )
        ),
    ),
]
DIFFERENT = [
    (a_statement(id=ID), a_statement(id=OTHER_ID)),
    (
        a_statement(timestamp="2024-01-01T00:00:00Z"),
        a_statement(timestamp="2024-01-01T00:00:00.001Z"),
    ),
    (a_statement(), a_statement(actor={"mbox": "mailto:Anna@example.com"})),
    (a_statement(), a_statement(actor=ANNA)),
    (a_statement(), a_statement(verb={"id": "http://example.com/verbs/failed"})),
    (a_statement(), a_statement(object=COURSE)),
    (a_statement(), a_statement(result={})),
    (a_statement(object=ANNA), a_statement(object=TEAM)),
    (
        a_statement(actor={"objectType": "Group", "member": [ANNA, BEN]}),
        a_statement(actor={"objectType": "Group", "member": [ANNA, ANNA]}),
    ),
    (
        a_context(contextActivities={"other": [COURSE, BOOK]}),
        a_context(contextActivities={"other": [BOOK, COURSE]}),
    ),
    (a_context(platform="A"), a_context(platform="a")),
    (a_result(duration="PT60S"), a_result(duration="PT1M")),
    (a_result(duration="PT0.13S"), a_result(duration="PT0.12S")),
    (a_result(success=True), a_result(success=False)),
    (an_extension(True), an_extension(1)),
    (an_extension(0), an_extension(False)),
    (an_extension(None), an_extension(False)),
    (an_extension(1), an_extension("1")),
    (an_extension([1, 2]), an_extension([2, 1])),
    (an_extension([1]), an_extension([1, 2])),
    (an_extension({}), an_extension([])),
    (an_extension({"a": 1}), an_extension({"A": 1})),
    (
        a_statement(object=a_substatement()),
        a_statement(object=a_substatement(timestamp="2024-01-01T00:00:00Z")),
    ),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_differences_that_immutability_does_not_cover_are_ignored(one, other):
    assert equal(one, other)
    assert equal(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_all_other_differences_count(one, other):
    assert not equal(one, other)
    assert not equal(other, one)


def test_attachments_are_not_part_of_the_comparison():
    signed = a_full_statement()
    payload = a_full_statement()
    del payload["attachments"]
    assert equal(signed, payload)


def test_extensions_nested_beyond_the_stack_are_compared():
    towers = [1, 1, 2]
    for _ in range(50_000):
        towers = [[tower] for tower in towers]
    one, same, other = (
        {**a_statement(), "result": {"extensions": {EXT: t}}} for t in towers
    )
    assert equal(one, same)
    assert not equal(one, other)
    for tower in towers:  # taken apart here, as the destructor would recurse
        while isinstance(tower, list) and tower:
            tower = tower.pop()


def test_comparing_changes_neither_statement():
    one, other = a_full_statement(actor=TEAM), a_full_statement(actor=TEAM)
    equal(one, other)
    assert one == other == a_full_statement(actor=TEAM)


STATEMENTS = [s for pair in [*EQUAL, *DIFFERENT] for s in pair] + [
    a_full_statement(),
    a_full_statement_about_a_substatement(),
]


@given(st.sampled_from(STATEMENTS), st.sampled_from(STATEMENTS))
def test_equality_is_reflexive_and_symmetric(one, other):
    assert equal(one, one)
    assert equal(one, other) is equal(other, one)


@given(st.randoms(use_true_random=False), st.permutations([ANNA, BEN, {**BEN}]))
def test_the_order_of_keys_and_members_never_counts(random, members):
    one = a_full_statement(actor={"objectType": "Group", "member": [ANNA, BEN, BEN]})
    other = {**one, "actor": {"objectType": "Group", "member": members}}
    names = list(other)
    random.shuffle(names)
    assert equal(one, {name: other[name] for name in names})
