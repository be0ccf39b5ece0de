"""Pages that would be too large to be held: they end before their limit."""

from __future__ import annotations

import itertools

import pytest

from lrs.retrieval import LARGEST_PAGE
from tests.builders import a_statement
from tests.conftest import Client
from tests.contract.answers import ask, post, walk

MIB = 1 << 20
ACTIVITY = "https://large.example/a"
EXTENSION = "https://large.example/x"


def define(client: Client, octets: int) -> str:
    """Let the LRS know a large definition; return the Statement's id."""
    definition = {"extensions": {EXTENSION: "x" * octets}}
    item = {"id": ACTIVITY, "definition": definition}
    (statement_id,) = post(client, a_statement(object=item)).json
    return str(statement_id)


@pytest.mark.parametrize("form", ["exact", "ids", "canonical"])
def test_large_statements_are_paged_through_and_each_comes_once(
    fresh: Client, form: str
) -> None:
    # More than one page of texts: what is left of them in ids would fit into one.
    large = {"extensions": {EXTENSION: "x" * (9 * MIB)}}
    ids = [post(fresh, a_statement(context=large)).json[0] for _ in range(5)]
    pages = walk(fresh, limit="50", format=form)
    assert [*itertools.chain.from_iterable(pages)] == ids[::-1]
    assert [len(part) for part in pages] == [3, 2]


def test_a_large_definition_does_not_multiply_the_page(fresh: Client) -> None:
    ids = [define(fresh, 4 * MIB)]
    ids += post(fresh, *(a_statement(activity=ACTIVITY) for _ in range(20))).json
    answer = ask(fresh, limit="50", format="canonical")
    assert 0 < len(answer.text) <= LARGEST_PAGE + MIB
    pages = walk(fresh, limit="50", format="canonical")
    assert [*itertools.chain.from_iterable(pages)] == ids[::-1]


def test_a_statement_that_names_it_over_and_over_keeps_its_own(fresh: Client) -> None:
    define(fresh, 4 * MIB)
    often = {"grouping": [{"id": ACTIVITY}] * 20}
    named = a_statement(context={"contextActivities": often})
    post(fresh, named)
    answer = ask(fresh, limit="1", format="canonical")
    assert answer.status_code == 200
    assert answer.json["statements"][0]["context"]["contextActivities"] == often
    assert len(answer.text) < MIB
