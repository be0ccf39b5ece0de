"""Tests of lrs.xapi.statement: the whole, and one broken rule at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.xapi.statement import validate
from lrs.xapi.versions import Version

from .samples import (
    a_full_statement,
    a_full_statement_about_a_substatement,
    a_statement,
)


def paths(statement, version=Version.V2_0_0):
    return [violation.path for violation in validate(statement, version)]


@pytest.mark.parametrize("version", list(Version))
def test_the_smallest_statement_is_valid(version):
    assert paths(a_statement(), version) == []


def test_full_statements_are_valid():
    assert paths(a_full_statement()) == []
    assert paths(a_full_statement_about_a_substatement()) == []


@pytest.mark.parametrize("value", [None, [], "x", 1, True])
def test_what_is_no_object_is_no_statement(value):
    assert paths(value) == [""]


@pytest.mark.parametrize("name", ["actor", "verb", "object"])
def test_required_properties(name):
    statement = a_statement()
    del statement[name]
    assert paths(statement) == [name]


def test_all_violations_are_told():
    statement = a_statement(id=1, actor={}, verb={}, object=None, extra=1)
    assert sorted(paths(statement)) == ["", "actor", "id", "object", "verb.id"]


@pytest.mark.parametrize(
    ("text", "with_1_0_3", "with_2_0"),
    [
        ("1.0", True, True),
        ("1.0.0", True, True),
        ("1.0.9", True, True),
        ("2.0.0", False, True),
        ("2.0", False, True),
        ("0.9.9", False, False),
        ("1.1.0", False, False),
        ("should fail", False, False),
        (1.0, False, False),
    ],
)
def test_versions_that_a_statement_may_carry(text, with_1_0_3, with_2_0):
    statement = a_statement(version=text)
    assert (paths(statement, Version.V1_0_3) == []) is with_1_0_3
    assert (paths(statement, Version.V2_0_0) == []) is with_2_0


def test_short_offsets_are_iso_8601_and_not_rfc_3339():
    statement = a_statement(timestamp="2024-01-01T00:00:00+0100")
    assert paths(statement, Version.V1_0_3) == []
    assert paths(statement, Version.V2_0_0) == ["timestamp"]


def test_extensions_are_free_and_may_be_nested_beyond_the_stack():
    deep = None
    for _ in range(100_000):
        deep = [deep]
    free = {"http://example.com/ext": deep, "urn:x:y": {"": None, "\x00": [True]}}
    assert paths({**a_statement(), "result": {"extensions": free}}) == []
    while deep:  # taken apart here, as the destructor would recurse
        deep = deep.pop()


def test_deep_nesting_outside_extensions_is_refused_and_not_followed():
    deep = {}
    for _ in range(50_000):
        deep = {"actor": deep}
    assert paths({**a_statement(), "actor": deep}) != []


def test_messages_never_quote_the_content():
    secret = "S3CRET"
    statement = a_statement(
        actor={"mbox": secret, secret: secret},
        verb={"id": secret, "display": {secret: secret}},
        context={"extensions": {secret: secret}, "language": secret},
        **{secret: secret},
    )
    found = validate(statement, Version.V1_0_3)
    assert len(found) >= 6
    assert secret not in repr(found)


def test_a_misspelled_name_is_told_its_letter_case():
    found = validate({**a_statement(), "Result": {}}, Version.V1_0_3)
    assert [violation.path for violation in found] == [""]
    assert "result" in found[0].message


def places(value, path=()):
    """Yield the place of every value outside extensions, the root left out."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        yield (*path, key)
        if isinstance(item, dict | list) and key != "extensions":
            yield from places(item, (*path, key))


def at(statement, place):
    for key in place:
        statement = statement[key]
    return statement


def path_of(place):
    text = ""
    for key in place:
        text += f"[{key}]" if isinstance(key, int) else f".{key}"
    return text.removeprefix(".")


BUILDERS = [a_full_statement, a_full_statement_about_a_substatement]
PLACES = [(build, place) for build in BUILDERS for place in places(build())]
OBJECTS = [
    (build, place)
    for build, place in [*PLACES, (a_full_statement, ())]
    if isinstance(at(build(), place), dict) and place[-1:] != ("extensions",)
]
LANGUAGE_MAPS = {"display", "description", "name"}


def in_language_map(build, place):
    holder = place[-2:-1]
    return bool(holder) and holder[0] in LANGUAGE_MAPS


@given(st.sampled_from(PLACES))
def test_null_is_refused_everywhere_and_the_path_names_the_place(case):
    build, place = case
    statement = build()
    at(statement, place[:-1])[place[-1]] = None
    named = place[:-1] if in_language_map(build, place) else place
    found = validate(statement, Version.V2_0_0)
    assert path_of(named) in [violation.path for violation in found]
    assert "xapi-data:2.2" in [violation.rule for violation in found]


@given(st.sampled_from(PLACES), st.sampled_from(["number", "text", "array", "object"]))
def test_a_wrong_type_is_refused_and_the_path_names_the_place(case, kind):
    build, place = case
    statement = build()
    old = at(statement, place)
    wrong = {"number": 7, "text": "\n", "array": [7], "object": {"\n": 7}}[kind]
    if type(wrong) is type(old) or (kind == "number" and isinstance(old, float)):
        wrong = [[7]] if not isinstance(old, list) else 7
    if kind == "text" and place[-1] in {"response", "revision", "platform"}:
        wrong = 7
    at(statement, place[:-1])[place[-1]] = wrong
    named = place[:-1] if in_language_map(build, place) else place
    found = paths(statement)
    prefix = path_of(named)
    assert any(path.startswith(prefix) for path in found), (place, wrong, found)


@given(st.sampled_from(OBJECTS))
def test_an_unknown_property_is_refused_in_every_object(case):
    build, place = case
    statement = build()
    at(statement, place)["not a tag"] = "x"
    assert path_of(place) in paths(statement)


@given(st.sampled_from([case for case in PLACES if isinstance(case[1][-1], str)]))
def test_the_wrong_letter_case_of_a_name_is_refused(case):
    build, place = case
    if in_language_map(build, place):
        return  # language tags have no letter case
    statement = build()
    holder = at(statement, place[:-1])
    holder[place[-1].swapcase()] = holder.pop(place[-1])
    assert path_of(place[:-1]) in paths(statement)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.floats(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from([*a_full_statement(), *a_full_statement()["context"]])
                | st.text(),
                inner,
            )
        ),
        max_leaves=20,
    ),
    st.sampled_from(PLACES),
)
def test_no_json_makes_validate_raise(value, case):
    build, place = case
    assert isinstance(validate(value, Version.V1_0_3), list)
    statement = build()
    at(statement, place[:-1])[place[-1]] = value
    assert isinstance(validate(statement, Version.V2_0_0), list)
