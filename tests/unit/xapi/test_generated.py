"""The rules over generated Statements: all are valid, and one broken rule is found."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lrs.xapi import text
from lrs.xapi.equality import equal
from lrs.xapi.statement import validate
from lrs.xapi.versions import Version
from tests.mutations import MUTATIONS, fitting
from tests.repeats import bases
from tests.strategies import statements, written
from tests.strategies.profile import examples

styles = st.integers(0, 2**32)
BOTH = pytest.mark.parametrize("version", Version)


def read(statement: Any, style: int = 0) -> Any:
    """Return the value that the LRS reads of a Statement written so."""
    (received,), _ = text.split(written(statement, style).encode())
    return received.value


@BOTH
@examples(150)
@given(st.data(), styles)
def test_a_generated_statement_is_valid(
    version: Version, data: st.DataObject, style: int
) -> None:
    statement = data.draw(statements(version))
    assert validate(read(statement, style), version) == []


@BOTH
@examples(150)
@given(st.data())
def test_one_broken_rule_is_found_at_its_place(
    version: Version, data: st.DataObject
) -> None:
    statement = data.draw(statements(version))
    mutation, place = data.draw(st.sampled_from(list(fitting(statement, version))))
    broken, path = mutation.broken(statement, place)
    assert path in {found.path for found in validate(read(broken), version)}


@BOTH
def test_every_mutation_breaks_a_rule_wherever_it_fits(version: Version) -> None:
    used = set()
    for statement in bases(version):
        assert validate(read(statement), version) == []
        for mutation, place in fitting(statement, version):
            broken, path = mutation.broken(statement, place)
            found = [violation.path for violation in validate(read(broken), version)]
            assert path in found, (mutation.name, place.at)
            used.add(mutation.name)
    possible = {item.name for item in MUTATIONS if item.version in (None, version)}
    assert used == possible


@examples(100)
@given(st.sampled_from(Version).flatmap(statements), styles, styles)
def test_equality_is_reflexive_whatever_way_it_is_written(
    statement: Any, one: int, other: int
) -> None:
    first, second = read(statement, one), read(statement, other)
    assert equal(first, first)
    assert equal(first, second)
    exact = [text.exact(written(statement, style)) for style in (one, other)]
    assert equal(*exact)
    assert equal(*exact[::-1])


@examples(100)
@given(st.data())
def test_equality_is_symmetric(data: st.DataObject) -> None:
    version = data.draw(st.sampled_from(Version))
    one = data.draw(statements(version))
    other = copy.deepcopy(one)
    # Not two strangers, which would hardly ever have a property in common.
    another = data.draw(statements(version))
    for name in data.draw(st.sets(st.sampled_from(sorted({*one, *another})))):
        if name in another:
            other[name] = another[name]
        else:
            other.pop(name, None)
    if validate(read(other), version):
        return
    first, second = read(one), read(other)
    assert equal(first, second) is equal(second, first)
