"""The Statements of the benchmarks: valid by our own rules, and what they promise."""

from __future__ import annotations

import itertools
import json
from collections import Counter

import pytest

from lrs.xapi import text
from lrs.xapi.keys import extract, ifi_key
from lrs.xapi.statement import validate
from lrs.xapi.versions import Version
from tests.bench.sources import Batch, FreshIds, Known
from tests.bench.statements import (
    BLOCK,
    VERB_IDS,
    Generated,
    Statements,
    activity_id,
    agent,
)


@pytest.fixture(scope="module")
def some() -> list[Generated]:
    return list(Statements().first(2 * BLOCK))


@pytest.mark.parametrize("version", list(Version))
def test_every_generated_statement_is_valid(
    some: list[Generated], version: Version
) -> None:
    for item in some:
        received, batch = text.split(item.text.encode())
        assert not batch
        assert validate(received[0].value, version) == []


def test_a_generated_statement_is_of_what_it_says(some: list[Generated]) -> None:
    for item in some:
        value = json.loads(item.text)
        keys = extract(value)
        assert value.get("id", "") == item.statement_id
        assert keys.agents == (ifi_key(agent(item.actor)),)
        assert keys.verb == VERB_IDS[item.verb]
        assert keys.activities == (activity_id(item.activity),)
        assert (keys.registration or "") == item.registration


def test_generated_statements_take_1200_bytes(some: list[Generated]) -> None:
    sizes = [len(item.text.encode()) for item in some]
    assert 1150 < sum(sizes) / len(sizes) < 1300


def test_a_quarter_has_the_spacing_of_pythons_json(some: list[Generated]) -> None:
    spaced = sum('", "' in item.text for item in some)
    assert 0.2 < spaced / len(some) < 0.3


def test_every_id_is_fresh(some: list[Generated]) -> None:
    ids = [item.statement_id for item in some if item.statement_id]
    assert len(set(ids)) == len(ids) > 0.8 * len(some)


def test_a_block_is_the_same_whoever_makes_it(some: list[Generated]) -> None:
    assert Statements().block(1) == some[BLOCK:]
    assert Statements(seed=5).block(1) != some[BLOCK:]


def test_a_batch_sent_again_differs_in_its_ids_only(some: list[Generated]) -> None:
    batch = Batch(some[:50], array=True)
    before = json.loads(bytes(batch.body))
    after = json.loads(bytes(batch.renew(FreshIds())))
    given = [item.pop("id", None) for item in before]
    fresh = [item.pop("id", None) for item in after]
    assert before == after
    assert all(
        (one is None) == (other is None)
        for one, other in zip(given, fresh, strict=True)
    )
    assert not {*given} & {*fresh} - {None}
    assert all(
        validate({**item, "id": one}, Version.V1_0_3) == []
        for item, one in zip(after, fresh, strict=True)
        if one
    )


def test_agents_and_verbs_that_are_asked_for_have_a_full_page() -> None:
    known = Known(Statements(), 100_000)
    hits = Counter((item.actor, item.verb) for item in Statements().first(100_000))
    assert len(known.pairs) > 20
    assert all(hits[pair] >= 50 for pair in known.pairs)


def test_no_text_is_sent_twice_within_the_fill() -> None:
    first = itertools.islice(Statements().first(3000), 3000)
    assert len({item.text for item in first}) == 3000
